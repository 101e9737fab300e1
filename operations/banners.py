"""What the people at work have to know of the installation, above every page, in plain words."""

from __future__ import annotations

import time

from flask import current_app, request, url_for

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.registry import Banner, CheckResult
from operations import checks, doctor

# Everybody who works with cases is told of what endangers them; the rest is for who can do something about it.
_FOR_ALL = frozenset({"disk", "scheduler"})
_AT_WORK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)
# A page must not wait for a dozen looks at disk and database.
_KEPT_SECONDS = 60
_KEPT = "operations_findings"
_OWN_PAGE = "operations.system"


def banners(actor: Actor) -> list[Banner]:
    """Errors, and warnings that a person has to act on; admins see all, others what endangers their cases."""
    admin = actor.has(Role.ADMIN)
    if (not admin and not actor.has(*_AT_WORK)) or request.endpoint == _OWN_PAGE:
        return []
    url = url_for(_OWN_PAGE) if admin else ""
    return [
        Banner(level=finding.level, text=finding.message, url=url)
        for finding in findings()
        if _concerns(finding, actor, admin=admin)
    ]


def _concerns(finding: CheckResult, actor: Actor, *, admin: bool) -> bool:
    if finding.level == "ok":
        return False
    if admin:
        return finding.level == "error" or finding.name in {"backup", "calendar", "disk"}
    if finding.name == "audit":
        return finding.level == "error" and actor.has(Role.LEADER, Role.HEAD)
    return finding.level == "error" and finding.name in _FOR_ALL


def findings() -> list[CheckResult]:
    """What the installation's own checks say, asked at most once a minute in this process."""
    kept: tuple[float, list[CheckResult]] | None = current_app.extensions.get(_KEPT)
    if kept is None or time.monotonic() - kept[0] > _KEPT_SECONDS:
        kept = (time.monotonic(), doctor.examine_only(checks.ALL))
        current_app.extensions[_KEPT] = kept
    return kept[1]
