"""Reads office.toml into an Office and checks everything that can be checked without a database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from pathlib import Path

from config.network import is_host, is_loopback, is_mail_address
from config.office import (
    CampaignSettings,
    CampaignStageSettings,
    DeadlineSettings,
    DutySettings,
    MailboxSettings,
    MailSettings,
    Office,
    OutboxSettings,
    ReportSettings,
    SeasonSettings,
    SectionSettings,
    SecuritySettings,
    SmtpSettings,
)
from config.office_mail import MAIL_ADDRESS, MailReader
from config.problems import Problems, quoted
from config.toml_reader import Table, read_toml
from config.vocabulary import REPORT_KINDS, ROLES, STAGES

_LEAP_YEAR = 2024  # so that 02-29 is a day
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PREFIX = re.compile(r"[A-Z]{1,6}")
_PHONE = re.compile(r"[0-9+()（）/、转 -]{3,60}")
_AREA_CODE = re.compile(r"[0-9]{3,12}")
_CATEGORY = re.compile(r"[A-Z][0-9]{0,3}")


def read_office(path: Path, shown_as: str, environ: Mapping[str, str], problems: Problems) -> Office | None:
    """The office, or None when the file cannot be read; what is wrong in it is in `problems`."""
    file = read_toml(path, shown_as, problems)
    if file is None:
        return None
    office = file.table("office", required=True)
    name, short_name, area_code = _who(office) if office else ("", "", "")
    sections = _sections(file)
    mail_reader = MailReader(sections, environ)
    mailboxes = tuple(mail_reader.mailbox(table) for table in file.tables("mailboxes"))
    smtp_table = file.table("smtp")
    smtp = mail_reader.sender(smtp_table) if smtp_table else None
    result = Office(
        name=name,
        short_name=short_name,
        area_code=area_code,
        sections=sections,
        mailboxes=mailboxes,
        smtp=smtp,
        mail=_mail(file, mailboxes),
        outbox=_outbox(file, mailboxes, smtp),
        deadlines=_deadlines(file),
        campaigns=_campaigns(file),
        reports=_reports(file),
        security=_security(file),
        duty=_duty(file),
    )
    file.done()
    return result


def _who(table: Table) -> tuple[str, str, str]:
    name = table.text("name")
    short_name = table.text("short_name")
    area_code = table.text("area_code", default="", accepts=_matches(_AREA_CODE), wanted="电话区号，如 0595")
    table.done()
    return name, short_name, area_code


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _sections(file: Table) -> tuple[SectionSettings, ...]:
    tables = file.tables("sections", required=True)
    sections: list[SectionSettings] = []
    for table in tables:
        section = SectionSettings(
            slug=table.text("slug", accepts=_matches(_SLUG), wanted="小写字母开头的代号，如 zhongjiao"),
            name=table.text("name"),
            number_prefix=table.text(
                "number_prefix", accepts=_matches(_PREFIX), wanted="1 到 6 个大写字母，如 ZJ"
            ),
            phone=table.text("phone", default="", accepts=_matches(_PHONE), wanted="电话号码，如 23236764"),
            stages=table.choices("stages", STAGES),
            closed=table.flag("closed", default=False),
        )
        for key in ("slug", "name", "number_prefix"):
            value = getattr(section, key)
            if value and any(getattr(other, key) == value for other in sections):
                table.problem(key, f"{quoted(value)} 已被另一个股室使用，不能重复。")
        for stage in () if section.closed else section.stages:
            owner = next((other for other in sections if not other.closed and stage in other.stages), None)
            if owner:
                table.problem(
                    "stages",
                    f"里的 {stage}（{STAGES[stage]}）已归 {quoted(owner.name)}，一个学段只能归一个股室。",
                )
        table.done()
        sections.append(section)
    if sections and all(section.closed for section in sections):
        tables[0].problem("closed", "不能全是 true：所有股室都停用了，来件没有人办理。")
    return tuple(sections)


def _mail(file: Table, mailboxes: tuple[MailboxSettings, ...]) -> MailSettings:
    table = file.table("mail")
    if table is None:
        return MailSettings()
    usual = MailSettings()
    # Colleagues read the same mailboxes; a provider that sees us too often closes the door for them as well.
    local = all(is_loopback(mailbox.host) for mailbox in mailboxes if not mailbox.closed)
    settings = MailSettings(
        poll_seconds=table.whole(
            "poll_seconds",
            default=usual.poll_seconds,
            at_least=1 if local else 60,
            at_most=3600,
            why="" if local else "（收取太频繁会被邮箱服务商限制）",
        ),
        poll_deadline_seconds=table.whole(
            "poll_deadline_seconds",
            default=usual.poll_deadline_seconds,
            at_least=1 if local else 30,
            at_most=7200,
        ),
        heartbeat=table.flag("heartbeat", default=usual.heartbeat),
        work_senders=tuple(
            sender.lower()
            for sender in table.texts(
                "work_senders",
                default=(),
                accepts=_is_sender,
                wanted="邮箱地址，或 @ 开头的域名，如 @qzedu.cn",
            )
        ),
    )
    table.done()
    return settings


def _is_sender(text: str) -> bool:
    return is_host(text[1:]) if text.startswith("@") else is_mail_address(text)


def _outbox(file: Table, mailboxes: tuple[MailboxSettings, ...], smtp: SmtpSettings | None) -> OutboxSettings:
    table = file.table("outbox")
    if table is None:
        return OutboxSettings()
    usual = OutboxSettings()
    senders = [mailbox.smtp for mailbox in mailboxes if mailbox.smtp and not mailbox.closed] + (
        [smtp] if smtp else []
    )
    local = all(is_loopback(sender.host) for sender in senders)
    settings = OutboxSettings(
        seconds_between=table.whole(
            "seconds_between",
            default=usual.seconds_between,
            at_least=0 if local else 1,
            at_most=3600,
            why="" if local else "（发得太快会被当作垃圾邮件）",
        ),
        per_day=table.whole("per_day", default=usual.per_day, at_least=1, at_most=10_000),
        acknowledge=table.flag("acknowledge", default=usual.acknowledge),
        quiet_from=table.time_of_day("quiet_from"),
        quiet_to=table.time_of_day("quiet_to"),
    )
    if table.has("quiet_from") != table.has("quiet_to"):
        table.problem(
            "quiet_from" if table.has("quiet_from") else "quiet_to",
            "要成对填写：quiet_from 和 quiet_to 缺一不可。",
        )
    elif settings.quiet_from and settings.quiet_from == settings.quiet_to:
        table.problem("quiet_to", "与 quiet_from 相同，免打扰时段没有长度。")
    table.done()
    return settings


def _deadlines(file: Table) -> DeadlineSettings:
    table = file.table("deadlines")
    hours = file.tables("hours")
    day_ends, seasons = _hours([*hours, *(table.tables("hours") if table else [])])
    if table is None:
        return DeadlineSettings(day_ends=day_ends, seasons=seasons)
    usual = DeadlineSettings()

    def days(key: str, *, at_least: int = 1, at_most: int = 60, why: str = "") -> int:
        return table.whole(key, default=getattr(usual, key), at_least=at_least, at_most=at_most, why=why)

    settings = DeadlineSettings(
        accept=days("accept"),
        resolve=days("resolve"),
        resolve_consultation=days("resolve_consultation"),
        resolve_urgent=days("resolve_urgent"),
        sign_off=days("sign_off"),
        feedback=days("feedback"),
        call_back=days("call_back"),
        notice_natural=days("notice_natural", at_most=15, why="（法定期限，不能放宽）"),
        legal_natural=days("legal_natural", at_most=60, why="（法定期限，不能放宽）"),
        legal_extension_natural=days(
            "legal_extension_natural", at_least=0, at_most=30, why="（法定期限，不能放宽）"
        ),
        extension_max=days("extension_max", at_least=0),
        extension_head_max=days("extension_head_max", at_least=0),
        day_ends=day_ends,
        seasons=seasons,
    )
    if settings.extension_head_max > settings.extension_max:
        table.problem(
            "extension_head_max" if table.has("extension_head_max") else "extension_max",
            f"不对：股室负责人可批的延期（{settings.extension_head_max}）不能多于最长延期 extension_max（{settings.extension_max}）。",
        )
    table.done()
    return settings


def _hours(tables: list[Table]) -> tuple[time, tuple[SeasonSettings, ...]]:
    """The closing time of the whole year, and those of its seasons."""
    usual = DeadlineSettings().day_ends
    whole_year: time | None = None
    seasons: list[SeasonSettings] = []
    taken: set[date] = set()
    for table in tables:
        ends = table.time_of_day("day_ends") or usual
        first, last = _day_of_year(table, "from"), _day_of_year(table, "to")
        table.done()
        if not table.has("from") and not table.has("to"):
            if whole_year is not None:
                table.problem(None, "没有写 from 和 to 的（全年适用）只能有一个。")
            whole_year = ends
        elif not (table.has("from") and table.has("to")):
            table.problem(None, "里 from 和 to 要么都写，要么都不写。")
        elif first and last:
            days = _days_between(first, last)
            if taken & days:
                table.problem("from", "不对：这一段与前面的 [[hours]] 重叠，当天几点下班就说不清了。")
            taken |= days
            seasons.append(SeasonSettings(first=f"{first:%m-%d}", last=f"{last:%m-%d}", day_ends=ends))
    return whole_year or usual, tuple(seasons)


def _day_of_year(table: Table, key: str) -> date | None:
    """A day that comes every year, "05-01"; a whole date is taken for its month and day."""
    value = table.raw(key)
    if isinstance(value, str) and re.fullmatch(r"\d{2}-\d{2}", value.strip(), re.ASCII):
        try:
            return date.fromisoformat(f"{_LEAP_YEAR}-{value.strip()}")
        except ValueError:
            table.problem(key, f"没有 {quoted(value)} 这一天。")
            return None
    if isinstance(value, str):
        table.problem(key, f'应是 "05-01" 这样的月和日，现在是 {quoted(value)}。')
        return None
    day = table.day(key)
    return day.replace(year=_LEAP_YEAR) if day else None


def _days_between(first: date, last: date) -> set[date]:
    new_year, new_years_eve = date(_LEAP_YEAR, 1, 1), date(_LEAP_YEAR, 12, 31)
    if first > last:
        return _days_between(first, new_years_eve) | _days_between(new_year, last)
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def _campaigns(file: Table) -> tuple[CampaignSettings, ...]:
    campaigns: list[CampaignSettings] = []
    for table in file.tables("campaigns"):
        campaign = CampaignSettings(
            name=table.text("name"),
            year=table.whole("year", at_least=2000, at_most=2100),
            categories=table.texts(
                "categories", accepts=_matches(_CATEGORY), wanted="类别代码，如 A1，或整类 A"
            ),
            town_only=table.flag("town_only", default=False),
            stages=tuple(_campaign_stage(stage) for stage in table.tables("stages")),
        )
        if any((other.name, other.year) == (campaign.name, campaign.year) for other in campaigns):
            table.problem("name", f"{quoted(campaign.name)} {campaign.year} 年已写过一次。")
        table.done()
        campaigns.append(campaign)
    return tuple(campaigns)


def _campaign_stage(table: Table) -> CampaignStageSettings:
    name = table.text("name")
    first, last = table.day("from", required=True), table.day("to", required=True)
    if first and last and first > last:
        table.problem("to", f"（{last}）早于 from（{first}）。")
    table.done()
    return CampaignStageSettings(name=name, first_day=first or date.min, last_day=last or date.max)


def _reports(file: Table) -> ReportSettings:
    table = file.table("reports")
    if table is None:
        return ReportSettings()
    usual = ReportSettings()
    settings = ReportSettings(
        since=table.day("since"),
        kinds=table.choices("kinds", REPORT_KINDS, default=usual.kinds),
        period_ends=table.whole("period_ends", default=usual.period_ends, at_least=0, at_most=28),
        recipients=table.texts("recipients", default=(), accepts=is_mail_address, wanted=MAIL_ADDRESS),
        attach=table.flag("attach", default=usual.attach),
    )
    table.done()
    return settings


def _security(file: Table) -> SecuritySettings:
    table = file.table("security")
    if table is None:
        return SecuritySettings()
    usual = SecuritySettings()
    settings = SecuritySettings(
        totp_roles=table.choices("totp_roles", ROLES, default=usual.totp_roles),
        idle_minutes=table.whole("idle_minutes", default=usual.idle_minutes, at_least=1, at_most=480),
        session_hours=table.whole("session_hours", default=usual.session_hours, at_least=1, at_most=24),
        reveal_per_day=table.whole("reveal_per_day", default=usual.reveal_per_day, at_least=1, at_most=1000),
        allow_http=table.flag("allow_http", default=usual.allow_http),
        receipt_lookup=table.flag("receipt_lookup", default=usual.receipt_lookup),
        password_kinds=table.whole("password_kinds", default=usual.password_kinds, at_least=0, at_most=4),
        password_days=table.whole("password_days", default=usual.password_days, at_least=0, at_most=365),
    )
    table.done()
    return settings


def _duty(file: Table) -> DutySettings:
    table = file.table("duty")
    if table is None:
        return DutySettings()
    settings = DutySettings(
        phone=table.text("phone", default="", accepts=_matches(_PHONE), wanted="电话号码"),
        mail=table.text("mail", default="", accepts=is_mail_address, wanted=MAIL_ADDRESS),
    )
    table.done()
    return settings
