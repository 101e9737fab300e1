"""Attacks that work on a bare page do nothing on any page of ours, in a real browser: none runs, none fetches, none leads away."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, Response
from playwright.sync_api import BrowserContext, Page

from accounts.actor import SYSTEM
from accounts.models import Account, Section
from accounts.verbs import create_account
from accounts.vocabulary import Role
from core.db import db, transaction
from tests.access.world import OFFICE, PASSWORD
from tests.security.vectors import vectors
from tests.support.app import make_app
from tests.support.browser import chromium, serve
from tests.support.moments import MONDAY_MORNING
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.models import Ticket
from tickets.vocabulary import Channel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HIT = re.compile(r"/far/(\w+)")
MARK = "qzmark"
LIVE_AT_LEAST = 100


class Watch:
    """What the attacks achieved in a browser's context: calls of window.hit, requests for /far/…, pages left."""

    def __init__(self, context: BrowserContext) -> None:
        self.hits: set[str] = set()
        self.strange: list[str] = []
        context.expose_function("hit", lambda name: self.hits.add(str(name).strip("[]'")))
        context.on("request", lambda request: self._requested(request.url))

    def _requested(self, url: str) -> None:
        found = HIT.search(url)
        if found:
            self.hits.add(found[1])
        if not url.startswith(("http://127.0.0.1:", "data:", "about:", "blob:")):
            self.strange.append(url)


def named(vector: str, number: int) -> str:
    return vector.replace("HIT", f"v{number:03d}")


def control_app(attacks: list[str]) -> Flask:
    """Each attack on a page of its own that defends itself by nothing."""
    app = Flask("control")

    @app.get("/<int:number>")
    def one(number: int) -> str:
        return f"<!doctype html><body>{attacks[number]}"

    @app.get("/all/<int:first>")
    def some(first: int) -> str:
        frames = "".join(
            f'<iframe src="/{each}" width=40 height=40></iframe>'
            for each in range(first, min(first + 20, len(attacks)))
        )
        return f"<!doctype html><body>{frames}"

    @app.get("/far/<name>")
    def far(name: str) -> Response:
        return Response("x", mimetype="text/plain")

    return app


@contextmanager
def watched() -> Iterator[tuple[BrowserContext, Watch]]:
    with chromium() as browser:
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 720})
        yield context, Watch(context)
        context.close()


def live(attacks: list[str], context: BrowserContext, watch: Watch) -> set[str]:
    """Those that do what they are for; focus is given to each page by itself, so those are asked alone."""
    with serve(control_app(attacks)) as address:
        page = context.new_page()
        for first in range(0, len(attacks), 20):
            page.goto(f"{address}/all/{first}")
            page.wait_for_timeout(250)
        for number in range(len(attacks)):
            if f"v{number:03d}" not in watch.hits:
                page.goto(f"{address}/{number}", wait_until="commit")
                page.wait_for_timeout(60)
        page.close()
    return set(watch.hits)


def an_office(folder: Path, attacks: list[str]) -> tuple[Flask, str]:
    """An office in which every text that somebody can write is made of the attacks."""
    folder.mkdir()
    app = make_app(folder, office=OFFICE.replace('totp_roles = ["admin", "supervisor"]', "totp_roles = []"))
    everything = MARK + "\n" + "\n".join(attacks)
    with app.app_context(), transaction() as session:
        here = session.scalars(sa.select(Section).where(Section.slug == "zhongjiao")).all()
        for name, role in (("head", Role.HEAD), ("admin", Role.ADMIN), ("supervisor", Role.SUPERVISOR)):
            create_account(
                session,
                SYSTEM,
                username=name,
                display_name=f"{MARK}{attacks[36]}"[:50],
                roles=[role],
                sections=here if role is Role.HEAD else [],
                password=PASSWORD,
                must_change_password=False,
            )
        for first in range(0, len(attacks), 12):
            some = attacks[first : first + 12]
            register(
                session,
                NewTicket(
                    channel=Channel.PHONE,
                    received_at=MONDAY_MORNING,
                    matter=everything if first == 0 else "\n".join(some),
                    title=f"{MARK}{some[0]}{some[-1]}"[:80],
                    request="".join(some),
                    school_text=some[0][:100],
                    grade_text=some[-1][:100],
                    section="zhongjiao",
                    source_ref=some[0][:100],
                    people=(Person(name=some[0][:50], phone="13800004321", contact_note=some[-1]),),
                ),
            )
    with app.app_context():
        number = db.session().scalars(sa.select(Ticket.number).order_by(Ticket.id)).first()
    (folder / "attack.eml").write_bytes(an_attack_by_mail(attacks))
    done = app.test_cli_runner().invoke(
        args=["mail", "import", str(folder / "attack.eml"), "--received", "now"]
    )
    assert done.exit_code == 0, done.output
    return app, str(number)


