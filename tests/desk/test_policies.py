"""The policy entries: read by all, written by the head, every wording kept, offered on the phone, and noted when used."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.clock import FixedClock
from core.db import db, transaction
from tests.accounts.people import Browser
from tests.desk.office import Office, words_of
from tickets import policy_entries
from tickets.models import PolicyEntry, PolicyUse, PolicyVersion

QUESTION = "课后服务必须参加吗？"
NEW = {
    "question": "孩子中途退出能退费吗？",
    "answer": "能，按没有上的天数退，请向学校书面提出。",
    "source": "校课服〔2026〕1号第三条",
    "keywords": "退费, 中途退出；不上了",
    "category": "B4",
}


def version_id(app: Flask, question: str) -> int:
    with app.app_context():
        query = sa.select(PolicyVersion.id).where(PolicyVersion.question == question)
        return db.session().execute(query.order_by(PolicyVersion.id.desc()).limit(1)).scalar_one()


def written(wang: Browser, **changes: str) -> str:
    answer = wang.post("/policies/new", {**NEW, **changes})
    assert answer.status_code == 303, words_of(answer.text)
    return str(answer.location)


def test_a_new_office_begins_with_entries_that_nobody_has_checked_yet(chen: Browser) -> None:
    page = chen.text("/policies")

    assert QUESTION in page
    assert page.count("<article") >= 10
    assert page.count("还没有人核对过依据") == page.count("<article")


def test_what_the_office_has_changed_stays_when_the_program_is_updated(app: Flask, wang: Browser) -> None:
    wang.post("/policies/1/edit", {**NEW, "question": QUESTION, "version": "1"})
    with app.app_context(), transaction() as session:
        policy_entries.seed(session)

    with app.app_context():
        assert policy_entries.entry(db.session(), 1).wording.answer == NEW["answer"]
        assert db.session().execute(sa.select(sa.func.max(PolicyVersion.version))).scalar_one() == 2


def test_the_head_writes_one_and_everybody_reads_it(chen: Browser, wang: Browser) -> None:
    place = written(wang, checked="y")

    page = words_of(chen.text(place))
    assert all(NEW[name] in page for name in ("question", "answer", "source"))
    assert "王建国核对" in page
    assert chen.get(f"{place}/edit").status_code == 403
    assert "修改" not in page


@pytest.mark.parametrize("missing", ["question", "answer", "source"])
def test_without_a_source_nothing_is_said_in_the_bureaus_name(wang: Browser, missing: str) -> None:
    answer = wang.post("/policies/new", {**NEW, missing: "  "})

    assert answer.status_code == 422
    assert all(text in answer.text for name, text in NEW.items() if name not in {missing, "category"})


def test_every_wording_is_kept(chen: Browser, wang: Browser) -> None:
    place = written(wang)
    changed = wang.post(f"{place}/edit", {**NEW, "answer": "能，按月退。", "version": "1"})

    page = words_of(chen.text(place))
    assert changed.status_code == 303
    assert "能，按月退。" in page
    assert NEW["answer"] in page
    assert "第 2 版" in page


def test_who_was_slower_keeps_his_words_and_sees_the_other_ones(wang: Browser) -> None:
    place = written(wang)
    wang.post(f"{place}/edit", {**NEW, "answer": "先来的。", "version": "1"})
    late = wang.post(f"{place}/edit", {**NEW, "answer": "后来的。", "version": "1"})

    assert late.status_code == 409
    assert "先来的。" in late.text
    assert "后来的。" in late.text
    again = re.search(r'name="version"[^>]*value="(\d+)"', late.text)
    assert again
    assert again[1] == "2"


def test_an_entry_out_of_its_time_or_use_is_not_offered(
    app: Flask, office: Office, clock: FixedClock, wang: Browser
) -> None:
    place = written(wang, valid_until="2026-12-10")
    entry_id = int(place.rsplit("/", 1)[-1])

    def offered() -> bool:
        with app.app_context():
            found = policy_entries.fitting(db.session(), "不上了能退费吗")
            return entry_id in {each.id for each in found}

    assert offered()
    assert "有效期快到了" in wang.text(place)
    clock.moment += timedelta(days=18)
    assert not offered()
    assert "有效期已过" in office.signed_in("wang").text(place)
    clock.moment -= timedelta(days=18)
    wang = office.signed_in("wang")
    assert wang.post(f"{place}/withdraw", {"version": "1"}, form=place).status_code == 303
    assert not offered()
    assert wang.post(f"{place}/edit", {**NEW, "version": "2"}).status_code == 303
    assert offered()


def test_words_are_found_in_question_answer_source_and_keywords(chen: Browser) -> None:
    found = chen.text("/policies?q=泉发改〔2023〕148号")

    assert found.count("<article") == 1
    assert "没有找到" in chen.text("/policies?q=鲸鱼")


def test_the_phone_form_offers_the_answer_and_the_ticket_tells_which_wording_was_used(
    app: Flask, office: Office, chen: Browser
) -> None:
    asked = "家长问课后服务是不是必须参加，能不能不参加。"
    looked = chen.post("/tickets/new", {"matter": asked, "look": "1"})
    assert QUESTION in looked.text
    version = version_id(app, QUESTION)

    taken = chen.post("/tickets/new", {"matter": asked, "adopt_policy": str(version)})
    assert re.search(r'<option selected value="I1"', taken.text)
    fields = {
        "matter": asked,
        "category": "I1",
        "answer_now": "1",
        "answer": "不是必须，自愿。",
        "policy_used": str(version),
    }
    done = chen.post("/tickets/new", fields)

    assert done.status_code == 303
    page = words_of(chen.text(done.location))
    assert "已办结" in page
    assert "政策口径" in page
    assert f"{QUESTION} 第 1 版" in page
    with app.app_context():
        assert db.session().execute(sa.select(PolicyUse.used_by)).scalar_one() == "陈小燕"


def test_a_version_that_is_not_in_use_cannot_be_claimed(app: Flask, wang: Browser, chen: Browser) -> None:
    place = written(wang)
    old = version_id(app, NEW["question"])
    wang.post(f"{place}/edit", {**NEW, "version": "1"})
    fields = {
        "matter": "能退费吗",
        "category": "I1",
        "answer_now": "1",
        "answer": "能。",
        "policy_used": str(old),
    }

    assert chen.post("/tickets/new", fields).status_code == 303
    with app.app_context():
        assert db.session().execute(sa.select(sa.func.count()).select_from(PolicyUse)).scalar_one() == 0


def test_a_wording_can_neither_be_changed_nor_removed(app: Flask) -> None:
    for statement in ("UPDATE policy_version SET answer = 'x'", "DELETE FROM policy_version"):
        with (
            app.app_context(),
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            transaction() as session,
        ):
            session.execute(sa.text(statement))


def test_each_change_is_in_the_audit_log(office: Office, wang: Browser) -> None:
    place = written(wang)
    wang.post(f"{place}/withdraw", {"version": "1"}, form=place)

    assert [action for action in office.desk.actions() if action.startswith("policy.")][-2:] == [
        "policy.saved",
        "policy.withdrawn",
    ]
    with office.app.app_context():
        assert db.session().get_one(PolicyEntry, int(place.rsplit("/", 1)[-1])).withdrawn
