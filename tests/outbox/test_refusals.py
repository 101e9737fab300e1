"""What a run makes of a mail server that says no, goes away, or hangs up."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from core.db import transaction
from outbox import verbs
from outbox.vocabulary import OutboxKind, OutboxState
from tests.outbox.desk import MIDDLE, PRIMARY, Desk, an_office, office_text, the_same_office
from tests.outbox.mail_server import CUT, MailServer
from tests.support.certificates import make_certificate
from tests.support.moments import MONDAY_MORNING


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_bad_address_ends_that_mail_only(desk: Desk, server: MailServer) -> None:
    server.answer(recipient="550 Invalid User")
    bad = desk.put()
    assert desk.send().failed == 1
    server.answer()
    good = desk.put()
    desk.send()

    assert (desk.row(bad).state, desk.row(bad).last_code) == (OutboxState.FAILED, "550")
    assert "不存在" in desk.row(bad).last_error
    assert desk.row(good).state == OutboxState.SENT


def test_a_text_that_looks_like_spam_is_given_up_and_others_are_not(desk: Desk, server: MailServer) -> None:
    server.answer(data="554 DT:SPM 163 smtp8,xxx")
    message_id = desk.put()

    assert desk.send().failed == 1
    assert desk.row(message_id).last_code == "554 DT:SPM"
    assert "电话" in desk.row(message_id).last_error
    assert desk.sender_is_free()


def test_suspected_spam_is_tried_three_times_two_minutes_apart(desk: Desk, server: MailServer) -> None:
    server.answer(data="451 DT:SPM 163")
    message_id = desk.put()
    states = []
    for _ in range(3):
        desk.send()
        states.append(str(desk.row(message_id).state))
        desk.forward(minutes=2)

    assert states == ["retry", "retry", "failed"]


def test_a_full_day_at_the_provider_stops_that_sender_until_tomorrow(desk: Desk, server: MailServer) -> None:
    server.answer(sender="554 MI:STC 163")
    ids = [desk.put(), desk.put()]
    elsewhere = desk.put(sender=PRIMARY)

    result = desk.send()

    assert result.troubles[MIDDLE].code == "554 MI:STC"
    assert [str(desk.row(each).state) for each in ids] == ["retry", "queued"]
    server.answer()
    desk.forward(hours=14, minutes=59)  # 23:59 in the office
    assert desk.send().sent == 0
    desk.forward(minutes=10)
    assert desk.send().sent == 3
    assert desk.row(elsewhere).state == OutboxState.SENT


def test_a_refused_login_stops_the_sender_and_calls_a_person(desk: Desk, server: MailServer) -> None:
    server.answer(login="535 Error: authentication failed")
    desk.put()
    desk.put()

    desk.send()
    desk.send()

    assert server.logins == [MIDDLE], "one try with one method: more would lengthen the ban"
    sender = desk.sender()
    assert sender is not None
    assert sender.alarm
    assert "授权码" in sender.last_message


def test_a_stopped_sender_goes_on_by_itself_and_at_once_with_a_new_code(
    desk: Desk, server: MailServer
) -> None:
    server.answer(login="535 Error: authentication failed")
    desk.put()
    desk.send()
    server.answer()
    desk.forward(minutes=30)
    assert desk.send().sent == 0
    desk.forward(hours=2)
    assert desk.send().sent == 1

    server.answer(login="535 Error: authentication failed")
    desk.put()
    desk.send()
    server.answer()
    with desk.app.app_context(), transaction() as session:
        verbs.release_sender(session, MIDDLE)
    assert desk.send().sent == 1
    assert desk.sender_is_free()


def test_from_that_is_not_the_login_is_an_alarm(desk: Desk, server: MailServer) -> None:
    server.answer(data="554 DT:SUM Envelope and header From differ")
    message_id = desk.put()

    desk.send()

    assert desk.row(message_id).state == OutboxState.RETRY
    assert "一致" in desk.row(message_id).last_error
    sender = desk.sender()
    assert sender is not None
    assert sender.alarm


def test_a_server_that_is_down_for_a_day_costs_no_mail_and_no_try(tmp_path: Path, server: MailServer) -> None:
    text = office_text(closed_port(), server.certificate.certificate)
    away = Desk(an_office(tmp_path / "office", text))
    message_id = away.put()
    for _ in range(96):
        assert away.send().sent == 0
        away.forward(minutes=15)

    row = away.row(message_id)
    assert (row.state, row.attempts, row.last_code) == (OutboxState.RETRY, 0, "unreachable")
    there = office_text(server.port, server.certificate.certificate)
    back = Desk(the_same_office(tmp_path / "office", there, at=away.clock.now()))
    away.close()
    back.forward(hours=1)
    assert back.send().sent == 1
    back.close()


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, server: MailServer) -> None:
    other = make_certificate(tmp_path, stem="other")
    desk = Desk(an_office(tmp_path / "office", office_text(server.port, other.certificate)))
    desk.put()

    result = desk.send()

    assert result.troubles[MIDDLE].code == "tls"
    assert server.logins == []
    desk.close()


def test_a_line_cut_before_the_receipt_is_repeated_once_with_the_same_message_id(
    desk: Desk, server: MailServer
) -> None:
    server.answer(data=CUT)
    message_id = desk.put()
    assert desk.send().unknown == 1
    assert desk.row(message_id).state == OutboxState.UNKNOWN
    assert desk.send().sent == 0, "not at once"

    server.answer()
    desk.forward(minutes=1)
    assert desk.send().sent == 1
    assert [mail["Message-ID"] for mail in server.mails] == [desk.row(message_id).message_id] * 2


def test_cut_twice_it_waits_for_a_person(desk: Desk, server: MailServer) -> None:
    server.answer(data=CUT)
    message_id = desk.put()
    for _ in range(5):
        desk.send()
        desk.forward(hours=1)

    assert len(server.mails) == 2
    row = desk.row(message_id)
    assert row.state == OutboxState.UNKNOWN
    assert "核实" in row.last_error


def test_without_a_server_the_mails_wait_and_it_is_said_what_to_set_up(tmp_path: Path) -> None:
    desk = Desk(an_office(tmp_path / "office", office_text(None)))
    message_id = desk.put()

    result = desk.send(wait=5)

    assert (result.waiting, desk.row(message_id).state) == (1, OutboxState.QUEUED)
    assert result.troubles[MIDDLE].code == "not_set_up"
    assert "[mailboxes.smtp]" in result.troubles[MIDDLE].message
    desk.close()


def test_without_a_code_the_mails_wait(tmp_path: Path, server: MailServer) -> None:
    text = office_text(server.port, server.certificate.certificate)
    desk = Desk(an_office(tmp_path / "office", text, code=None))
    desk.put()

    assert "授权码" in desk.send().troubles[MIDDLE].message
    assert server.logins == []
    desk.close()


def test_the_demonstration_sends_to_this_computer_only(tmp_path: Path, server: MailServer) -> None:
    text = office_text(server.port, server.certificate.certificate, outbox="seconds_between = 1")
    elsewhere = text.replace(
        f'host = "127.0.0.1"\nport = {server.port}', 'host = "smtp.163.com"\nport = 465', 1
    )
    desk = Desk(an_office(tmp_path / "office", elsewhere, HOTLINE_DEMO="1"))
    desk.put(sender=MIDDLE)
    desk.put(sender=PRIMARY)

    result = desk.send()

    assert result.by_sender == {PRIMARY: 1}
    assert "演练" in result.troubles[MIDDLE].message
    desk.close()


def test_the_days_limit_delays_acknowledgements_and_no_answer(office: Callable[..., Desk]) -> None:
    desk = office(outbox="seconds_between = 0\nper_day = 2")
    for _ in range(4):
        desk.put(OutboxKind.ACKNOWLEDGEMENT)
    assert desk.send().sent == 2
    desk.put(OutboxKind.ANSWER)
    assert desk.send().sent == 1

    assert desk.clock.now() == MONDAY_MORNING
    desk.forward(hours=15)  # midnight in the office
    assert desk.send().sent == 2
