"""Bringing an installation to life and up to date: secrets, schema, seeds. Run again, it changes nothing."""

from __future__ import annotations

import json
import os
import secrets
import stat
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from accounts import verbs
from accounts.actor import SYSTEM
from accounts.models import Account, Section
from accounts.vocabulary import Role
from config.office import differences
from core import audit, state
from core.db import check_durable, db, end_read, transaction
from core.errors import CannotStart
from core.keys import load_keys, make_keys, save_keys, write_secret_file
from core.registry import registry
from mail_ingest.models import MailboxState

if TYPE_CHECKING:
    from config.settings import Settings

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_KEY_CHECK = "key_check"
_OFFICE_SEEN = "office_settings"


def initialise() -> None:
    """Makes what is missing: folders, secrets, the newest schema, the seeds.

    CannotStart if the key file is gone or another one than the database was filled with, if the database is newer than
    this program, or may forget what it has confirmed.
    """
    settings: Settings = current_app.extensions["settings"]
    prepare_folder()
    empty = database_revision() is None
    _provide_secrets(settings, empty=empty)
    check_schema_not_newer()
    upgrade(directory=str(MIGRATIONS))
    keep_private(settings)
    check_durable()
    with transaction() as session:
        _check_keys(session)
        _require_known(session, settings)
        for seed in registry().seeds:
            seed(session)
        _note_office_changes(session, settings)


def prepare_folder() -> None:
    """Makes the data folder, readable by its owner only."""
    settings: Settings = current_app.extensions["settings"]
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep_private(settings)


def keep_private(settings: Settings) -> None:
    """Takes data folder and database file away from everybody else on the machine, at every start.

    What belongs to another user of the system cannot be changed; `doctor` names it.
    """
    if os.name != "posix":
        return
    for path, mode in ((settings.data_dir, 0o700), *((each, 0o600) for each in database_files(settings))):
        with suppress(OSError):
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                path.chmod(mode)


def database_files(settings: Settings) -> list[Path]:
    """The files of an SQLite database as far as they are there; none on PostgreSQL."""
    name = sa.make_url(settings.database_url).database
    if not settings.database_url.startswith("sqlite") or not name:
        return []
    return [path for suffix in ("", "-wal", "-shm") if (path := Path(name + suffix)).exists()]


def check_ready() -> None:
    """Refuses to serve an installation that is not initialised, not up to date, or not the one of this key file."""
    if database_revision() != newest_revision():
        check_schema_not_newer()
        raise CannotStart("数据库还没有初始化或不是最新结构。请先运行：flask --app app init")
    keep_private(current_app.extensions["settings"])
    check_durable()
    known = state.get_fact(db.session(), _KEY_CHECK)
    end_read()
    if known != current_app.extensions["keys"].check_value():
        raise _wrong_keys()


def check_schema_not_newer() -> None:
    """Refuses a database that a newer version of the program has already upgraded."""
    revision = database_revision()
    if revision is not None and revision not in known_revisions():
        raise CannotStart(
            f"数据库由更新版本的程序升级过（结构版本 {revision}），本程序较旧，不能使用。请安装新版本，或恢复升级前的备份。"
        )


def database_revision() -> str | None:
    """The structure the database has; None if it is empty. CannotStart if there is no database to ask."""
    try:
        with db.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except sa.exc.DBAPIError as error:
        # Neither the address nor the driver's own words: they may hold the database's password or user.
        raise CannotStart(
            f"数据库打不开（{type(error.orig).__name__}）。请检查 DATABASE_URL 是否写对、数据库服务是否在运行、数据目录能否读写。"
        ) from None


def program_version() -> str:
    """The version in the program's own description."""
    with (MIGRATIONS.parent / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def newest_revision() -> str | None:
    """The structure this program works with."""
    return _scripts().get_current_head()


def known_revisions() -> frozenset[str]:
    """Every structure this program can upgrade from."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _provide_secrets(settings: Settings, *, empty: bool) -> None:
    if "keys" not in current_app.extensions:
        if not empty:
            raise CannotStart(
                f"数据库里已有数据，但找不到密钥文件 {settings.key_file}。请把封存的密钥副本放回原处；没有它，反映人信息无法读取。"
            )
        save_keys(make_keys(), settings.key_file)
        current_app.extensions["keys"] = load_keys(settings.key_file)
    if current_app.config["SECRET_KEY"] is None:
        path = settings.secret_key_file
        if not path.exists():
            write_secret_file(path, secrets.token_urlsafe(48) + "\n")
        current_app.config["SECRET_KEY"] = path.read_text(encoding="utf-8").strip()


def _check_keys(session: Session) -> None:
    value = current_app.extensions["keys"].check_value()
    known = state.get_fact(session, _KEY_CHECK)
    if known is None:
        state.set_fact(session, _KEY_CHECK, value)
        audit.record(session, "installation.created", actor="系统")
    elif known != value:
        raise _wrong_keys()


def _wrong_keys() -> CannotStart:
    return CannotStart("密钥文件不是这个数据库的那一份，系统不启动，以免数据混乱。请换回原来的密钥文件。")


def _require_known(session: Session, settings: Settings) -> None:
    """Before the seeds look: what rows refer to must still stand in office.toml."""
    settings.office.require_known(
        sections=session.scalars(sa.select(Section.slug)).all(),
        mailboxes=session.scalars(sa.select(MailboxState.address)).all(),
    )


def _note_office_changes(session: Session, settings: Settings) -> None:
    """Sections, mailboxes, deadlines live in office.toml alone; what was changed there is in the audit log."""
    now_set = settings.office.fingerprintable()
    text = json.dumps(now_set, ensure_ascii=False, sort_keys=True)
    seen = state.get_fact(session, _OFFICE_SEEN)
    if seen == text:
        return
    if seen is not None:
        changed = differences(json.loads(seen), now_set)
        audit.record(
            session,
            "installation.office_changed",
            actor="系统",
            before={key: before for key, (before, _) in changed.items()},
            after={key: after for key, (_, after) in changed.items()},
        )
    state.set_fact(session, _OFFICE_SEEN, text)


@dataclass(frozen=True, repr=False)
class FirstAdministrator:
    """The account of a new installation; its password is shown once and has to be changed."""

    username: str
    password: str


def first_administrator() -> FirstAdministrator | None:
    """Makes the first administrator where there is no account at all; None otherwise."""
    with transaction() as session:
        if session.execute(sa.select(Account.id).limit(1)).first():
            return None
        first = FirstAdministrator(username="admin", password=_one_time_password())
        verbs.create_account(
            session,
            SYSTEM,
            username=first.username,
            display_name="系统管理员",
            roles=[Role.ADMIN],
            password=first.password,
        )
    return first


def _one_time_password() -> str:
    # Four groups that can be read aloud and typed without mistaking a letter for a digit.
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
