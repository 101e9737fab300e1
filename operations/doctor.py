"""`doctor`: everything that can be wrong with an installation, each in one sentence that says what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from core import failpoints
from core.db import end_read
from core.registry import CheckResult, registry

log = logging.getLogger(__name__)
_GRAVITY = ("error", "warning", "ok")


def examine() -> list[CheckResult]:
    """Asks every check; one that breaks is itself a finding."""
    return examine_only(registry().checks)


def examine_only(checks: Iterable[Callable[[], list[CheckResult]]]) -> list[CheckResult]:
    """Asks some checks; reads in the caller's read transaction and leaves it open."""
    return [result for check in checks for result in _asked(check)]


def _asked(check: Callable[[], list[CheckResult]]) -> list[CheckResult]:
    name = getattr(check, "__name__", "check").strip("_")
    try:
        return check()
    except sa.exc.SQLAlchemyError:
        log.exception("the check %s could not ask the database", name)
        end_read()
        return [CheckResult(name=name, level="error", message="数据库没有回答，这一项没有查成。")]
    except Exception:
        log.exception("the check %s failed", name)
        return [CheckResult(name=name, level="error", message="这一项没有查成，原因在系统日志里。")]


def by_gravity(checks: Iterable[CheckResult]) -> list[CheckResult]:
    """What is wrong first."""
    return sorted(checks, key=lambda check: _GRAVITY.index(check.level))


def as_json(checks: list[CheckResult]) -> dict[str, Any]:
    return {
        "ok": all(check.ok for check in checks),
        "checks": [
            {"name": check.name, "ok": check.ok, "level": check.level, "message": check.message}
            for check in checks
        ],
        "failpoints": failpoints.declared(),
    }
