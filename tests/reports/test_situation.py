"""情况报告: drafted from a bulletin, checked and signed by others than its writer, numbered and frozen, its paper kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.db import db
from reports import freezing, periods
from reports.contents import BulletinKind
from reports.situation.contents import Letter, Source, Written, letter, strange_figures
from reports.situation.duties import Hands, may_check, may_sign
from reports.situation.models import SituationIssue
from reports.situation.numbering import word_of
from reports.situation.vocabulary import PaperKind, SituationState
from tests.accounts.people import Browser
from tests.accounts.people import Desk as People
from tests.desk.office import NAME, Office, in_office, words_of
from tests.reports.render.samples import FULL
from tests.support.app import clock_of, make_app

NOVEMBER = periods.parse(BulletinKind.MONTHLY, "2026-11")
PDF = b"%PDF-1.4 signed and sealed"


@dataclass
class Desk:
    """The office with its November bulletin, and the draft somebody has begun."""

    app: Flask
    office: Office
    bulletin: int
    page: str = ""

    def version(self, browser: Browser) -> str:
        text = browser.text(self.page)
        return text.split('name="version"')[1].split('value="')[1].split('"')[0]

    def does(self, who: Browser, act: str, **fields: object) -> str:
        """One form of the page; what it says afterwards."""
        given = (
            {"version": self.version(who), **fields} if 'name="version"' in who.text(self.page) else fields
        )
        answer = who.post(f"{self.page}/{act}", given, form=self.page)
        if answer.status_code == 303:
            return words_of(who.text(self.page))
        return words_of(answer.get_data(as_text=True))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Heads wang and xu, leader zhou, supervisor ji, handler li; the bulletin of November is frozen."""
    app = make_app(tmp_path / "data")
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("xu", Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("zhou", Role.LEADER, sections=("zhongjiao", "chuyoujiao"), name="周局")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    office = Office(app, people)
    office.ticket()
    clock_of(app).moment = in_office("2026-12-01T00:40")
    with app.app_context():
        bulletin = freezing.freeze(NOVEMBER).id
    clock_of(app).moment = in_office("2026-12-03T09:00")
    yield Desk(app, office, bulletin)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


TEXTS = {
    "kind": "report",
    "addressee": "县纪委监委",
    "copies": "驻局纪检监察组",
    "title": "安溪县教育局关于11月课后服务诉求办理情况的报告",
    "opening": "现将有关情况报告如下。",
    "shortcomings": "催办不够及时。",
    "next_steps": "一是逐件督促。\n二是开展专项检查。",
}


def drafted(desk: Desk, by: str = "wang") -> Browser:
    browser = desk.office.signed_in(by)
    answer = browser.post(f"/reports/{desk.bulletin}/situation", form=f"/reports/{desk.bulletin}")
    assert answer.status_code == 303
    desk.page = answer.location
    return browser


def ready_to_sign(desk: Desk, **texts: str) -> Browser:
    wang = drafted(desk)
    assert "已送核稿" in desk.does(wang, "submit", **{**TEXTS, **texts})
    xu = desk.office.signed_in("xu")
    assert "意见已记下" in desk.does(xu, "verdict", verdict="accept")
    return wang


def test_three_people_draft_check_and_sign_and_the_paper_comes_back(desk: Desk) -> None:
    wang = ready_to_sign(desk)
    zhou = desk.office.signed_in("zhou")
    page = desk.does(zhou, "signature", how="system", signed_on="2026-12-03")
    assert "安教〔2026〕1号" in page
    assert "签发人 周局" in page

    back = desk.does(wang, "scans", scan=(io.BytesIO(PDF), "盖章件.pdf"))
    assert "签字盖章件已归卷" in back
    assert wang.client.get(f"{desk.page}/scans/1").data == PDF
    said = {"recipient": "县纪委监委", "how": "paper", "at": "2026-12-03T08:50", "signed_by": "刘××"}
    assert "刘××签收" in desk.does(wang, "deliveries", **said)

    ji = desk.office.signed_in("ji")
    assert "安教〔2026〕1号" in words_of(ji.text("/reports"))
    assert ji.get(f"{desk.page}/file").status_code == 200
    assert "安溪县教育局文件" in words_of(ji.text(f"{desk.page}/paper"))
    for act in ("drafted", "submitted", "checked", "signed", "scanned", "delivered"):
        assert f"situation.{act}" in desk.office.desk.actions()


def test_its_figures_are_the_bulletin_s_and_it_names_it(desk: Desk) -> None:
    ready_to_sign(desk)
    zhou = desk.office.signed_in("zhou")
    desk.does(zhou, "signature", how="system", signed_on="2026-12-03")
    with desk.app.app_context():
        issue = db.session().scalars(sa.select(SituationIssue)).one()
        digest = desk.office.desk.audited()[-1][2]["file"]
        assert issue.sha256 == digest
    file = zhou.client.get(f"{desk.page}/file").data
    text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file)).paragraphs)
    assert "上期结转0件，本期新收1件" in text
    assert "数据取自数据专报ZB-2026-11（校验值" in text
    assert "附件6" in text
    assert "不加任何人工修改" not in text
    assert NAME not in text
    assert zhou.client.get(f"{desk.page}/file").data == file


