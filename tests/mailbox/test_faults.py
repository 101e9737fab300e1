"""Servers that misbehave: each poll ends in time, one bad mail does not hide the others, nothing is taken for whole."""

from __future__ import annotations

import itertools
import time

import pytest

from mail_ingest import mailbox as port
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.mailbox import FetchedHeaders, FetchedMail, FetchFault, MailboxUnavailable
from tests.mailbox.scripted import Answer, HangUp, ScriptedServer, Session, a_mail, asked_uids

THREE = {3: a_mail("three"), 5: a_mail("five"), 7: a_mail("seven")}


def fetch_all(
    server: ScriptedServer, uids: list[int] | None = None, *, timeout_seconds: float = 5.0
) -> list[FetchedMail | FetchFault]:
    with open_mailbox(server.settings(timeout_seconds=timeout_seconds)) as mailbox:
        mailbox.open_folder("INBOX")
        return list(mailbox.fetch(uids if uids is not None else mailbox.uids()))


def outcome(fetched: list[FetchedMail | FetchFault]) -> dict[int, str]:
    return {item.uid: "whole" if isinstance(item, FetchedMail) else item.reason for item in fetched}


def bodies_changed(change: dict[int, bytes]) -> Answer:
    """Answers a fetch of bodies rightly, except for some mails: their answer is replaced, empty for none at all."""

    def answer(session: Session, tag: bytes, command: bytes) -> None:
        for uid in asked_uids(command):
            if b"BODY.PEEK[]" in command and uid in change:
                session.stream.sendall(change[uid])
            else:
                session.say(session.server.fetch_answer(uid, command))
        session.say(tag + b" OK FETCH completed")

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(b"", "missing", id="not a word about it"),
        pytest.param(b"* 2 FETCH (UID 99 BODY[] {3}\r\nabc)\r\n", "missing", id="another mail instead"),
        pytest.param(
            b"* 5 FETCH (BODY[] {3}\r\nabc)\r\n", "missing", id="no uid, its position taken for one"
        ),
        pytest.param(b"* 2 FETCH (UID 5 BODY[] NIL)\r\n", "empty", id="nil"),
        pytest.param(b"* 2 FETCH (UID 5 BODY[] {0}\r\n)\r\n", "empty", id="nothing"),
        pytest.param(b"* 2 FETCH (UID 5 BODY[] {9}\r\nFrom: a@b)\r\n", "short", id="cut short"),
        pytest.param(b'* 2 FETCH (UID 5 BODY[] "From: a)\r\n', "garbled", id="an open quote"),
        pytest.param(b"* 2 FETCH (UID 5 BODY[] {3}\r\nabc\r\n", "garbled", id="an open bracket"),
        pytest.param(b"* 2 FETCH " + b"(" * 5000 + b"\r\n", "garbled", id="brackets without end"),
        pytest.param(b"* 2 FETCH (UID)\r\n", "garbled", id="a name without a value"),
    ],
)
def test_a_mail_that_does_not_come_whole_is_a_fault_and_the_others_arrive(answer: bytes, reason: str) -> None:
    with ScriptedServer(mails=THREE, answers={"UID FETCH": bodies_changed({5: answer})}) as server:
        fetched = fetch_all(server)

    assert outcome(fetched) == {3: "whole", 5: reason, 7: "whole"}
    assert [mail.raw for mail in fetched if isinstance(mail, FetchedMail)] == [THREE[3], THREE[7]]


def test_an_expunge_between_two_answers_does_not_mix_the_mails_up() -> None:
    # After mail 5 is gone, mail 7 has its position: answers merged by position would give 7 the bytes of 5.
    answer = b"* 2 FETCH (UID 5 BODY[] {%d}\r\n%s)\r\n* 2 EXPUNGE\r\n" % (len(THREE[5]), THREE[5])
    then = b"* 2 FETCH (UID 7 FLAGS (\\Seen))\r\n"
    with ScriptedServer(mails=THREE, answers={"UID FETCH": bodies_changed({5: answer, 7: then})}) as server:
        fetched = fetch_all(server)

    assert outcome(fetched) == {3: "whole", 5: "whole", 7: "missing"}


