"""What `doctor` asks of the installation itself; mail, sending and the rest bring their own checks."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app

from core import audit, leases, state
from core.audit import AuditEntry
from core.clock import OFFICE_ZONE, SystemClock, now, office_day
from core.db import check_durable, db
from core.errors import CannotStart
from core.registry import CheckResult
from operations import alive, installation, schedule
from operations.backup import keeping
from tickets.models import CalendarYear

if TYPE_CHECKING:
    from config.settings import Settings

MB = 1024 * 1024
DISK_ERROR, DISK_WARNING = 500 * MB, 2048 * MB
DRIFT_ALLOWED = timedelta(seconds=60)
BACK_IN_TIME = timedelta(minutes=5)
BACKUP_ERROR, BACKUP_WARNING = timedelta(hours=25), timedelta(hours=3)
CHECKED_WARNING = timedelta(days=3)
AUDIT_WARNING = timedelta(days=3)
NOVEMBER = 11
_HOURS = 3600


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _ok(name: str, message: str) -> CheckResult:
    return CheckResult(name=name, level="ok", message=message)


def _warning(name: str, message: str) -> CheckResult:
    return CheckResult(name=name, level="warning", message=message)


def _error(name: str, message: str) -> CheckResult:
    return CheckResult(name=name, level="error", message=message)


def database() -> list[CheckResult]:
    try:
        check_durable()
    except CannotStart as unsafe:
        return [_error("database", unsafe.message)]
    engine = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[db.engine.dialect.name]
    return [_ok("database", f"{engine}，断电不丢数据的设置有效。")]


def schema() -> list[CheckResult]:
    present, wanted = installation.database_revision(), installation.newest_revision()
    if present == wanted:
        return [_ok("schema", f"数据库结构是最新的（{present}）。")]
    if present is None or present in installation.known_revisions():
        return [_error("schema", "数据库结构不是最新的。请运行：flask --app app init")]
    return [_error("schema", "数据库由更新版本的程序升级过，请安装新版本的程序。")]


def keys() -> list[CheckResult]:
    """Who may read the secrets, and whether they belong to this database."""
    found = [
        _error("keys", f"{path} 其他用户也能读。请执行：chmod 600 {path}")
        for path in (settings().key_file, settings().secret_key_file)
        if _open_to_others(path)
    ]
    modes = [
        ("700", settings().data_dir),
        *(("600", path) for path in installation.database_files(settings())),
    ]
    commands = "；".join(f"chmod {mode} {path}" for mode, path in modes if _open_to_others(path))
    if commands:
        found.append(_warning("keys", f"数据目录或数据库文件其他用户也能看。请执行：{commands}"))
    known = state.get_fact(db.session(), "key_check")
    if current_app.extensions["keys"].check_value() != known:
        found.append(_error("keys", "密钥文件不是这个数据库的那一份，请换回原来的密钥文件。"))
    return found or [_ok("keys", "密钥文件只有本系统能读，与数据库相符。请确认已另外封存两份。")]


def _open_to_others(path: Path) -> bool:
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def disk() -> list[CheckResult]:
    """Room for what is still to come, where the data and the backups lie."""
    places = {"disk": settings().data_dir}
    target = keeping.folder()
    if target is not None and target.exists():
        places["disk backup"] = target
    return [_room(name, path) for name, path in places.items()]


def _room(name: str, path: Path) -> CheckResult:
    free = shutil.disk_usage(path).free
    words = f"{path} 所在的盘还剩 {free / MB / 1024:.1f} GB"
    if free < DISK_ERROR:
        return _error(name, f"{words}，快满了：满了以后来信收不进来。请马上清理或换大盘。")
    if free < DISK_WARNING:
        return _warning(name, f"{words}，请尽快清理。")
    return _ok(name, f"{words}。")


def clock() -> list[CheckResult]:
    """The time of the database, of this computer, and of what was recorded last must agree."""
    session = db.session()
    drift = abs(leases.database_now(session) - SystemClock().now())
    if drift > DRIFT_ALLOWED:
        return [
            _error(
                "clock", f"本机时间与数据库时间相差 {int(drift.total_seconds())} 秒。请校准两台机器的时间。"
            )
        ]
    last = session.execute(
        sa.select(AuditEntry.recorded_at).order_by(AuditEntry.seq.desc()).limit(1)
    ).scalar_one_or_none()
    if last is not None and last - now() > BACK_IN_TIME:
        return [
            _error(
                "clock",
                f"本机时间比最近一条记录（{_moment(last)}）还早，时限会算错。请校准本机时间。",
            )
        ]
    return [_ok("clock", "时间一致。")]


def calendar() -> list[CheckResult]:
    """From 1 November the coming year's days off have to be there: deadlines already reach into it."""
    today = office_day(now())
    present = set(db.session().scalars(sa.select(CalendarYear.year)))
    if today.year not in present:
        return [_error("calendar", f"没有 {today.year} 年的放假安排，时限按推算。请在日历页导入放假通知。")]
    if today.month >= NOVEMBER and today.year + 1 not in present:
        return [
            _warning(
                "calendar",
                f"还没有 {today.year + 1} 年的放假安排，跨年的时限暂按推算。国务院办公厅的通知公布后请导入。",
            )
        ]
    return [_ok("calendar", f"放假安排到 {max(present)} 年。")]