def test_a_figure_the_bulletin_does_not_have_is_sent_back_to_its_writer(desk: Desk) -> None:
    wang = drafted(desk)
    page = desk.does(wang, "submit", **{**TEXTS, "shortcomings": "全月共收到 47 件，按期率 98.5%。"})
    assert "47件、98.5%" in page
    assert "全月共收到 47 件" in wang.client.post(
        f"{desk.page}/submit",
        data={
            **TEXTS,
            "csrf_token": wang.token(desk.page),
            "version": desk.version(wang),
            "shortcomings": "全月共收到 47 件。",
        },
    ).get_data(as_text=True), "what was typed is kept"
    assert "拟稿中" in words_of(wang.text(desk.page))


def test_a_text_that_could_name_somebody_does_not_leave(desk: Desk) -> None:
    wang = drafted(desk)
    page = desk.does(wang, "submit", **{**TEXTS, "next_steps": "与家长 13905951234 再联系。"})
    assert "可能暴露反映人" in page


def test_the_writer_neither_checks_nor_signs(desk: Desk) -> None:
    zhou = drafted(desk, by="zhou")
    desk.does(zhou, "submit", **TEXTS)
    answer = zhou.post(
        f"{desk.page}/verdict", {"version": desk_version(desk), "verdict": "accept"}, form="/account"
    )
    assert answer.status_code == 403
    wang = desk.office.signed_in("wang")
    desk.does(wang, "verdict", verdict="accept")
    answer = zhou.post(
        f"{desk.page}/signature",
        {"version": desk_version(desk), "how": "system", "signed_on": "2026-12-03"},
        form="/account",
    )
    assert answer.status_code == 403
    assert "请领导在纸上签发" in words_of(wang.text(desk.page))
    scan = (io.BytesIO(PDF), "签发.pdf")
    own = desk.does(wang, "signature", how="paper", signer="周局", signed_on="2026-12-03", scan=scan)
    assert "拟稿人不能签发自己拟的稿" in own


def desk_version(desk: Desk) -> str:
    from reports.situation.models import SituationReport

    with desk.app.app_context():
        return str(db.session().scalars(sa.select(SituationReport.version)).one())


def test_signing_on_paper_needs_the_scan_and_takes_the_number_of_the_office_s_own_register(
    desk: Desk,
) -> None:
    wang = ready_to_sign(desk)
    given = {"how": "paper", "signer": "林局长", "signed_on": "2026-12-02", "number": "安教[2026] 45号"}
    assert "要上传签过字的扫描件" in desk.does(wang, "signature", **given)
    page = desk.does(wang, "signature", **given, scan=(io.BytesIO(PDF), "签发.pdf"))
    assert "安教〔2026〕45号" in page
    assert "林局长（纸质，王建国补录）" in page
    assert "拟稿人补录" in page


@pytest.mark.parametrize("number", ["安教2026-45", "安教〔2026〕045号", "安教〔2025〕45号"])
def test_a_number_in_another_form_is_refused(desk: Desk, number: str) -> None:
    ready_to_sign(desk)
    zhou = desk.office.signed_in("zhou")
    page = desk.does(zhou, "signature", how="system", signed_on="2026-12-03", number=number)
    assert "文号" in page
    assert "待签发" in page


