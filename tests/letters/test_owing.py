"""Every duty to inform is a row: fulfilled by mail, telephone, letter or in person; undone by a bounce."""

from __future__ import annotations

import io
import re
import zipfile
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from core.blobs import blob_store
from core.db import db, end_read, transaction
from core.errors import DomainError
from outbox.vocabulary import OutboxKind
from tests.letters.place import DONE, PARENT, Place
from tickets.deadlines.rules import DeadlineKind
from tickets.identity import Person
from tickets.letters.owing import NoticeLine, lines
from tickets.letters.sending import came_back, carry_out
from tickets.messages import NewAttachment
from tickets.models import Ticket
from tickets.vocabulary import Action, LetterKind, NoticeState, Status, ToldBy

CALLER = Person(name="林晓", phone="13905951234", wants_callback=True)
BY_POST = Person(name="吴平", address="凤城镇某路 1 号")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def notices(place: Place, number: str) -> list[NoticeLine]:
    with place.app.app_context():
        ticket = db.session().scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        found = [line for line in lines(db.session(), ticket) if line.id]
        end_read()
        return found


def test_a_mail_that_left_fulfils_its_notice(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    (waiting,) = notices(place, number)
    assert (waiting.what, waiting.state) == ("受理告知", NoticeState.ON_ITS_WAY)

    place.send()

    (told,) = notices(place, number)
    assert (told.state, told.how, told.text_used) == (NoticeState.TOLD, ToldBy.MAIL, "accepted/0")


@pytest.mark.parametrize("how", [ToldBy.PHONE, ToldBy.LETTER, ToldBy.IN_PERSON])
def test_a_caller_is_told_with_the_words_on_the_page(place: Place, how: ToldBy) -> None:
    number = place.ticket(CALLER)
    carried = place.do(number, Action.ACCEPT, "li", handler="li")
    assert [each.kind for each in carried.by_hand] == [LetterKind.ACCEPTED]
    page = place.office.signed_in("li").text(f"/tickets/{number}")
    assert "您反映的事我们已经受理了，由中教股办" in page
    assert "还没有告知" in page
    (owed,) = notices(place, number)

    place.do(number, Action.NOTIFY, "li", how=how.value, reason="已念给她听", notice=owed.id)

    (told,) = notices(place, number)
    assert (told.state, told.how, told.by) == (NoticeState.TOLD, how, "李明")
    assert place.deadline(number, DeadlineKind.NOTICE).met_at is not None
    with pytest.raises(DomainError, match="已经登记过了"):
        place.do(number, Action.NOTIFY, "li", how=how.value, reason="又一次", notice=owed.id)


def five_kinds(place: Place) -> dict[LetterKind, str]:
    """A ticket for each kind of duty, each with a caller who can only be told by telephone."""
    found = {kind: place.ticket(CALLER) for kind in (LetterKind.REFUSED, LetterKind.TRANSFERRED)}
    place.do(found[LetterKind.REFUSED], Action.REFUSE, "wang", why="legal_remedy", reason="请向法院提出")
    place.do(
        found[LetterKind.TRANSFERRED],
        Action.TRANSFER_OUT,
        "wang",
        to="县市场监督管理局",
        reason="不属本局",
        contact_data="withheld",
    )
    for kind in (LetterKind.ACCEPTED, LetterKind.EXTENDED, LetterKind.ANSWER):
        found[kind] = place.ticket(CALLER)
        place.do(found[kind], Action.ACCEPT, "li", handler="li")
    extended = found[LetterKind.EXTENDED]
    place.do(extended, Action.EXTEND, "li", days="3", reason="需多部门共同核查")
    place.do(extended, Action.EXTEND, "wang", decision="agree")
    answered = found[LetterKind.ANSWER]
    place.do(answered, Action.START, "li")
    place.do(answered, Action.REPORT_DONE, "li", **{**DONE, "answer": "经核查，情况属实，已责成退还。"})
    place.do(answered, Action.APPROVE, "wang")
    return found


def test_all_five_kinds_of_duty_have_words_to_read_aloud_and_are_fulfilled_by_telephone(place: Place) -> None:
    for kind, number in five_kinds(place).items():
        owed = next(line for line in notices(place, number) if line.what == kind.label)
        assert owed.state is NoticeState.OWED
        assert owed.aloud.startswith("您反映的事")
        assert not re.search(r"〔|｛|None", owed.aloud)
        act = Action.ANSWERED if kind is LetterKind.ANSWER else Action.NOTIFY
        place.do(number, act, "li", how="phone", reason="已告知", notice=owed.id)
        told = next(line for line in notices(place, number) if line.id == owed.id)
        assert (told.state, told.how) == (NoticeState.TOLD, ToldBy.PHONE)


def test_an_answer_counts_when_the_last_of_several_was_told(place: Place) -> None:
    number = place.approved(CALLER, BY_POST)
    first, second = [line for line in notices(place, number) if line.is_answer]

    place.do(number, Action.ANSWERED, "li", how="phone", reason="已念", notice=first.id)
    assert place.office.stored(number).answered_at is None

    place.do(number, Action.ANSWERED, "li", how="letter", reason="已寄", notice=second.id)
    assert place.office.stored(number).answered_at is not None


def test_a_bounce_makes_a_notice_unfulfilled_and_the_laws_clock_run_again(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.send()
    assert place.deadline(number, DeadlineKind.NOTICE).met_at is not None
    (row,) = place.outbox(OutboxKind.NOTICE)

    with place.app.app_context(), transaction() as session:
        assert came_back(session, [row.message_id], "被退回")

    (line,) = notices(place, number)
    assert (line.state, line.how) == (NoticeState.CAME_BACK, None)
    assert place.deadline(number, DeadlineKind.NOTICE).met_at is None
    place.do(number, Action.NOTIFY, "li", how="phone", reason="电话告知", notice=line.id)
    assert notices(place, number)[0].state is NoticeState.TOLD
    assert place.deadline(number, DeadlineKind.NOTICE).met_at is not None


def test_facts_are_asked_for_at_once_from_a_fixed_list(place: Place) -> None:
    number = place.ticket()
    with pytest.raises(DomainError, match="至少勾选一项"):
        place.do(number, Action.ASK_FACTS, "li")
    place.do(number, Action.ASK_FACTS, "li", wanted_school="on", wanted_proof="on")

    assert place.send() == 1
    ((_, subject, body),) = place.mails()
    assert subject.startswith("请补充情况〔编号 ")
    assert "学校的全称；票据、通知、聊天记录等照片" in body
    assert place.deadline(number, DeadlineKind.NOTICE).met_at is None, "no decision was told"


def a_docx(author: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("docProps/core.xml", f"<cp><dc:creator>{author}</dc:creator></cp>")
        file.writestr("word/document.xml", "<w:document>退费清单</w:document>")
    return packed.getvalue()


def report(place: Place, number: str, name: str, content: bytes) -> None:
    with place.app.app_context():
        blob = blob_store().put(content)
        file = NewAttachment(name=name, content_type=DOCX, size=blob.size, blob=blob.name)
        with transaction() as session:
            version = session.execute(sa.select(Ticket.version).where(Ticket.number == number)).scalar_one()
            carry_out(
                session,
                number,
                Action.REPORT_DONE,
                version=version,
                actor=place.office.actor_in(session, "li"),
                fields=DONE,
                files=[file],
            )


def test_a_file_chosen_with_the_answer_leaves_with_it_once_it_is_approved(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.START, "li")
    report(place, number, "关于课后服务退费的答复.docx", a_docx("李明"))
    place.send()
    before = len(place.sink.received)
    place.do(number, Action.APPROVE, "wang")
    place.send()

    (mail,) = place.sink.received[before:]
    read = message_from_bytes(mail.raw, policy=policy.default)
    (file,) = read.iter_attachments()
    assert file.get_filename() == "关于课后服务退费的答复.docx"
    assert file.get_content() == a_docx("李明")
    assert read["In-Reply-To"] is not None
    assert read.get_body(("plain",)).get_content().startswith("您好：")  # type: ignore[union-attr]  # there is one


@pytest.mark.parametrize(
    ("name", "author"),
    [(f"{PARENT.name}退费.docx", "李明"), ("退费清单.docx", PARENT.name), ("13905951234.docx", "李明")],
)
def test_a_file_that_names_who_complained_goes_nowhere(place: Place, name: str, author: str) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.START, "li")

    with pytest.raises(DomainError, match="第 1 个附件的文件名或文件属性"):
        report(place, number, name, a_docx(author))

    assert place.office.stored(number).status is Status.IN_PROGRESS


def test_an_answer_that_would_give_somebody_away_is_not_even_reported(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.START, "li")
    for leak in ("请联系家长 13712345678 核对。", "身份证 350524201001011234 的学生已退费。"):
        with pytest.raises(DomainError, match="可能暴露"):
            place.do(number, Action.REPORT_DONE, "li", **{**DONE, "answer": f"已核查。{leak}"})
    place.do(
        number, Action.REPORT_DONE, "li", **{**DONE, "answer": "已核查，可向物价局 0595-23232323 咨询。"}
    )
