"""The office as its office.toml describes it: frozen values, already checked. Pages show them, nobody edits them there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from config.problems import SettingsError, quoted

JSON = None | bool | int | str | list["JSON"] | dict[str, "JSON"]


@dataclass(frozen=True, kw_only=True)
class SectionSettings:
    """A 股室. A closed one takes no new cases; its old ones stay."""

    slug: str
    name: str
    number_prefix: str
    phone: str
    stages: tuple[str, ...]
    closed: bool = False


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """A way to send. Without a password_env the code pasted on the page counts."""

    address: str  # what stands in From
    host: str
    port: int
    tls: bool
    ca_file: Path | None
    auth: bool
    username: str
    password_env: str | None = field(default=None, repr=False)  # people paste the code itself here


@dataclass(frozen=True, kw_only=True)
class MailboxSettings:
    """A mailbox that is read. `folders` None means: find out (INBOX and the junk folder); `intake_from` is in UTC."""

    address: str
    section: str
    host: str
    port: int
    tls: bool
    ca_file: Path | None
    username: str
    password_env: str | None = field(default=None, repr=False)
    folders: tuple[str, ...] | None = None
    intake_from: datetime | None = None
    closed: bool = False
    smtp: SmtpSettings | None = None


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    poll_seconds: int = 300
    poll_deadline_seconds: int = 600
    heartbeat: bool = True
    work_senders: tuple[str, ...] = ()  # addresses, or domains as "@example.gov.cn", in lower case


@dataclass(frozen=True, kw_only=True)
class OutboxSettings:
    seconds_between: int = 20
    per_day: int = 50
    acknowledge: bool = True
    quiet_from: time | None = None
    quiet_to: time | None = None


@dataclass(frozen=True, kw_only=True)
class SeasonSettings:
    """A part of every year with its own closing time; first and last day as "05-01", may span new year."""

    first: str
    last: str
    day_ends: time


@dataclass(frozen=True, kw_only=True)
class DeadlineSettings:
    """Working days, except those called natural. New numbers hold for tickets registered afterwards."""

    accept: int = 3
    resolve: int = 10
    resolve_consultation: int = 3
    resolve_urgent: int = 3
    sign_off: int = 1
    feedback: int = 7
    call_back: int = 3
    notice_natural: int = 15
    legal_natural: int = 60
    legal_extension_natural: int = 30
    extension_max: int = 10
    extension_head_max: int = 5
    day_ends: time = time(17, 30)
    seasons: tuple[SeasonSettings, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CampaignStageSettings:
    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class CampaignSettings:
    name: str
    year: int
    categories: tuple[str, ...]
    town_only: bool = False
    stages: tuple[CampaignStageSettings, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportSettings:
    """`since` None: from the month in which the database was made. `period_ends` 0: calendar months."""

    since: date | None = None
    kinds: tuple[str, ...] = ("monthly", "quarterly", "annual")
    period_ends: int = 0
    recipients: tuple[str, ...] = ()
    attach: bool = False


@dataclass(frozen=True, kw_only=True)
class SecuritySettings:
    totp_roles: tuple[str, ...] = ("admin", "supervisor")
    idle_minutes: int = 30
    session_hours: int = 10
    reveal_per_day: int = 30
    allow_http: bool = False
    receipt_lookup: bool = False
    # What assessors of 等级保护 may demand; both make passwords worse rather than better, so 0 is the rule.
    password_kinds: int = 0
    password_days: int = 0


@dataclass(frozen=True, kw_only=True)
class DutySettings:
    """Whom an alarm reaches at once; empty: nobody is set."""

    phone: str = ""
    mail: str = ""


@dataclass(frozen=True, kw_only=True)
class Office:
    name: str
    short_name: str
    area_code: str
    sections: tuple[SectionSettings, ...]
    mailboxes: tuple[MailboxSettings, ...] = ()
    smtp: SmtpSettings | None = None
    mail: MailSettings = MailSettings()
    outbox: OutboxSettings = OutboxSettings()
    deadlines: DeadlineSettings = DeadlineSettings()
    campaigns: tuple[CampaignSettings, ...] = ()
    reports: ReportSettings = ReportSettings()
    security: SecuritySettings = SecuritySettings()
    duty: DutySettings = DutySettings()

    def section(self, slug: str) -> SectionSettings:
        """The section of that slug; KeyError if there is none."""
        for section in self.sections:
            if section.slug == slug:
                return section
        raise KeyError(slug)

    def mailbox(self, address: str) -> MailboxSettings:
        """The mailbox of that address, in any case of letters; KeyError if there is none."""
        for mailbox in self.mailboxes:
            if mailbox.address == address.lower():
                return mailbox
        raise KeyError(address)

    @property
    def open_sections(self) -> tuple[SectionSettings, ...]:
        return tuple(section for section in self.sections if not section.closed)

    @property
    def open_mailboxes(self) -> tuple[MailboxSettings, ...]:
        return tuple(mailbox for mailbox in self.mailboxes if not mailbox.closed)

    def section_of_stage(self, stage: str) -> SectionSettings | None:
        """The open section that looks after a school stage."""
        return next((section for section in self.open_sections if stage in section.stages), None)

    def require_known(self, *, sections: Iterable[str], mailboxes: Iterable[str]) -> None:
        """Refuses to start when a section or mailbox that rows refer to was taken out of the file."""
        slugs = {section.slug for section in self.sections}
        addresses = {mailbox.address for mailbox in self.mailboxes}
        gone = [("[[sections]]", "股室", slug) for slug in sections if slug not in slugs]
        gone += [
            ("[[mailboxes]]", "邮箱", address) for address in mailboxes if address.lower() not in addresses
        ]
        if gone:
            raise SettingsError(
                f"{table} 里少了{word} {quoted(name)}，但已有诉求件或邮件属于它，不能删除。"
                "请把它写回来，不再使用时加一行 closed = true。"
                for table, word, name in gone
            )

    def fingerprintable(self) -> dict[str, JSON]:
        """All values without what could be a secret: to be kept, and compared at the next start."""
        plain = _plain(dataclasses.asdict(self))
        if not isinstance(plain, dict):
            raise TypeError("an office is a table")
        return plain


def _plain(value: object) -> JSON:
    if isinstance(value, dict):
        # Only whether a variable is named: what stands there by mistake must not get into the audit log for ever.
        return {key: bool(item) if key == "password_env" else _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (date, time)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def differences(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> dict[str, tuple[JSON, JSON]]:
    """What changed between two fingerprints: `mail.poll_seconds` → (300, 600), None for what was not there.

    Sections and mailboxes are compared by slug and address, so that a new order in the file is no change.
    """
    old, new = _flat("", dict(before)), _flat("", dict(after))
    return {
        key: (old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    }


_NAMED_BY = ("slug", "address", "name")


def _flat(prefix: str, value: JSON) -> dict[str, JSON]:
    if isinstance(value, dict):
        inner = [(f"{prefix}.{key}" if prefix else key, item) for key, item in value.items()]
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        inner = [(f"{prefix}[{_name_of(item, number)}]", item) for number, item in enumerate(value)]
    else:
        return {prefix: value}
    return {path: leaf for name, item in inner for path, leaf in _flat(name, item).items()}


def _name_of(item: JSON, number: int) -> str:
    named = [str(item[key]) for key in _NAMED_BY if key in item][:1] if isinstance(item, dict) else []
    if named and isinstance(item, dict) and "year" in item:
        named.append(str(item["year"]))
    return " ".join(named) or str(number)