def test_what_was_signed_cannot_be_changed(desk: Desk) -> None:
    wang = ready_to_sign(desk)
    desk.does(desk.office.signed_in("zhou"), "signature", how="system", signed_on="2026-12-03")
    answer = wang.post(f"{desk.page}/edit", {**TEXTS, "version": desk_version(desk)}, form="/account")
    assert answer.status_code == 403
    with desk.app.app_context(), pytest.raises(sa.exc.IntegrityError, match="append-only"):
        db.session().execute(sa.text("UPDATE situation_issue SET number = 'x'"))
    with desk.app.app_context():
        db.session.rollback()


def test_a_corrected_bulletin_wants_a_new_draft(desk: Desk) -> None:
    ready_to_sign(desk)
    with desk.app.app_context():
        freezing.correct(desk.bulletin, "学校登记有误", actor=desk.office.actor("wang"))
    zhou = desk.office.signed_in("zhou")
    page = desk.does(zhou, "signature", how="system", signed_on="2026-12-03")
    assert "已有更正 ZB-2026-11-2" in page


def test_it_is_sent_back_with_what_is_to_be_changed_and_dropped_for_good(desk: Desk) -> None:
    wang = drafted(desk)
    desk.does(wang, "submit", **TEXTS)
    xu = desk.office.signed_in("xu")
    assert "要写明改什么" in desk.does(xu, "verdict", verdict="return")
    assert "请补原因" in desk.does(xu, "verdict", verdict="return", note="请补原因")
    assert desk.office.signed_in("ji").get(desk.page).status_code == 404
    assert "这份稿子已作废" in desk.does(wang, "dropped")


SOURCE = Source(number="ZB-2026-11", digest="0123456789abcdef")
WRITTEN = Written(
    kind=PaperKind.LETTER,
    addressee="县纪委监委",
    copies="",
    title="安溪县教育局关于课后服务情况的函",
    opening="现将情况函告如下。",
    shortcomings="",
    next_steps="",
)


def hands(state: SituationState, writers: set[int], checker: int | None, heads: int, leaders: int) -> Hands:
    return Hands(
        state=state,
        writers=frozenset(writers),
        checker=checker,
        heads=tuple((key, f"head{key}") for key in range(1, heads + 1)),
        leaders=tuple((key, f"leader{key}") for key in range(11, leaders + 11)),
    )


@pytest.mark.parametrize(
    ("found", "checks", "signs"),
    [
        (hands(SituationState.TO_CHECK, {1}, None, 2, 1), [2, 11], []),
        (hands(SituationState.TO_CHECK, {11}, None, 2, 1), [1, 2], []),
        (hands(SituationState.TO_SIGN, {1}, 2, 2, 1), [], [11]),
        (hands(SituationState.TO_SIGN, {1}, 11, 2, 1), [], []),
        (hands(SituationState.TO_SIGN, {1}, 11, 1, 1), [], [11]),
        (hands(SituationState.TO_SIGN, {1}, 11, 1, 2), [], [12]),
        (hands(SituationState.TO_SIGN, {11}, 1, 1, 1), [], []),
    ],
)
def test_who_may_check_and_who_may_sign(
    desk: Desk, found: Hands, checks: list[int], signs: list[int]
) -> None:
    def can(rule: object, key: int) -> bool:
        role = Role.LEADER if key > 10 else Role.HEAD
        actor = replace(desk.office.actor("wang"), id=key, roles=frozenset({role}))
        return bool(rule(actor, found))  # type: ignore[operator]  # one of the two rules below

    assert [key for key in (1, 2, 11, 12) if can(may_check, key)] == checks
    assert [key for key in (1, 2, 11, 12) if can(may_sign, key)] == signs


def test_a_figure_is_compared_with_its_unit_whatever_blanks_stand_between() -> None:
    strange = replace(WRITTEN, next_steps="共 31 件次，31件，214 件，99%，约谈 3 所学校，第 2 季度。")
    assert strange_figures(strange, FULL) == ("99%",)


def test_a_letter_has_no_signer_in_its_head_and_a_draft_no_number() -> None:
    from reports.render.letter import render_letter

    found: Letter = letter(FULL, WRITTEN, SOURCE)
    texts = [each.text for each in docx.Document(io.BytesIO(render_letter(found, FULL))).paragraphs]
    assert texts[0] == FULL.office
    assert texts[1] == "（送审稿，未编号）"
    assert render_letter(found, FULL) == render_letter(found, FULL)


@pytest.mark.parametrize(("office", "word"), [("安溪县教育局", "安教"), ("某市教育局", "某教")])
def test_what_the_numbers_begin_with(office: str, word: str) -> None:
    assert word_of(office) == word