def test_a_mail_that_was_moved_away_meanwhile_has_vanished() -> None:
    with ScriptedServer(mails=THREE) as server:
        fetched = fetch_all(server, [3, 4, 7])

    assert outcome(fetched) == {3: "whole", 4: "vanished", 7: "whole"}


def test_many_mails_moved_away_cost_one_more_search() -> None:
    with ScriptedServer(mails=THREE) as server:
        fetched = fetch_all(server, [*range(3, 40)])

    assert list(outcome(fetched).values()).count("vanished") == 34
    assert server.verbs.count("UID SEARCH") == 1


@pytest.mark.parametrize(
    ("announced_more", "outcome_of_it"),
    [
        pytest.param(-40, "whole", id="more bytes than announced are no loss"),
        pytest.param(2, "whole", id="a last empty line counted"),
        pytest.param(3, "short", id="bytes are missing"),
    ],
)
def test_the_announced_size_is_believed_within_reason(announced_more: int, outcome_of_it: str) -> None:
    size = len(THREE[5]) + announced_more
    with ScriptedServer(mails=THREE, sizes={5: size}) as server:
        fetched = fetch_all(server)

    assert outcome(fetched)[5] == outcome_of_it


def test_line_ends_counted_as_two_bytes_and_sent_as_one_are_no_loss() -> None:
    unix = THREE[5].replace(b"\r\n", b"\n")
    with ScriptedServer(mails={5: unix}, sizes={5: len(THREE[5])}) as server:
        assert outcome(fetch_all(server)) == {5: "whole"}


def test_what_came_of_a_short_mail_is_handed_over_with_the_fault() -> None:
    with ScriptedServer(mails=THREE, sizes={5: 10_000}) as server:
        fault = fetch_all(server)[1]

    assert isinstance(fault, FetchFault)
    assert (fault.raw, fault.announced) == (THREE[5], 10_000)
    assert fault.internaldate is not None


def test_a_mail_without_a_date_of_arrival_is_a_fault_that_keeps_the_mail() -> None:
    def dateless(session: Session, tag: bytes, command: bytes) -> None:
        for uid in asked_uids(command):
            answer = session.server.fetch_answer(uid, command)
            session.say(answer.replace(b"23-Nov-2026", b"NIL") if uid == 5 else answer)
        session.say(tag + b" OK done")

    with ScriptedServer(mails=THREE, answers={"UID FETCH": dateless}) as server:
        fetched = fetch_all(server)

    assert outcome(fetched) == {3: "whole", 5: "no_date", 7: "whole"}
    assert isinstance(fetched[1], FetchFault)
    assert fetched[1].raw == THREE[5]


def test_a_server_that_refuses_every_fetch_is_unwell_and_no_mail_is_blamed() -> None:
    def refuse(session: Session, tag: bytes, command: bytes) -> None:
        session.say(tag + b" NO FETCH State error")

    with (
        ScriptedServer(mails=THREE, answers={"UID FETCH": refuse}) as server,
        pytest.raises(MailboxUnavailable) as trouble,
    ):
        fetch_all(server)

    assert trouble.value.code == "other"
    assert trouble.value.uids == (3, 5, 7)


def test_a_search_that_says_nothing_is_not_an_empty_mailbox() -> None:
    def silent(session: Session, tag: bytes, command: bytes) -> None:
        session.say(tag + b" OK SEARCH completed")

    with ScriptedServer(mails=THREE, answers={"UID SEARCH": silent}) as server:
        assert outcome(fetch_all(server)) == {3: "whole", 5: "whole", 7: "whole"}


