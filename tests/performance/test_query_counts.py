"""What a page costs the database: the number of its questions, whatever the number of tickets."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from core.db import transaction
from tests.accounts.people import Browser, Desk
from tests.accounts.test_sessions import queries

WARM_FRAME = 2  # who asks, and with which rights
WORKED_OUT = 13  # the frame's own figures, when they are not kept: two mailboxes, three questions each


@pytest.fixture(scope="module")
def chief(filled: Flask) -> Browser:
    return Desk(filled).signed_in("chief")


def asked(browser: Browser, path: str) -> int:
    """The questions of a page whose frame is kept."""
    browser.get(path)
    with queries(browser.app) as seen:
        answer = browser.get(path)
    assert answer.status_code == 200, answer.location
    return len(seen)


def test_a_frame_costs_two_questions_while_its_figures_are_kept(chief: Browser) -> None:
    assert asked(chief, "/tickets/new") - WARM_FRAME <= 3
    assert asked(chief, "/account") - WARM_FRAME <= 4


def test_the_first_page_after_a_change_works_the_figures_out(chief: Browser) -> None:
    path = "/tickets/new"
    kept = asked(chief, path)
    with chief.app.app_context(), transaction():
        pass

    with queries(chief.app) as seen:
        chief.get(path)

    assert kept < len(seen) <= kept + WORKED_OUT, seen


@pytest.mark.parametrize(
    "path",
    [
        "/tickets",
        "/tickets?view=all",
        "/tickets?view=all&after=400",
        "/tickets?view=all&status=closed&category=B1",
        "/tickets?view=all&school=%E5%B0%8F%E5%AD%A6",
        "/tickets?view=mine",
        "/tickets?view=overdue",
        "/tickets?view=all&q=%E8%AF%BE%E5%90%8E%E6%9C%8D%E5%8A%A1",
        "/tickets?view=all&q=%E9%B2%B8%E9%B1%BC",
    ],
)
def test_a_list_costs_six_questions(chief: Browser, path: str) -> None:
    assert asked(chief, path) <= WARM_FRAME + 4


def test_a_detail_page_costs_fifteen(chief: Browser) -> None:
    found = re.search(r"/tickets/([A-Z]{2}\d{8}-\d+)", chief.text("/tickets?view=all"))
    assert found

    assert asked(chief, f"/tickets/{found[1]}") <= WARM_FRAME + 13


def test_the_overdue_page_costs_six(chief: Browser) -> None:
    assert asked(chief, "/overdue") <= WARM_FRAME + 4


def test_what_one_has_changed_oneself_is_counted_on_the_next_page(filled: Flask) -> None:
    clerk = Desk(filled).signed_in("boss")
    before = _pending(clerk)

    answer = clerk.post(
        "/tickets/new",
        {"channel": "phone", "matter": "云岭二中课后服务收费太高，没有公示。", "anonymity": "confidential"},
    )

    assert answer.status_code == 303
    assert _pending(clerk) == before + 1


def _pending(browser: Browser) -> int:
    found = re.search(r"诉求件\s*<[^>]*>\s*(\d+)", browser.text("/tickets"))
    assert found, "the menu shows no number"
    return int(found[1])
