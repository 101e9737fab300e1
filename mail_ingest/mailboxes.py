"""The mailboxes of office.toml as rows: their pasted codes, how to connect, what the last polls said."""

from __future__ import annotations

import os
import random
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from config.environment import environment_secret
from config.office import MailboxSettings
from config.settings import Settings
from core import audit, vault
from core.clock import now
from core.errors import CannotStart, DomainError, NotFound
from mail_ingest.backoff import next_try
from mail_ingest.mailbox import ConnectionSettings, MailboxUnavailable
from mail_ingest.mailbox_trouble import NOT_SET_UP
from mail_ingest.models import MailboxState
from outbox.verbs import release_sender

_random = random.SystemRandom()


def seed_mailboxes(session: Session) -> None:
    """Makes a row for each mailbox of the settings; CannotStart if one that has mail is no longer written there."""
    known = {row.address: row for row in session.scalars(sa.select(MailboxState))}
    sections = {row.slug: row.id for row in session.scalars(sa.select(Section))}
    wanted = {each.address: each for each in office_mailboxes()}
    if gone := known.keys() - wanted.keys():
        raise CannotStart(
            f"office.toml 里少了邮箱：{'、'.join(sorted(gone))}。它收到过邮件，不能删除；如已停用，请写回来并加一行 closed = true。"
        )
    for address, each in wanted.items():
        row = known.get(address)
        if row is None:
            key = vault.new_data_key(session)
            row = MailboxState(address=address, data_key_id=key.id, intake_from=each.intake_from)
            session.add(row)
        row.section_id = sections[each.section]
        if each.intake_from is not None:
            row.intake_from = each.intake_from
    session.flush()


def office_mailboxes() -> tuple[MailboxSettings, ...]:
    """The mailboxes as the settings have them."""
    settings: Settings = current_app.extensions["settings"]
    return settings.office.mailboxes


def all_mailboxes(session: Session) -> list[tuple[MailboxState, MailboxSettings]]:
    """The open mailboxes in the order of the settings, each with its row."""
    rows = {row.address: row for row in session.scalars(sa.select(MailboxState))}
    return [
        (rows[each.address], each) for each in office_mailboxes() if not each.closed and each.address in rows
    ]


def find(session: Session, address: str) -> tuple[MailboxState, MailboxSettings]:
    """One mailbox by its address; NotFound if the settings do not have it."""
    for row, each in all_mailboxes(session):
        if row.address.lower() == address.lower():
            return row, each
    raise NotFound(f"office.toml 里没有邮箱 {address}。")


def first(session: Session) -> MailboxState:
    """The first open mailbox of the settings; NotFound if there is none."""
    for row, _ in all_mailboxes(session):
        return row
    raise NotFound("office.toml 里还没有邮箱。")


def connection_settings(session: Session, row: MailboxState, mailbox: MailboxSettings) -> ConnectionSettings:
    """How to reach it, its code included; MailboxUnavailable (not_set_up) while there is none."""
    settings: Settings = current_app.extensions["settings"]
    password = environment_secret(mailbox.password_env, os.environ) if mailbox.password_env else None
    if password is None:
        password = pasted_code(session, row.address)
    if not password:
        raise MailboxUnavailable("not_set_up", NOT_SET_UP)
    return ConnectionSettings(
        address=mailbox.address,
        username=mailbox.username,
        password=password,
        host=mailbox.host,
        port=mailbox.port,
        tls=mailbox.tls,
        ca_file=str(mailbox.ca_file) if mailbox.ca_file else None,
        deadline_seconds=float(settings.office.mail.poll_deadline_seconds),
    )


def set_code(session: Session, address: str, code: str, *, actor: Actor) -> None:
    """Keeps a newly pasted authorisation code, sealed; the mailbox is tried again at once."""
    code = "".join(code.split())
    if not code:
        raise DomainError("请粘贴授权码。")
    row, _ = find(session, address)
    key = vault.data_key(session, row.data_key_id)
    row.code_sealed = vault.seal(key, code, place=_place(row))
    row.code_changed_at = now()
    row.refused_logins = row.failures = 0
    row.next_try_at = None
    release_sender(session, row.address)  # the same code sends
    audit.record(session, "mailbox.code_changed", actor=actor.username, object_ref=f"mailbox/{address}")


def pasted_code(session: Session, address: str) -> str | None:
    """The code pasted for an address, for sending from it; None if there is none."""
    row = session.scalars(sa.select(MailboxState).where(MailboxState.address == address)).one_or_none()
    if row is None or row.code_sealed is None:
        return None
    return vault.unseal(vault.data_key(session, row.data_key_id), row.code_sealed, place=_place(row))


def takes_pasted_code(address: str) -> bool:
    """Whether the code pasted on the page is the one used: the environment's goes first."""
    for each in office_mailboxes():
        if each.address == address:
            return not (each.password_env and environment_secret(each.password_env, os.environ))
    return False


def note_success(row: MailboxState, *, waiting: int) -> None:
    """The mailbox was read to its end, or as far as one poll goes."""
    row.last_try_at = row.last_ok_at = now()
    row.last_code = row.last_message = ""
    row.failures = row.refused_logins = 0
    row.next_try_at = row.down_since = None
    row.waiting = waiting


def note_trouble(row: MailboxState, trouble: MailboxUnavailable) -> None:
    """The mailbox could not be read: kept for the page, and when it is tried again."""
    moment = now()
    row.last_try_at = moment
    row.last_code, row.last_message = trouble.code, trouble.message
    if trouble.code == "not_set_up":
        return
    row.failures += 1
    row.refused_logins += 1 if trouble.code == "login_refused" else 0
    row.down_since = row.down_since or moment
    row.next_try_at = next_try(
        row.failures,
        row.refused_logins,
        moment,
        _random,
        unsafe_login=trouble.code == "unsafe_login",
    )


def is_due(row: MailboxState, moment: datetime) -> bool:
    """Whether the scheduler may try it now."""
    return row.next_try_at is None or row.next_try_at <= moment


def _place(row: MailboxState) -> str:
    return f"mailbox|code|{row.address}"
