"""Drafts: what was typed is not lost, is readable for its writer alone, and does not outlive its purpose."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.clock import FixedClock
from core.db import db
from core.vault import DataKey
from tests.accounts.people import PASSWORD, Browser
from tests.desk.office import NAME, PHONE, Office, words_of
from tickets import drafts
from tickets.models import Draft, Ticket

TYPED = {"matter": "课后服务另收材料费，没有收据", "caller_name": NAME, "caller_phone": PHONE, "urgent": "y"}


def kept(app: Flask) -> int:
    with app.app_context():
        return db.session().execute(sa.select(sa.func.count()).select_from(Draft)).scalar_one()


def autosaved(browser: Browser, **fields: str) -> str:
    answer = browser.post("/drafts", {**TYPED, **fields}, form="/tickets/new")
    assert answer.status_code == 200
    return str(answer.json["draft"]) if answer.json else ""


def test_what_is_typed_is_kept_sealed_and_comes_back(app: Flask, chen: Browser) -> None:
    draft = autosaved(chen)

    page = chen.text(f"/tickets/new?draft={draft}")
    assert all(text in page for text in (TYPED["matter"], NAME, PHONE))
    assert TYPED["matter"][:10] in chen.text("/drafts")
    with app.app_context():
        row = db.session().scalars(sa.select(Draft)).one()
        assert NAME.encode() not in row.sealed
        assert PHONE.encode() not in row.sealed


def test_the_button_does_the_same_without_a_script(chen: Browser) -> None:
    answer = chen.post("/tickets/new", {**TYPED, "keep_draft": "1"})

    assert answer.status_code == 303
    assert TYPED["matter"] in chen.text(answer.location)
    assert chen.post("/tickets/new", {"keep_draft": "1"}).status_code == 422


def test_saving_again_writes_over_the_same_draft(app: Flask, chen: Browser) -> None:
    draft = autosaved(chen)

    assert autosaved(chen, draft=draft, matter="改过的话") == draft
    assert kept(app) == 1
    assert "改过的话" in chen.text(f"/tickets/new?draft={draft}")


def test_an_empty_form_leaves_no_draft(app: Flask, chen: Browser) -> None:
    answer = chen.post("/drafts", {"channel": "phone", "matter": "  "}, form="/tickets/new")

    assert answer.json == {"draft": "", "words": ""}
    assert kept(app) == 0


def test_registering_removes_the_draft_and_its_key(app: Flask, chen: Browser) -> None:
    draft = autosaved(chen)
    with app.app_context():
        key = db.session().execute(sa.select(Draft.data_key_id)).scalar_one()

    assert chen.post("/tickets/new", {**TYPED, "draft": draft}).status_code == 303
    assert kept(app) == 0
    with app.app_context():
        assert db.session().get(DataKey, key) is None


def test_a_refused_form_keeps_its_draft(app: Flask, chen: Browser) -> None:
    draft = autosaved(chen)

    assert chen.post("/tickets/new", {**TYPED, "draft": draft, "matter": " "}).status_code == 422
    assert kept(app) == 1


@pytest.mark.parametrize("who", ["wang", "zhou", "li"])
def test_nobody_else_sees_changes_or_removes_it(app: Flask, office: Office, chen: Browser, who: str) -> None:
    draft = autosaved(chen)
    other = office.signed_in(who)

    assert "没有草稿" in other.text("/drafts")
    assert other.get(f"/tickets/new?draft={draft}").location == "/tickets/new"
    other.post("/drafts/discard", {"draft": draft}, form="/tickets/new")
    assert autosaved(other, draft=draft, matter="别人的话") != draft
    assert TYPED["matter"] in chen.text(f"/tickets/new?draft={draft}")


def test_a_form_sent_after_the_session_has_ended_waits_behind_the_login(
    app: Flask, office: Office, clock: FixedClock, chen: Browser
) -> None:
    token = chen.token("/tickets/new")
    clock.moment += timedelta(hours=11)

    sent = chen.client.post("/tickets/new", data={**TYPED, "csrf_token": token})
    assert sent.status_code == 303
    assert sent.location.startswith("/login?next=/tickets/new")
    login = chen.get(sent.location).get_data(as_text=True)
    assert "已存成草稿" in login
    assert NAME not in login + sent.location

    back = chen.sign_in("chen", PASSWORD, path=sent.location)
    page = chen.text(back.location)
    assert all(text in page for text in (TYPED["matter"], NAME, PHONE))
    with app.app_context():
        assert db.session().execute(sa.select(sa.func.count()).select_from(Ticket)).scalar_one() == 0


def test_another_sites_form_leaves_nothing_after_the_session(
    app: Flask, clock: FixedClock, chen: Browser
) -> None:
    chen.token("/tickets/new")
    clock.moment += timedelta(hours=11)

    answer = chen.client.post("/tickets/new", data={**TYPED, "csrf_token": "of another site"})

    assert answer.status_code == 303
    assert "draft" not in answer.location
    assert kept(app) == 0


def test_an_autosave_after_the_session_says_so_as_data(app: Flask, clock: FixedClock, chen: Browser) -> None:
    token = chen.token("/tickets/new")
    clock.moment += timedelta(hours=11)

    answer = chen.client.post(
        "/drafts", data={**TYPED, "csrf_token": token}, headers={"X-Requested-With": "XMLHttpRequest"}
    )

    assert answer.status_code == 401
    assert answer.json
    assert kept(app) == 0


def test_drafts_expire_with_their_keys(app: Flask, office: Office, clock: FixedClock, chen: Browser) -> None:
    draft = autosaved(chen)
    clock.moment += drafts.KEPT_FOR + timedelta(minutes=1)

    assert "没有草稿" in office.signed_in("chen").text("/drafts")
    with app.app_context():
        assert drafts.forget_old() == 1
    assert kept(app) == 0
    gone = office.signed_in("chen").get(f"/tickets/new?draft={draft}")
    assert gone.location == "/tickets/new"


def test_a_person_keeps_twenty_at_most(app: Flask, chen: Browser) -> None:
    for _ in range(drafts.AT_MOST):
        autosaved(chen)
    refused = chen.post("/drafts", TYPED, form="/tickets/new")

    assert refused.status_code == 422
    assert refused.json
    assert "最多" in refused.json["words"]
    assert kept(app) == drafts.AT_MOST


def test_one_can_be_thrown_away(app: Flask, chen: Browser) -> None:
    draft = autosaved(chen)
    chen.post("/drafts/discard", {"draft": draft}, form="/tickets/new")

    assert kept(app) == 0
    assert "没有草稿" in words_of(chen.text("/drafts"))
