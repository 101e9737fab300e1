"""The addresses that send: how each is reached, its password, its pace."""

from __future__ import annotations

import os
from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy.orm import Session

from config.environment import environment_secret
from config.network import is_loopback
from config.office import SmtpSettings
from config.settings import Settings
from outbox.pace import ACKNOWLEDGEMENTS_AN_HOUR, STAFF_A_DAY_THROUGH_A_MAILBOX, Pace
from outbox.transport import Connection

PasswordSource = Callable[[Session, str], str | None]
_SOURCES = "outbox_passwords"


class NotSetUp(Exception):
    """This address cannot send yet; the text tells a person what to set up. Its mails wait."""


def register_password_source(app: Flask, source: PasswordSource) -> None:
    """Adds somebody who may know an address's password: asked with a session and the address, None if not."""
    app.extensions.setdefault(_SOURCES, []).append(source)


def settings_in_use() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def smtp_of(address: str) -> SmtpSettings | None:
    """What office.toml says of sending from an address, or None."""
    office = settings_in_use().office
    own = next((each.smtp for each in office.mailboxes if each.address == address.lower()), None)
    if own is not None:
        return own
    return office.smtp if office.smtp is not None and office.smtp.address == address.lower() else None


def configured_senders() -> list[SmtpSettings]:
    """Every way to send that office.toml has."""
    office = settings_in_use().office
    found = [each.smtp for each in office.open_mailboxes if each.smtp is not None]
    return found + ([office.smtp] if office.smtp is not None else [])


def connection_of(session: Session, address: str) -> Connection:
    """How to send from an address, its password included; NotSetUp while something is missing."""
    smtp = smtp_of(address)
    if smtp is None:
        raise NotSetUp(
            f"office.toml 里还没有写 {address} 怎么发信：请在这个邮箱下面加 [mailboxes.smtp]（host、port）。"
        )
    if settings_in_use().demo and not is_loopback(smtp.host):
        raise NotSetUp("这是演练，不向外发信；信都留在发件箱里。")
    password = _password(session, smtp) if smtp.auth else None
    if smtp.auth and not password:
        raise NotSetUp(f"还没有填写 {address} 的授权码。填好以后，等着的信会自动发出。")
    return Connection(
        address=smtp.address,
        name=_display_name(smtp.address),
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        ca_file=str(smtp.ca_file) if smtp.ca_file else None,
        username=smtp.username,
        password=password,
    )


def pace_of(address: str) -> Pace:
    """The pace of an address. Through a mailbox that answers the public only a few notices a day go to staff."""
    office = settings_in_use().office
    is_mailbox = any(each.address == address.lower() for each in office.mailboxes)
    return Pace(
        seconds_between=office.outbox.seconds_between,
        per_day=office.outbox.per_day,
        staff_per_day=STAFF_A_DAY_THROUGH_A_MAILBOX if is_mailbox else None,
        acknowledgements_per_hour=max(ACKNOWLEDGEMENTS_AN_HOUR, office.outbox.per_day),
        quiet_from=office.outbox.quiet_from,
        quiet_to=office.outbox.quiet_to,
    )


def all_on_loopback() -> bool:
    """Whether every way to send ends on this computer."""
    return all(is_loopback(each.host) for each in configured_senders())


def _password(session: Session, smtp: SmtpSettings) -> str | None:
    if smtp.password_env and (found := environment_secret(smtp.password_env, os.environ)):
        return found
    sources: list[PasswordSource] = current_app.extensions.get(_SOURCES, [])
    return next((found for source in sources if (found := source(session, smtp.address))), None)


def _display_name(address: str) -> str:
    office = settings_in_use().office
    for mailbox in office.mailboxes:
        if mailbox.address == address:
            return office.name + office.section(mailbox.section).name
    return office.name
