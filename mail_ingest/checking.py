"""Trying a mailbox without reading its mail: for `mail check`, for the page, and when a new code was pasted."""

from __future__ import annotations

from core.db import db, end_read
from mail_ingest import mailboxes
from mail_ingest.imap_mailbox import check
from mail_ingest.mailbox import CheckResult, MailboxUnavailable


def check_all() -> list[tuple[str, CheckResult]]:
    """Tries every open mailbox in turn."""
    addresses = [row.address for row, _ in mailboxes.all_mailboxes(db.session())]
    end_read()
    return [(address, check_one(address)) for address in addresses]


def check_one(address: str) -> CheckResult:
    """Tries one mailbox with the code it has; never raises for its sake."""
    try:
        session = db.session()
        row, mailbox = mailboxes.find(session, address)
        settings = mailboxes.connection_settings(session, row, mailbox)
    except MailboxUnavailable as trouble:
        return CheckResult(False, trouble.code, trouble.message)
    finally:
        end_read()
    return check(settings)
