"""A long run: it stops by itself in time and goes on, says how far it is, and believes no answer under two numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from accounts.vocabulary import Role
from core.blobs import blob_store
from core.db import db, end_read
from mail_ingest import health, polling
from mail_ingest.folders import Folder, FolderRole
from mail_ingest.mailbox import FetchedHeaders, FetchedMail, FetchFault
from mail_ingest.models import MailboxState, MailItem, MailLedger
from mail_ingest.polling import poll_all
from mail_ingest.vocabulary import ItemState
from tests.accounts.people import Desk as People
from tests.mail_ingest.desk import SMTP, Desk
from tests.mail_ingest.killing import ListMailbox, WarmReader, with_file
from tests.mail_ingest.post import CODE, a_mail, office_text
from tests.support.app import make_app
from tests.support.moments import MONDAY_MORNING
from tickets.models import Attachment, Message


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CODE_A", CODE)
    text = office_text().replace("[mail]", SMTP + "[mail]", 1)
    return Desk(make_app(tmp_path, office=text, CODE_A=CODE))


def many(count: int) -> list[bytes]:
    return [
        a_mail(f"第 {n} 封", sender=f"p{n} <p{n}@x.example>", message_id=f"<{n}@x.example>")
        for n in range(count)
    ]


def test_a_poll_whose_time_is_over_ends_well_says_what_is_left_and_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_FETCHING_SHARE", 0.0)
    mails = many(120)
    told: list[str] = []
    people = People(desk.app)
    people.account("wang", Role.HEAD)
    with desk.app.app_context():
        for left in (70, 20, 0):
            [result] = poll_all(lambda _: ListMailbox(mails), WarmReader(), only_due=False, tell=told.append)
            assert result.ok
            assert (f"还有 {left} 封" in result.message) is bool(left)
            assert db.session.scalars(sa.select(MailboxState.waiting)).one() == left
            assert [check.level for check in health.checks()] == ["ok"]
            db.session.remove()
            if left == 70:
                assert "还有 70 封在服务器上等待收取" in people.signed_in("wang").text("/mail")

    assert len(desk.tickets()) == 120
    assert told[0].endswith("已收 50 封，邮箱里还有 70 封。")


class _Swaps(ListMailbox):
    """Answers with the first mail's bytes under every number, unless it is asked for one alone."""

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail | FetchFault]:
        answers = [each for each in super().fetch(uids) if isinstance(each, FetchedMail)]
        for answer in answers:
            yield FetchedMail(answer.uid, answers[0].raw, MONDAY_MORNING, len(answers[0].raw))


def test_the_same_bytes_under_two_numbers_are_asked_for_once_more(desk: Desk) -> None:
    mails = many(4)
    with desk.app.app_context():
        [result] = poll_all(lambda _: _Swaps(mails), WarmReader(), only_due=False)
        blobs = blob_store()
        by_uid = {
            row.uid: blobs.get(row.blob)
            for row in db.session.execute(
                sa.select(MailLedger.uid, MailItem.blob).join(MailItem, MailItem.id == MailLedger.item_id)
            )
        }
        db.session.remove()

    assert result.ok
    assert by_uid == dict(enumerate(mails, start=1))
    assert len(desk.tickets()) == 4


class _Virus(ListMailbox):
    """All of it lies in the folder for viruses."""

    def folders(self) -> list[Folder]:
        return [Folder("INBOX", FolderRole.VIRUS)]

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail | FetchFault]:
        raise AssertionError(f"a virus must not be fetched: {uids}")

    def fetch_headers(self, uids: Sequence[int]) -> Iterator[FetchedHeaders | FetchFault]:
        for answer in super().fetch_headers(uids):
            assert isinstance(answer, FetchedHeaders)
            yield FetchedHeaders(answer.uid, answer.raw.partition(b"\n\n")[0], MONDAY_MORNING, 10_000)


def test_of_the_virus_folder_only_headers_are_fetched_and_wait_in_the_tray(desk: Desk) -> None:
    with desk.app.app_context():
        [result] = poll_all(lambda _: _Virus(many(1)), WarmReader(), only_due=False)
        item = db.session.scalars(sa.select(MailItem)).one()
        assert (item.state, item.from_junk, item.headers_only) == (ItemState.NEW, True, True)
        assert item.kind is not None
        end_read()

    assert result.ok
    assert desk.tickets() == []


def test_files_of_a_reply_join_the_ticket_with_it(desk: Desk) -> None:
    desk.arrives(a_mail(message_id="<1@x.example>"))
    reply = a_mail(
        "Re: 来信已登记", "收据在附件里。", In_Reply_To=desk.our_letter(), message_id="<2@x.example>"
    )
    desk.arrives(with_file(reply, "收据"))

    assert len(desk.tickets()) == 1
    with desk.app.app_context():
        row = db.session.execute(
            sa.select(Message.text, Attachment.label, Attachment.blob).join(
                Attachment, Attachment.message_id == Message.id
            )
        ).one()
        assert "收据在附件里" in row.text
        assert row.label == "附件1.jpg"
        assert blob_store().get(row.blob).decode().strip() == "收据"
        end_read()
