"""Finding again: hits are marked, filters are kept under a name of one's own, and one matter is linked into a group."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.db import db
from tests.accounts.people import Browser
from tests.desk.office import PHONE, Office, words_of
from tickets.models import RelatedGroup, SavedView
from tickets.search.marking import excerpt, pieces
from tickets.vocabulary import Secrecy

LONG = (
    "我要反映的是学校的事。" + "孩子回家说大家都在教室里写作业。" * 8 + "校车在路口等了二十分钟，没有老师。"
)


def hit_words(text: str, query: str) -> list[str]:
    return [piece.text for piece in pieces(text, query) if piece.hit]


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("课后服务收费，课后服务好", "课后服务", ["课后服务", "课后服务"]),
        ("课后，服务收费", "收费 服务", ["服务", "收费"]),
        ("ＡＰＰ打不开，app 也不行，happy", "App", ["ＡＰＰ", "app"]),
        ("没有", "食堂", []),
        ("什么都行", "！？", []),
        ("a.b*c", ".*", []),
    ],
)
def test_the_words_of_a_query_are_marked_where_they_stand(text: str, query: str, hits: list[str]) -> None:
    assert hit_words(text, query) == hits
    assert "".join(piece.text for piece in pieces(text, query)) == text


def test_of_a_long_text_the_part_with_the_hit_is_shown() -> None:
    shown = excerpt(LONG, "校车")

    assert "校车" in [piece.text for piece in shown if piece.hit]
    assert len("".join(piece.text for piece in shown)) <= 100
    assert excerpt(LONG, "食堂") == []


def test_the_list_marks_hits_in_the_title_or_shows_where_they_are(office: Office, wang: Browser) -> None:
    office.ticket("食堂的饭菜有<虫>子")
    office.ticket(LONG)

    assert "<mark>食堂</mark>的饭菜有&lt;虫&gt;子" in wang.text("/tickets?q=食堂")
    assert "<mark>校车</mark>" in wang.text("/tickets?q=校车")
    assert "<mark>" not in wang.text("/tickets")


def test_a_filter_is_kept_under_a_name_and_is_ones_own(office: Office, wang: Browser) -> None:
    office.ticket("食堂的饭菜有虫子")
    saved = wang.post(
        "/tickets/views", {"name": "食堂的", "query": "view=all&q=食堂&evil=1&after=3"}, form="/tickets/new"
    )

    assert saved.status_code == 303
    page = wang.text(saved.location)
    found = re.search(r'href="(/tickets\?[^"]+)" aria-current="page">食堂的<', page)
    assert found
    assert "evil" not in found[1]
    assert "after" not in found[1]
    assert (
        "食堂的"
        not in words_of(office.signed_in("li").text("/tickets")).split("主菜单")[-1].split("诉求件 ")[0]
    )
    assert "saved-views" not in office.signed_in("li").text("/tickets")


def test_the_same_name_takes_the_place_and_one_can_be_taken_away(office: Office, wang: Browser) -> None:
    for query in ("view=all&q=食堂", "view=all&q=校车"):
        wang.post("/tickets/views", {"name": "常看", "query": query}, form="/tickets/new")
    with office.app.app_context():
        (row,) = db.session().scalars(sa.select(SavedView)).all()
    li = office.signed_in("li")
    li.post("/tickets/views/end", {"saved": str(row.id)}, form="/tickets/new")
    assert "常看" in wang.text("/tickets")

    wang.post("/tickets/views/end", {"saved": str(row.id)}, form="/tickets/new")
    assert "常看" not in words_of(wang.text("/tickets")).replace("常看，", "")


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "", "query": "q=食堂"},
        {"name": "名", "query": ""},
        {"name": "名", "query": "&&&=;%zz"},
        {"name": "名", "query": "https://example.org/?q="},
    ],
)
def test_what_is_no_filter_is_not_kept(office: Office, wang: Browser, sent: dict[str, str]) -> None:
    assert wang.post("/tickets/views", sent, form="/tickets/new").status_code == 303
    with office.app.app_context():
        assert db.session().scalars(sa.select(SavedView)).all() == []


def test_complaints_of_one_matter_are_linked_and_seen_together(office: Office, wang: Browser) -> None:
    first = office.ticket("云岭一中课后服务另收材料费两百元，不交不让参加社团。")
    second = office.ticket("云岭一中课后服务又另收材料费，不交不让参加社团。")
    third = office.ticket("校门口的路灯坏了。")
    page = f"/tickets/{first}/related"

    assert second in wang.text(page)
    assert wang.post(page, {"other": second, "name": "云岭一中材料费"}).status_code == 303
    assert wang.post(f"/tickets/{third}/related", {"other": first.lower()}).status_code == 303

    shown = wang.text(page)
    group = re.search(r'href="(/groups/\d+)"', shown)
    assert group
    on_page = wang.text(group[1])
    assert all(number in on_page for number in (first, second, third))
    assert "云岭一中材料费" in on_page
    assert wang.post(f"/tickets/{third}/related/end", form=page).status_code == 303
    assert third not in wang.text(group[1])


def test_of_a_group_everybody_sees_what_he_may_see(office: Office, wang: Browser) -> None:
    open_case = office.ticket("云岭一中课后服务另收材料费两百元。")
    secret = office.ticket("云岭一中校长多拿课后服务补贴。", secrecy=Secrecy.RESTRICTED)
    elsewhere = office.ticket("云岭实小也收材料费。", section="chuyoujiao")
    wang.post(f"/tickets/{secret}/related", {"other": open_case, "name": "校长的事"})
    with office.app.app_context():
        group = db.session().scalars(sa.select(RelatedGroup)).one()

    page = office.signed_in("li").text(f"/groups/{group.id}")
    assert open_case in page
    assert secret not in page
    assert "校长" not in page
    assert "1 件" in page
    assert office.signed_in("xu").get(f"/groups/{group.id}").status_code == 404
    refused = wang.post(f"/tickets/{open_case}/related", {"other": elsewhere})
    assert refused.status_code == 422
    assert "没有找到这个编号" in refused.text


def test_a_groups_name_holds_no_number_of_anybody(office: Office, wang: Browser) -> None:
    first, second = office.ticket("甲事"), office.ticket("乙事")
    wang.post(f"/tickets/{first}/related", {"other": second, "name": f"找 {PHONE}"})

    with office.app.app_context():
        assert PHONE not in db.session().scalars(sa.select(RelatedGroup)).one().name


@pytest.mark.parametrize("other", ["", "没有这件", "ZJ20261123-9999", "x" * 500])
def test_a_wrong_number_is_refused_and_stays_in_the_field(office: Office, wang: Browser, other: str) -> None:
    number = office.ticket("甲事")
    answer = wang.post(f"/tickets/{number}/related", {"other": other, "name": "我起的名字"})

    assert answer.status_code == 422
    assert "我起的名字" in answer.text


def test_a_ticket_is_in_one_group_at_most(office: Office, wang: Browser) -> None:
    one, two, three, four = (office.ticket(f"第{place}件事") for place in "甲乙丙丁")
    wang.post(f"/tickets/{one}/related", {"other": two})
    wang.post(f"/tickets/{three}/related", {"other": four})
    refused = wang.post(f"/tickets/{one}/related", {"other": three})

    assert refused.status_code == 422
    assert "已分别在" in refused.text
    assert wang.post(f"/tickets/{one}/related", {"other": one}).status_code == 422


def test_each_link_is_in_the_audit_log(office: Office, wang: Browser) -> None:
    first, second = office.ticket("甲事"), office.ticket("乙事")
    wang.post(f"/tickets/{first}/related", {"other": second})
    wang.post(f"/tickets/{first}/related/end", form=f"/tickets/{first}/related")

    assert [each for each in office.desk.actions() if each.startswith(("ticket.link", "ticket.unlink"))] == [
        "ticket.linked",
        "ticket.linked",
        "ticket.unlinked",
    ]
