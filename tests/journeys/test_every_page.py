"""Every page of the route list: nothing a screen reader trips over, nothing wider than the window, all of it without scripts.

The list is the application's own, so a page that somebody adds is looked at from its first day. With HOTLINE_TEST_PICTURES=folder a
picture of every page is kept there, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from core.db import db, transaction
from tests.access.world import PASSWORD, copy_for, made_once
from tests.support.browser import DESK, PHONE, chromium, keep_picture, new_page, serve, sideways
from tests.support.moments import MONDAY_MORNING
from tickets import drafts
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.models import Order
from tickets.orders.words import DeliveryWay, OrderState
from tickets.vocabulary import Channel

pytestmark = pytest.mark.browser
# The first of them who gets an answer from a page is shown it.
ASKERS = ("head", "assigned", "leader", "supervisor", "admin", "")
# Answers to programs and to the frame of a mail, and pages that are only on the way.
NO_PAGES = frozenset({"healthz", "metrics"})
# What is sent as a file, leads on to another page, comes before one is signed in, or is not for people.
NOT_PAGES = (
    "static",
    ".home",
    ".code",
    ".link",
    ".search",
    ".attachment",
    ".file",
    "_file",
    ".scan",
    "_scan",
    ".picture",
    "_export",
    ".lookup",  # off until the office turns it on
    ".answer_paper",  # of an answer that was signed
    ".healthz",
    ".metrics_",
)
SUPERVISION = {
    "kind": "yellow",
    "received_by": "paper",
    "issuer": "县纪委监委",
    "paper_number": "×纪提〔2026〕5号",
    "issued_on": "2026-11-20",
    "due_on": "2026-12-16",
    "demand": "就该件办理情况作书面说明。",
    "section": "zhongjiao",
}
AT_LEAST = 50
TEXTS = (
    "云岭二中课后服务收费太高，没有公示，问了老师也说不清楚。",
    "云岭二中课后服务另收材料费一百元，不交不让参加社团。",
    "老师在课后服务时间上新课，不参加的学生跟不上，家长群里有人问过，没有得到答复。" * 4,
)


@dataclass(frozen=True)
class Shown:
    """A page and who is shown it."""

    endpoint: str
    address: str
    asker: str


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The office of the access table, with enough in it for its lists to be lists."""
    app = copy_for(tmp_path_factory.mktemp("every-page"))
    with app.app_context():
        for text in TEXTS:
            with transaction() as session:
                new = NewTicket(
                    channel=Channel.PHONE,
                    received_at=MONDAY_MORNING,
                    matter=text,
                    section="zhongjiao",
                    people=(Person(name="苏婉清", phone="13905951234", wants_callback=True),),
                )
                register(session, new)
        with transaction() as session:
            _issue(session)
            for account_id in range(1, 8):
                drafts.save(session, account_id, {"matter": TEXTS[0], "channel": "phone"})
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _issue(session: Session) -> None:
    """The order of the office, sent and signed for: its papers can be printed."""
    order = session.get_one(Order, made_once().things["own"]["order_id"])
    order.state, order.number, order.issued_by = OrderState.SIGNED, "安教交〔2026〕1号", "head"
    order.issued_at = order.delivered_at = order.signed_at = MONDAY_MORNING
    order.delivery_way, order.delivered_by, order.delivered_to = DeliveryWay.IN_PERSON, "assigned", "王老师"
    order.signed_by, order.signed_title = "王老师", "校长"


def supervision_order(app: Flask) -> str:
    """The number of one, made as a person makes it: the table's things do not lead to it."""
    made = signed_in(app, "head").post("/supervision/orders/new", data=SUPERVISION, buffered=True)
    assert made.status_code == 303, made.text
    return unquote(made.location.rsplit("/", 1)[-1])


def address_of(app: Flask, rule: Rule, supervision_number: str) -> str:
    things = made_once().things["own"]
    values = {name: things[name] for name in rule.arguments}
    if rule.rule.startswith("/supervision/orders/") and "number" in values:
        values["number"] = supervision_number
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def signed_in(app: Flask, asker: str) -> FlaskClient:
    client = app.test_client()
    if asker:
        assert client.post("/login", data={"username": asker, "password": PASSWORD}).status_code == 303
    return client