def test_a_search_that_is_refused_is_not_an_empty_mailbox_either() -> None:
    def refuse(session: Session, tag: bytes, command: bytes) -> None:
        session.say(tag + b" NO SEARCH Unsafe Login. Please contact kefu@188.com for help")

    with (
        ScriptedServer(answers={"UID SEARCH": refuse}) as server,
        pytest.raises(MailboxUnavailable) as trouble,
    ):
        fetch_all(server)

    assert trouble.value.code == "unsafe_login"


def test_a_search_answered_in_several_lines_counts_whole() -> None:
    def in_two_lines(session: Session, tag: bytes, command: bytes) -> None:
        session.say(b"* SEARCH 3", b"* SEARCH 5 7", tag + b" OK SEARCH completed")

    with (
        ScriptedServer(mails=THREE, answers={"UID SEARCH": in_two_lines}) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        mailbox.open_folder("INBOX")
        assert mailbox.uids() == [3, 5, 7]

    assert "FETCH" not in server.verbs


def test_a_batch_holds_fifty_mails_at_most() -> None:
    with ScriptedServer(mails={uid: a_mail() for uid in range(1, 121)}) as server:
        fetched = fetch_all(server)

    bodies = [command for command in server.commands if b"BODY.PEEK[]" in command]
    assert [len(asked_uids(command)) for command in bodies] == [50, 50, 20]
    assert len(fetched) == 120


def test_a_batch_holds_eight_megabytes_at_most() -> None:
    mails = dict.fromkeys(range(1, 6), b"Subject: x\r\n\r\n" + b"x" * 3000000)
    with ScriptedServer(mails=mails) as server:
        assert set(outcome(fetch_all(server)).values()) == {"whole"}

    bodies = [asked_uids(command) for command in server.commands if b"BODY.PEEK[]" in command]
    assert bodies == [[1, 2], [3, 4], [5]]


def test_a_large_mail_comes_alone_and_in_pieces() -> None:
    large = (
        b"Subject: photos\r\n\r\n" + bytes(range(1, 256)) * 40_000
    )  # 10.2 MB, bare carriage returns and all
    with ScriptedServer(mails={1: a_mail(), 2: large, 3: a_mail()}) as server:
        fetched = fetch_all(server)

    assert [mail.raw for mail in fetched if isinstance(mail, FetchedMail)] == [a_mail(), large, a_mail()]
    pieces = [command for command in server.commands if b"BODY.PEEK[]<" in command]
    assert pieces[0] == b"UID FETCH 2 (UID BODY.PEEK[]<0.1048576>)"
    assert len(pieces) == 10


def test_a_mail_of_exactly_whole_pieces_is_whole() -> None:
    with ScriptedServer(mails={2: b"x" * (9 * port.PIECE_BYTES)}) as server:
        assert outcome(fetch_all(server)) == {2: "whole"}


def test_a_mail_announced_with_four_gigabytes_is_not_asked_for_but_its_headers_can_be() -> None:
    with (
        ScriptedServer(mails=THREE, sizes={5: 4 * 1024**3}) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        mailbox.open_folder("INBOX")
        fetched = list(mailbox.fetch(mailbox.uids()))
        [headers] = mailbox.fetch_headers([5])

    assert outcome(fetched) == {3: "whole", 5: "too_large", 7: "whole"}
    assert isinstance(headers, FetchedHeaders)
    assert headers.raw == b"From: parent@example.com\r\nSubject: five\r\n\r\n"


def test_a_literal_of_four_gigabytes_is_not_read() -> None:
    answer = b"* 2 FETCH (UID 5 BODY[] {4294967296}\r\n" + b"x" * 100_000
    with (
        ScriptedServer(mails=THREE, answers={"UID FETCH": bodies_changed({5: answer})}) as server,
        pytest.raises(MailboxUnavailable) as trouble,
    ):
        fetch_all(server)

    assert trouble.value.code == "other"
    assert trouble.value.uids == (3, 5, 7)


def test_headers_only_never_asks_for_a_body() -> None:
    with ScriptedServer(mails=THREE) as server, open_mailbox(server.settings()) as mailbox:
        mailbox.open_folder("病毒文件夹")
        found = list(mailbox.fetch_headers([3, 4, 7]))

    assert [type(item).__name__ for item in found] == ["FetchedHeaders", "FetchFault", "FetchedHeaders"]
    assert not any(b"BODY.PEEK[]" in command for command in server.commands)


def stall(session: Session, tag: bytes, command: bytes) -> None:
    session.stream.sendall(b"* 1 FETCH (UID 3 BODY[] {1000}\r\nabc")
    session.server.wait_until_stopped()


def drop(session: Session, tag: bytes, command: bytes) -> None:
    session.stream.sendall(b"* 1 FETCH (UID 3 BODY[] {1000}\r\nabc")
    raise HangUp


def say_bye(session: Session, tag: bytes, command: bytes) -> None:
    session.say(b"* BYE Autologout; idle for too long")
    raise HangUp


def garbage(session: Session, tag: bytes, command: bytes) -> None:
    session.say(b"\x00\xff what now")
    session.server.wait_until_stopped()


def literal_too_long(session: Session, tag: bytes, command: bytes) -> None:
    session.say(b"* 1 FETCH (UID 3 BODY[] {5000}\r\nabc)", tag + b" OK FETCH completed")
    session.server.wait_until_stopped()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (stall, "timeout"),
        (drop, "unreachable"),
        (say_bye, "unreachable"),
        (garbage, "other"),
        (literal_too_long, "timeout"),
    ],
)
def test_a_connection_that_breaks_in_a_fetch_tells_which_mails_were_on_their_way(
    answer: Answer, code: str
) -> None:
    with ScriptedServer(mails=THREE, answers={"UID FETCH": answer}) as server:
        started = time.monotonic()
        with pytest.raises(MailboxUnavailable) as trouble:
            fetch_all(server, [3, 5], timeout_seconds=0.5)
        took = time.monotonic() - started

    assert trouble.value.code == code
    assert trouble.value.uids == (3, 5)
    assert took < 5


