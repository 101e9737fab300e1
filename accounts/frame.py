"""What the frame of every page shows: the person, the menu, the banners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, current_app, g, request, url_for

from accounts.access import access_table
from accounts.actor import Actor
from accounts.current import current_actor, current_sign_in
from core.kept import kept
from core.registry import Banner, MenuEntry, registry

if TYPE_CHECKING:
    from config.settings import Settings


def init_frame(app: Flask) -> None:
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    """The names that base.html knows; asked once a request, however many templates are rendered."""
    if "frame" not in g:
        g.frame = _frame()
    found: dict[str, Any] = g.frame
    return found


def _frame() -> dict[str, Any]:
    settings: Settings = current_app.extensions["settings"]
    actor, signed_in = current_actor(), current_sign_in()
    words: dict[str, Any] = {"office": settings.office, "demo": settings.demo}
    if signed_in is not None:
        words.update(me=signed_in.actor, logout_url=url_for("accounts.logout"))
    if actor is not None:
        words.update(menu=menu_for(actor), banners=banners_for(actor), account_url=url_for("accounts.mine"))
    return words


def menu_for(actor: Actor) -> list[dict[str, Any]]:
    """The lines this person may use; the one that fits the present address best is marked."""
    badges = _figures(actor).badges
    entries = [(entry, url_for(entry.endpoint, **dict[str, Any](entry.values))) for entry in _entries(actor)]
    here = max((url for _, url in entries if _leads_here(url)), key=len, default=None)
    return [
        {"label": entry.label, "url": url, "active": url == here, "badge": badges.get(entry.label, 0)}
        for entry, url in entries
    ]


def _leads_here(url: str) -> bool:
    parts = urlsplit(url)
    inside = request.path == parts.path or request.path.startswith(parts.path.rstrip("/") + "/")
    return inside and all(request.args.get(name) == value for name, value in parse_qsl(parts.query))


def banners_for(actor: Actor) -> list[Banner]:
    """What this person has to know of, the gravest first."""
    found = [*_figures(actor).banners, *_told_by(registry().page_banners, actor)]
    gravity = ["error", "warning", "info"]
    return sorted(found, key=lambda banner: gravity.index(banner.level))


@dataclass(frozen=True)
class _Figures:
    """What the frame has to ask the database for: the numbers beside the menu's lines, and the banners."""

    badges: dict[str, int]
    banners: tuple[Banner, ...]


def _figures(actor: Actor) -> _Figures:
    """A dozen questions, and every page wants the answers: they are kept for a few seconds, a person's own for the person."""
    return kept(("frame", actor), lambda: _worked_out(actor))


def _worked_out(actor: Actor) -> _Figures:
    return _Figures(
        badges={entry.label: entry.badge(actor) for entry in _entries(actor) if entry.badge},
        banners=tuple(_told_by(registry().banners, actor)),
    )


def _entries(actor: Actor) -> list[MenuEntry]:
    table = access_table()
    return [
        entry
        for entry in sorted(registry().menu, key=lambda entry: entry.position)
        if table[entry.endpoint].permits(actor) and entry.visible(actor)
    ]


def _told_by(sources: Iterable[Callable[[Actor], list[Banner]]], actor: Actor) -> list[Banner]:
    return [banner for source in sources for banner in source(actor)]
