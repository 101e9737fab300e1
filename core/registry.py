"""What the features bring along: menu entries, banners, jobs, checks and seeds, collected when the app is made.

Nothing here knows a feature. `operations` runs the jobs and checks, the page frame shows menu and banners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A line of the menu; `visible` and `badge` are asked with the signed-in person."""

    label: str
    endpoint: str
    position: int
    visible: Callable[[Any], bool]
    badge: Callable[[Any], int] | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Banner:
    """A line above every page that somebody has to know of: level is info, warning or error."""

    level: str
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work the scheduler does by itself, in an application context, under the lease of its name.

    Either every `seconds` (asked when the schedule is made) or at `at` (hour, minute) of the office's day.
    """

    name: str
    run: Callable[[], object]
    seconds: Callable[[], int] | None = None
    at: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What `doctor` says of one thing; level is ok, warning or error, the message a Chinese sentence."""

    name: str
    level: str
    message: str

    @property
    def ok(self) -> bool:
        return self.level != "error"


@dataclass(frozen=True, kw_only=True)
class Accounted:
    """What became of everything of one kind that reached the office within a time; the parts add up to the total."""

    name: str
    total: int
    parts: tuple[tuple[str, int], ...]
    sentences: tuple[str, ...] = ()


@dataclass
class Registry:
    """Everything the features registered."""

    menu: list[MenuEntry] = field(default_factory=list)
    # Kept for a few seconds, see core.kept: they must depend on person, database and clock alone.
    banners: list[Callable[[Any], list[Banner]]] = field(default_factory=list)
    # What stands on an account's page for whoever looks after it: what would be left behind.
    about_accounts: list[Callable[[int, Any], Banner | None]] = field(default_factory=list)
    # Asked anew for every page: for what depends on the page itself; they must not ask the database.
    page_banners: list[Callable[[Any], list[Banner]]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    checks: list[Callable[[], list[CheckResult]]] = field(default_factory=list)
    seeds: list[Callable[[Session], None]] = field(default_factory=list)
    # By endpoint: keeps a form whose sender's session has ended; gives the address to come back to, None if it was not kept.
    keepers: dict[str, Callable[[int, MultiDict[str, str]], str | None]] = field(default_factory=dict)
    # Asked with the first moment and the one after the last, by when things were recorded.
    data_integrity: list[Callable[[Session, datetime, datetime], list[Accounted]]] = field(
        default_factory=list
    )


def registry(app: Flask | None = None) -> Registry:
    """The registry of an app; of the current one if none is given."""
    extensions = (app or current_app).extensions
    found: Registry = extensions.setdefault("registry", Registry())
    return found