def backup() -> list[CheckResult]:
    target = keeping.folder()
    if target is None and settings().demo:
        return [_ok("backup", "演练系统每次重新建立，不备份。")]
    if target is None:
        return [
            _warning(
                "backup",
                "没有设置自动备份：硬盘坏了，所有诉求件都会丢。请设环境变量 HOTLINE_BACKUP_DIR，指到另一块盘。",
            )
        ]
    session, moment = db.session(), now()
    made = keeping.last_made(session)
    if made is None:
        return [_warning("backup", "还没有做过备份，系统启动后一小时内会自动做。")]
    if not made.ok:
        return [_error("backup", f"最近一次备份没有成功（{_moment(made.at)}）：{made.message}")]
    age = moment - made.at
    words = f"最近一次备份在 {_moment(made.at)}"
    if age > BACKUP_WARNING:
        answer = _error if age > BACKUP_ERROR else _warning
        return [
            answer(
                "backup", f"{words}，已过 {int(age.total_seconds() // _HOURS)} 小时。请看备份盘是否还连着。"
            )
        ]
    return [_checked_backup(words, moment), *_same_disk(target)]


def _checked_backup(words: str, moment: datetime) -> CheckResult:
    checked = keeping.last_checked(db.session())
    if checked is not None and not checked.ok:
        return _error("backup", f"备份 {checked.file} 检查没有通过：{checked.message}")
    if checked is not None and moment - checked.at > CHECKED_WARNING:
        return _warning("backup", f"{words}；已有几天没有检查过备份能否打开。")
    return _ok("backup", f"{words}。")


def _same_disk(target: Path) -> list[CheckResult]:
    if not target.exists() or target.stat().st_dev != settings().data_dir.stat().st_dev:
        return []
    return [
        _warning(
            "backup place", "备份和数据在同一块盘上，盘坏了会一起丢。请把 HOTLINE_BACKUP_DIR 指到另一块盘。"
        )
    ]


def audit_log() -> list[CheckResult]:
    """The end of the chain now, and the last thorough proof."""
    tail = audit.verify_tail(db.session())
    if tail:
        return [_error("audit", f"审计记录有问题：{tail}。请不要自行处理，马上报告分管领导。")]
    noted = state.get_fact(db.session(), audit.LAST_VERIFIED)
    if noted is None:
        return [_ok("audit", "审计记录末端相符；系统每夜全部核对一次。")]
    last = json.loads(noted)
    at = datetime.fromisoformat(last["at"])
    if not last["ok"]:
        return [
            _error("audit", f"{_moment(at)} 核对审计记录发现问题：{last['message']}。请马上报告分管领导。")
        ]
    if now() - at > AUDIT_WARNING:
        return [_warning("audit", f"审计记录自 {_moment(at)} 起没有全部核对过。")]
    return [_ok("audit", f"{_moment(at)} 全部核对：{last['message']}。")]


def scheduler() -> list[CheckResult]:
    session = db.session()
    silent = alive.silent_for(session)
    if silent is None:
        return [_warning("scheduler", "后台任务还没有运行过。请启动系统：python app.py")]
    if silent > alive.SILENT_AFTER:
        return [
            _error(
                "scheduler",
                f"后台任务已停 {_lasting(silent)}：邮件没有在收，提醒没有在发。请重新启动系统。",
            )
        ]
    troubled = schedule.troubled_jobs(session)
    if troubled:
        words = "、".join(f"{name}（{_moment(at)}）" for name, at in sorted(troubled.items()))
        return [_warning("scheduler", f"后台任务在运行，但这几项上次出错，会自动重试：{words}。")]
    return [_ok("scheduler", "后台任务在运行。")]


def duty() -> list[CheckResult]:
    if not settings().office.duty.phone:
        return [
            _warning(
                "duty",
                "没有设置值班手机：紧急件和系统故障没有人能马上知道。请在 office.toml 的 [duty] 里填写。",
            )
        ]
    return [_ok("duty", "已设置值班手机。")]


def configuration() -> list[CheckResult]:
    found = [_error("settings", sentence) for sentence in settings().warnings() if not _is_test(sentence)]
    found += [_warning("settings", sentence) for sentence in settings().warnings() if _is_test(sentence)]
    return found or [_ok("settings", "配置没有问题。")]


def _is_test(sentence: str) -> bool:
    return settings().test_hooks and "HOTLINE_TEST_HOOKS" in sentence


ALL = (database, schema, keys, disk, clock, calendar, backup, audit_log, scheduler, duty, configuration)


def _moment(moment: datetime) -> str:
    local = moment.astimezone(OFFICE_ZONE)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _lasting(duration: timedelta) -> str:
    minutes = max(1, int(duration.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 2880 else f"{minutes // 1440} 天"
