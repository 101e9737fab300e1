"""Killed at any point, a mail is never lost and leaves at most twice, with the same Message-ID."""

from __future__ import annotations

import multiprocessing
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from core import failpoints, leases
from core.errors import HeldElsewhere
from outbox import sender as sending
from outbox.smtp_transport import HANDED_OVER, open_smtp
from outbox.vocabulary import OutboxKind, OutboxState
from tests.outbox.desk import Desk, an_office, office_text, the_same_office
from tests.outbox.mail_server import MailServer

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["tests.outbox.desk"])

STEPS = [sending.BEFORE_CLAIM, sending.CLAIMED, HANDED_OVER, sending.TAKEN, sending.SETTLED]
MAY_HAVE_LEFT = {sending.CLAIMED, HANDED_OVER, sending.TAKEN}


def send_and_die(folder: str, office: str, step: str, passes: int) -> None:
    """In a process of its own: sends, and is killed at the given step."""
    desk = Desk(the_same_office(Path(folder), office))
    failpoints.arm(step, passes)
    desk.send()


def killed(folder: Path, office: str, step: str, passes: int = 1) -> bool:
    child = FORK.Process(target=send_and_die, args=(str(folder), office, step, passes))
    child.start()
    child.join(60)
    return child.exitcode == -signal.SIGKILL


@pytest.fixture
def text(server: MailServer) -> str:
    return office_text(
        server.port, server.certificate.certificate, outbox="seconds_between = 0\nper_day = 1000"
    )


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("passes", [1, 3])
def test_killed_at_any_step_nothing_is_lost_and_nothing_leaves_three_times(
    tmp_path: Path, server: MailServer, text: str, step: str, passes: int
) -> None:
    desk = Desk(an_office(tmp_path, text))
    for kind in (OutboxKind.ANSWER, OutboxKind.NOTICE, OutboxKind.ACKNOWLEDGEMENT, OutboxKind.STAFF):
        desk.put(kind)

    assert killed(tmp_path, text, step, passes), "the failpoint was never reached"
    desk.send()
    desk.close()

    assert desk.states() == ["sent"] * 4
    seen = Counter(mail["Message-ID"] for mail in server.mails)
    assert set(seen) == {row.message_id for row in desk.rows()}
    repeated = [message_id for message_id, times in seen.items() if times > 1]
    assert len(repeated) <= 1
    assert max(seen.values()) <= 2
    if step not in MAY_HAVE_LEFT - {sending.CLAIMED}:
        assert repeated == [], "what surely had not left, or surely had, is not repeated"
    desk.close()


@pytest.mark.slow
def test_killed_again_and_again_a_mail_leaves_at_most_twice(
    tmp_path: Path, server: MailServer, text: str
) -> None:
    desk = Desk(an_office(tmp_path, text))
    message_id = desk.put(OutboxKind.ANSWER)

    deaths = [killed(tmp_path, text, sending.TAKEN) for _ in range(3)]
    result = desk.send()

    assert deaths == [True, True, False], "the third run leaves it to a person"
    assert len(server.mails) == 2
    row = desk.row(message_id)
    assert (row.state, row.unconfirmed) == (OutboxState.UNKNOWN, 2)
    assert "核实" in row.last_error
    assert result.waiting == 0
    desk.close()


@pytest.mark.slow
@pytest.mark.parametrize("kills", [25, pytest.param(100, marks=pytest.mark.long)])
def test_killed_around_data_again_and_again_nothing_is_lost(
    tmp_path: Path, server: MailServer, text: str, kills: int
) -> None:
    """25 deaths in `make test`, 100 in `make test-long`: every mail arrives, each death costs one repeat at most."""
    dice = random.Random(20261123)
    desk = Desk(an_office(tmp_path, text))
    for _ in range(kills):
        for _ in range(3):
            desk.put(dice.choice([OutboxKind.ANSWER, OutboxKind.NOTICE, OutboxKind.ACKNOWLEDGEMENT]))
        before = Counter(server_ids(server))
        step, passes = dice.choice(sorted(MAY_HAVE_LEFT)), dice.randint(1, 3)
        assert killed(tmp_path, text, step, passes), "the failpoint was never reached"
        desk.send()
        came = Counter(server_ids(server)) - before
        assert sum(times - 1 for times in came.values()) <= 1
        assert len(came) == 3

    seen = Counter(server_ids(server))
    assert set(seen) == {row.message_id for row in desk.rows()}, "one identity a mail, whatever happened"
    assert max(seen.values()) <= 2
    assert set(desk.states()) == {"sent"}
    desk.close()


def test_two_runs_at_the_same_time_send_each_mail_once(tmp_path: Path, server: MailServer, text: str) -> None:
    """Without the lease, that is: the claim alone has to hold."""
    desk = Desk(an_office(tmp_path, text))
    for _ in range(20):
        desk.put()
    runs = [threading.Thread(target=desk.send) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)

    assert max(Counter(server_ids(server)).values()) == 1
    assert len(server.mails) == 20
    desk.close()


def server_ids(server: MailServer) -> list[str]:
    return [str(mail["Message-ID"]) for mail in server.mails]


def test_only_who_holds_the_lease_sends(office: Callable[..., Desk]) -> None:
    desk = office()
    desk.put()
    with desk.app.app_context(), leases.held(sending.LEASE, "another process"):
        answer = desk.app.test_cli_runner().invoke(args=["outbox", "send", "--json"])

    assert answer.exit_code == HeldElsewhere.exit_code
    assert desk.states() == ["queued"]


def test_a_mail_taken_over_by_another_process_is_not_marked_by_the_first(
    desk: Desk, server: MailServer
) -> None:
    """The first was only asleep, not dead: the second has taken its mail for one that was left behind."""
    message_id = desk.put()

    def take_over() -> None:
        server.answer()
        desk.send()

    server.answer(before_data=take_over)
    desk.send()

    assert len(server.mails) == 2
    assert (desk.row(message_id).state, desk.row(message_id).attempts) == (OutboxState.SENT, 2)


def test_all_failpoints_of_sending_are_named_for_doctor() -> None:
    assert open_smtp is not None
    assert set(STEPS) <= failpoints.declared().keys()