def test_mails_of_the_batches_before_the_break_are_handed_over() -> None:
    mails = {uid: a_mail() for uid in range(1, 61)}

    def breaks_at_the_second_batch(session: Session, tag: bytes, command: bytes) -> None:
        if b"BODY.PEEK[]" in command and 51 in asked_uids(command):
            raise HangUp
        bodies_changed({})(session, tag, command)

    with (
        ScriptedServer(mails=mails, answers={"UID FETCH": breaks_at_the_second_batch}) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        mailbox.open_folder("INBOX")
        fetched = mailbox.fetch(mailbox.uids())
        delivered = [mail.uid for mail in itertools.islice(fetched, 50)]
        with pytest.raises(MailboxUnavailable):
            next(fetched)

    assert delivered == list(range(1, 51))


def test_ninety_thousand_mails_and_more_are_listed_although_no_line_could_hold_them() -> None:
    server = ScriptedServer(mails=dict.fromkeys(range(1_446_555_803, 1_446_555_803 + 100_000), b"x"))
    with server, open_mailbox(server.settings()) as mailbox:
        mailbox.open_folder("INBOX")
        assert mailbox.uids() == sorted(server.mails)

    assert "UID SEARCH" not in server.verbs
    assert server.verbs.count("FETCH") == 5


def test_fifty_thousand_mails_are_listed_in_one_question() -> None:
    server = ScriptedServer(mails=dict.fromkeys(range(1_446_555_803, 1_446_555_803 + 50_000), b"x"))
    with server, open_mailbox(server.settings()) as mailbox:
        mailbox.open_folder("INBOX")
        started = time.monotonic()
        assert len(mailbox.uids()) == 50_000
        took = time.monotonic() - started

    assert took < 2
    assert "FETCH" not in server.verbs