def an_attack_by_mail(attacks: list[str]) -> bytes:
    mail = EmailMessage()
    mail["From"] = '"<script>window.hit(1)</script><img src=/far/from>" <attacker@example.com>'
    mail["To"] = "zjg23236764@163.com"
    mail["Subject"] = "".join(attacks[36:44]).replace("\n", " ").replace("\x0c", " ")
    mail.set_content(MARK + "\n".join(attacks))
    mail.add_alternative(f"<html><body>{MARK}{''.join(attacks)}</body></html>", subtype="html")
    mail.add_attachment(
        "".join(attacks).encode(),
        maintype="text",
        subtype="html",
        filename="<img src=x: onerror=window.hit(1)>.html",
    )
    return mail.as_bytes()


def sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def stays(page: Page, address: str) -> None:
    """Opened and left alone for a moment, the page is still the page."""
    page.goto(address)
    page.wait_for_timeout(80)
    assert page.url.split("#")[0] == address


def test_no_attack_that_lives_on_a_bare_page_does_anything_on_ours(tmp_path: Path) -> None:
    attacks = [named(vector, number) for number, vector in enumerate(vectors())]
    with watched() as (context, watch):
        alive = live(attacks, context, watch)
        assert len(alive) >= LIVE_AT_LEAST, sorted({f"v{n:03d}" for n in range(len(attacks))} - alive)
        watch.hits.clear()
        watch.strange.clear()
        app, number = an_office(
            tmp_path / "data", [each for n, each in enumerate(attacks) if f"v{n:03d}" in alive]
        )
        shown = 0
        with app.app_context():
            numbers = list(db.session().scalars(sa.select(Ticket.number)))
            accounts = list(db.session().scalars(sa.select(Account.id)))
            db.session.remove()
        with serve(app) as address:
            for person in ("head", "admin", "supervisor"):
                page = context.new_page()
                sign_in(page, address, person)
                paths = ["/", "/tickets?view=all", "/overdue", "/mail", "/outbox", "/reports", "/supervision", "/account",
                         "/admin/accounts", "/admin/accounts/changes", "/supervision/audit", "/mail/tray", "/mail/items/1",
                         "/supervision/statistics", *(f"/admin/accounts/{each}" for each in accounts),
                         f"/search?q={MARK}"]  # fmt: skip
                paths += [f"/tickets/{each}" for each in numbers] if person == "head" else []
                for path in paths:
                    page.goto(address + path)
                    page.wait_for_timeout(40)
                    assert page.url.startswith(address), path
                    assert "/far/" not in page.url, path
                    shown += MARK in page.content()
                if person == "head":
                    stays(page, f"{address}/tickets/{number}")
                    opened(page, address, number)
                context.clear_cookies()
                page.close()
        assert watch.hits == set()
        assert watch.strange == []
        assert shown >= 5
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    assert threading.active_count() < 50


def opened(page: Page, address: str, number: str) -> None:
    """The texts as they were said, the mail as it looked, and a form that comes back with what was typed."""
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    frames = (
        (f"/tickets/{number}/verbatim", {"reason": "handling"}),
        (
            f"/tickets/{number}/actions",
            {"action": "accept", "version": "99", "reason": ATTACK},
        ),
        ("/mail/items/1/html", {"reason": "handling"}),
        ("/tickets/new", {"matter": "", "school_text": ATTACK, "caller_name": ATTACK, "request": ATTACK}),
    )
    from tickets.opening_rules import OpeningReason

    reason = next(iter(OpeningReason)).value
    for path, fields in frames:
        if fields.get("reason") == "handling":
            fields["reason"] = reason
        page.goto(f"{address}/account")
        page.evaluate(
            """([path, fields]) => { const f = document.createElement('form'); f.method = 'post'; f.action = path;
            for (const [n, v] of Object.entries(fields)) { const i = document.createElement('input'); i.name = n; i.value = v;
            f.append(i); } document.body.append(f); f.submit(); }""",
            [path, {"csrf_token": token, **fields}],
        )
        page.wait_for_url(f"{address}{path}")
        page.wait_for_timeout(200)
        assert page.url == f"{address}{path}"
        if not path.endswith(("/actions", "/new")):
            assert MARK in page.content(), path


ATTACK = "\"><img src=x: onerror=window.hit('typed')><script>window.hit('typed')</script>"
