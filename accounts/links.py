"""The single-use link with which a person sets a password; handed over by a head or an admin, known to nobody else.

Nothing is stored for it: it is bound to the unusable hash that the reset left behind, so it dies when the password is
set, when another reset is made, and after a day.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts import passwords
from accounts.models import Account
from core.keys import keys_in_use

GOOD_FOR = timedelta(days=1)
_SEAL_BYTES = 18


def good_until(account: Account) -> datetime | None:
    """Until when the account's link opens it; None if there is none."""
    if (
        not passwords.is_unusable(account.password_hash)
        or account.disabled_at
        or account.password_changed_at is None
    ):
        return None
    return account.password_changed_at + GOOD_FOR


def link_code(account: Account) -> str:
    """The secret part of the link."""
    return f"{account.id}-{_seal(account)}"


def account_behind(session: Session, code: str, at: datetime, *, for_change: bool = False) -> Account | None:
    """The account a link opens at this moment, or None."""
    number, _, seal = code.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        return None
    question = sa.select(Account).where(Account.id == int(number))
    account = session.scalars(question.with_for_update() if for_change else question).one_or_none()
    if account is None or not hmac.compare_digest(_seal(account).encode(), seal.encode()):
        return None
    until = good_until(account)
    return account if until is not None and at < until else None


def _seal(account: Account) -> str:
    bound_to = f"password link|{account.id}|{account.password_hash}"
    digest = hmac.new(keys_in_use().index, bound_to.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_SEAL_BYTES]).decode()
