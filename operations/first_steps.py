"""The first steps of a new installation: mailboxes, people, calendar, schools, backup; what is done, what is missing, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app, url_for
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account, AccountRole, AccountSection, Section
from accounts.vocabulary import Role
from core.db import db
from core.kept import kept
from core.registry import Banner
from mail_ingest import mailboxes
from mail_ingest.health import health_of
from operations import checks
from operations.backup import keeping
from tickets.models import School

if TYPE_CHECKING:
    from config.settings import Settings

PAGE = "operations.first_steps"
# Who has to be there before a section can take, handle and answer a case; a leader approves what a head may not.
NEEDED = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its name, whether it is done, what is there or missing, and where it is done."""

    key: str
    title: str
    done: bool
    words: str
    url: str = ""
    link: str = ""


def steps(session: Session) -> list[Step]:
    """All steps in the order they are best done."""
    return [
        _mailboxes(session),
        _people(session),
        _calendar(),
        _schools(session),
        _backup(session),
    ]


def left() -> int:
    """How many steps are not done; kept for a few seconds, because every page of the admin asks."""
    return kept("first_steps", lambda: sum(not step.done for step in steps(db.session())))


def banners(actor: Actor) -> list[Banner]:
    """Tells the admin of a new installation that something is missing."""
    if not actor.has(Role.ADMIN) or not (missing := left()):
        return []
    return [Banner(level="info", text=f"系统还没有配好，还差 {missing} 步。", url=url_for(PAGE))]


def _mailboxes(session: Session) -> Step:
    rows = [row for row, _ in mailboxes.all_mailboxes(session)]
    waiting = [row for row in rows if row.last_ok_at is None]
    if not rows:
        words = "office.toml 里还没有写邮箱。没有邮箱也能登记来电，但收不到来信。"
    elif waiting:
        words = "；".join(f"{row.address} {health_of(row).words}" for row in waiting) + "。请贴上授权码。"
    else:
        words = f"{len(rows)} 个邮箱都已经收过信。"
    return Step(
        key="mailboxes",
        title="接上邮箱",
        done=bool(rows) and not waiting,
        words=words,
        url=url_for("mail.index"),
        link="到邮件页",
    )


def _people(session: Session) -> Step:
    rows = session.execute(
        sa.select(Section.name, AccountRole.role)
        .join(AccountSection, AccountSection.section_id == Section.id)
        .join(Account, Account.id == AccountSection.account_id)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(Account.disabled_at.is_(None))
        .distinct()
    ).all()
    there: dict[str, set[Role]] = defaultdict(set)
    for row in rows:
        there[row.name].add(row.role)
    settings: Settings = current_app.extensions["settings"]
    missing = missing_people((section.name for section in settings.office.open_sections), there)
    return Step(
        key="people",
        title="建好账号",
        done=not missing,
        words="；".join(missing) + "。" if missing else "每个股室都有人接听、办理、审核，也有分管领导。",
        url=url_for("accounts.index"),
        link="到账号页",
    )


def missing_people(sections: Iterable[str], there: dict[str, set[Role]]) -> list[str]:
    """For each section the roles that nobody has. Pure."""
    found = []
    for section in sections:
        absent = [role.label for role in NEEDED if role not in there.get(section, ())]
        if absent:
            found.append(f"{section}还没有{'、'.join(absent)}")
    return found


def _calendar() -> Step:
    worst = checks.calendar()[0]
    return Step(
        key="calendar",
        title="核对放假安排",
        done=worst.ok,
        words=worst.message if worst.level != "warning" else f"今年的放假安排已经有了。{worst.message}",
        url=url_for("tickets.calendar"),
        link="到日历页",
    )


def _schools(session: Session) -> Step:
    count = session.execute(sa.select(sa.func.count()).select_from(School)).scalar_one()
    words = (
        f"名单里有 {count} 所学校。"
        if count
        else "还没有学校名单：不知道学校归哪个股室，系统就不能自己分件。请上传下面说的 CSV 文件。"
    )
    return Step(key="schools", title="导入学校名单", done=bool(count), words=words)


def _backup(session: Session) -> Step:
    settings: Settings = current_app.extensions["settings"]
    last = keeping.last_made(session)
    if settings.demo:
        done, words = True, "演练系统每次重新建立，不备份。"
    elif keeping.folder() is None:
        done, words = False, "还没有设置自动备份的文件夹（HOTLINE_BACKUP_DIR，最好在另一块硬盘或共享盘上）。"
    elif last is None or not last.ok:
        done, words = (
            False,
            f"还没有做成备份{f'：{last.message}' if last else '，系统会在一小时内自动做第一次'}。",
        )
    else:
        done, words = True, "自动备份正常。密钥文件请另外封存两份。"
    return Step(
        key="backup",
        title="备份",
        done=done,
        words=words,
        url=url_for("operations.system"),
        link="到系统状态页",
    )
