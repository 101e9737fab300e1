"""What the frame of every page shows: the person, the menu, the banners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, current_app, g, request, url_for

from accounts.access import access_table
from accounts.actor import Actor
from accounts.current import current_actor, current_sign_in
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
    table = access_table()
    entries = [
        (entry, url_for(entry.endpoint, **dict[str, Any](entry.values)))
        for entry in sorted(registry().menu, key=lambda entry: entry.position)
        if table[entry.endpoint].permits(actor) and entry.visible(actor)
    ]
    here = max((url for _, url in entries if _leads_here(url)), key=len, default=None)
    return [
        {"label": entry.label, "url": url, "active": url == here, "badge": _badge(entry, actor)}
        for entry, url in entries
    ]


def _leads_here(url: str) -> bool:
    parts = urlsplit(url)
    inside = request.path == parts.path or request.path.startswith(parts.path.rstrip("/") + "/")
    return inside and all(request.args.get(name) == value for name, value in parse_qsl(parts.query))


def _badge(entry: MenuEntry, actor: Actor) -> int:
    return entry.badge(actor) if entry.badge else 0


def banners_for(actor: Actor) -> list[Banner]:
    """What this person has to know of, the gravest first."""
    found = [banner for source in registry().banners for banner in source(actor)]
    gravity = ["error", "warning", "info"]
    return sorted(found, key=lambda banner: gravity.index(banner.level))