def is_page(client: FlaskClient, address: str) -> bool:
    """A sheet that was frozen is shown in a sandbox of its own, which no examiner can enter: it is a file."""
    answer = client.get(address, buffered=True)
    frozen = "sandbox" in answer.headers.get("Content-Security-Policy", "")
    return answer.status_code == 200 and answer.mimetype == "text/html" and not frozen


def pages(app: Flask) -> list[Shown]:
    """Each rule that answers with a page, once, as the first who may see it."""
    if "pages" in app.extensions:
        return list(app.extensions["pages"])
    clients = {asker: signed_in(app, asker) for asker in ASKERS}
    supervision_number, found = supervision_order(app), []
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.endpoint):
        if "GET" not in (rule.methods or set()) or rule.endpoint.split(".")[-1] in NO_PAGES:
            continue
        address = address_of(app, rule, supervision_number)
        asker = next((each for each in ASKERS if is_page(clients[each], address)), None)
        if asker is not None:
            found.append(Shown(rule.endpoint, address, asker))
    app.extensions["pages"] = found
    return list(found)


def sign_in(page: Page, address: str, asker: str) -> None:
    page.context.clear_cookies()
    if asker:
        page.goto(f"{address}/login")
        page.fill("[name=username]", asker)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_load_state()


def test_the_list_of_pages_is_the_applications_own(app: Flask) -> None:
    shown = {each.endpoint for each in pages(app)}

    assert len(shown) >= AT_LEAST
    assert shown >= {"tickets.new", "tickets.show", "tickets.policies", "reports.show", "mail.index"}
    unseen = {rule.endpoint for rule in _with_get(app)} - shown
    assert {each for each in unseen if not each.endswith(NOT_PAGES)} == set()


def _with_get(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set()))


@pytest.mark.parametrize("asker", ASKERS)
def test_no_page_has_a_serious_fault_or_is_wider_than_its_window(
    chrome: Browser, app: Flask, asker: str
) -> None:
    page = new_page(chrome)
    wrong: list[str] = []
    with serve(app) as address:
        sign_in(page, address, asker)
        for shown in (each for each in pages(app) if each.asker == asker):
            page.goto(f"{address}{shown.address}")
            found = Axe().run(page).response["violations"]
            wrong += [
                f"{shown.endpoint}: {rule['id']} {rule['nodes'][0]['html'][:120]}"
                for rule in found
                if rule["impact"] in ("serious", "critical")
            ]
            for width, height in (DESK, PHONE):
                page.set_viewport_size({"width": width, "height": height})
                if sideways(page):
                    wrong.append(f"{shown.endpoint}: wider than {width}")
                if folder := os.environ.get("HOTLINE_TEST_PICTURES"):
                    keep_picture(page, Path(folder), f"{shown.endpoint}-{width}")
            page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize("asker", ASKERS)
def test_every_page_says_what_it_has_to_say_without_scripts(chrome: Browser, app: Flask, asker: str) -> None:
    page = new_page(chrome, javascript=False)
    wrong: list[str] = []
    with serve(app) as address:
        sign_in(page, address, asker)
        for shown in (each for each in pages(app) if each.asker == asker):
            answer = page.goto(f"{address}{shown.address}")
            assert answer
            heading = page.locator("h1")
            if answer.status != 200 or not heading.count() or not heading.first.is_visible():
                wrong.append(f"{shown.endpoint}: {answer.status}")
            # A button that only a script shows is a convenience: printing, copying. Every form has one of its own.
            forms = page.locator("form[method=post]").all()
            bare = [each for each in forms if not each.locator("button:not([hidden])").count()]
            wrong += [f"{shown.endpoint}: a form without a button"] * len(bare)
            if sideways(page):
                wrong.append(f"{shown.endpoint}: wider than its window")
    page.context.close()
    assert wrong == []
