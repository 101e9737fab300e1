"""The bulletin's account of the mails: each once, the parts add up, no interruption is left out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.db import db
from core.registry import Accounted, registry
from mail_ingest import alarming, reconcile
from tests.accounts.people import Desk as People
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.desk import SMTP, Desk
from tests.mail_ingest.killing import ListMailbox, a_batch
from tests.mail_ingest.post import CODE, ZHONGJIAO, Box, a_mail, office_text, poll
from tests.support.app import clock_of, make_app
from tests.support.scripted_imap import ADDRESS, Fault, ScriptedImap
from tests.support.scripted_imap import CODE as SCRIPTED


def accounts(app: Flask, hours: int = 24 * 30) -> dict[str, Accounted]:
    with app.app_context():
        moment = clock_of(app).moment
        [ask] = registry(app).data_integrity
        found = ask(db.session(), moment - timedelta(hours=hours), moment + timedelta(seconds=1))
        db.session.remove()
    assert all(each.total == sum(count for _, count in each.parts) for each in found)
    return {each.name: each for each in found}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CODE_A", CODE)
    text = office_text(work='["@school.example"]').replace("[mail]", SMTP + "[mail]", 1)
    return Desk(make_app(tmp_path, office=text, CODE_A=CODE))


def test_every_mail_is_counted_once_with_what_became_of_it(desk: Desk) -> None:
    desk.arrives(a_mail("起点", message_id="<0@x.example>"))
    mails = a_batch("甲", answers=desk.our_letter())
    desk.arrives(*mails, mails[0])  # the last in equal bytes
    for _ in range(2):
        desk.arrives()  # the third try makes the unreadable one a ticket

    found = accounts(desk.app)

    assert dict(found["收到的来信"].parts) == {
        "登记成件": 6,
        "登记成件并待人工识别": 1,
        "续入已有件": 1,
        "相同来信并入原件": 1,
        "待甄别": 1,
    }
    assert found["收到的来信"].sentences == ("另有 1 次是同一封来信再次送达（内容完全相同），只算一封。",)
    assert found["邮箱里新见的邮件"].parts == (("已处理", len(desk.mails)),)


def test_another_time_counts_nothing_of_it(desk: Desk) -> None:
    desk.arrives(a_mail())
    clock_of(desk.app).moment += timedelta(days=40)
    assert {each.total for each in accounts(desk.app).values()} == {0}


def test_interruptions_are_said_whether_they_ended_or_not(make_office: MakeOffice) -> None:
    with ScriptedImap({1: a_mail()}, Fault.WRONG_CODE) as server:
        office = make_office(Box(ADDRESS, "zhongjiao", server.port), CODE_A=SCRIPTED)
        poll(office)
        clock_of(office).moment += timedelta(hours=62)
        assert accounts(office)["邮箱里新见的邮件"].sentences == (
            f"{ADDRESS} 自 11月23日 09:00 起收不到信，截至本期还没有恢复。",
        )
        server.fault = None
        poll(office)

    assert accounts(office)["邮箱里新见的邮件"].sentences == (
        f"{ADDRESS} 自 11月23日 09:00 起中断 62 小时，补收 1 封。",
    )


def test_a_dead_mailbox_is_told_to_the_duty_contact_once_and_the_banner_says_so(
    make_office: MakeOffice,
) -> None:
    with ScriptedImap({1: a_mail()}, Fault.WRONG_CODE) as server:
        office = make_office(Box(ADDRESS, "zhongjiao", server.port), CODE_A=SCRIPTED)
        path = Path(office.extensions["settings"].data_dir) / "office.toml"
        more = '[smtp]\nfrom = "duty@163.example"\nhost = "localhost"\nport = 2\ntls = false\n[duty]\nmail = "zhiban@163.example"\n'
        office = make_app(path.parent, office=path.read_text(encoding="utf-8") + more, CODE_A=SCRIPTED)
        people = People(office)
        people.account("wang", Role.HEAD)
        for _ in range(3):
            poll(office)
        with office.app_context():
            assert alarming.tell_duty() == 1
            assert alarming.tell_duty() == 0
            db.session.remove()

        page = people.signed_in("wang").text("/tickets")

    assert (
        f"中教股邮箱 {ADDRESS} 收不到信。自 11月23日 09:00 起的来信还没有进入系统（不是没有来信）。" in page
    )
    assert "期间请照常接听登记电话。已通知值班联系人（11月23日 09:00）。" in page


def test_a_mailbox_that_shows_thirty_days_only_is_noticed_at_night(desk: Desk) -> None:
    desk.arrives(*(a_mail(f"第 {n} 封", message_id=f"<{n}@x.example>") for n in range(4)))
    people = People(desk.app)
    people.account("wang", Role.HEAD)
    clock_of(desk.app).moment += timedelta(days=40)
    desk.arrives()

    def compare(*mails: bytes) -> str:
        with desk.app.app_context():
            reconcile.keep(reconcile.reconcile(lambda _: ListMailbox(mails)))
            db.session.remove()
        return people.signed_in("wang").text("/tickets")

    assert "只收最近 30 天" not in compare(*desk.mails)
    page = compare()
    assert f"中教股邮箱 {ZHONGJIAO}" in page
    assert "请在网页邮箱改为“收取全部邮件”" in page
