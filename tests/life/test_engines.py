"""Several people at the same moment, on both engines."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, StaleVersion
from tests.life.support import Desk, life_app, person
from tests.support.postgres import drop_database, new_database
from tickets import handling, intake
from tickets.models import Ticket
from tickets.replay import verify_replay
from tickets.vocabulary import Action, Channel, Status


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on each engine."""
    url = new_database() if request.param == "postgresql" else ""
    app = life_app(tmp_path, url=url)
    with app.app_context():
        yield Desk(app)
        db.session.remove()
        db.engine.dispose()
    if url:
        drop_database(url)


def _at_once(desk: Desk, *acts: Callable[[], object]) -> list[str]:
    """Runs acts in threads that start together; what became of each."""
    together = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def _run(act: Callable[[], object]) -> None:
        with desk.app.app_context():
            together.wait()
            try:
                act()
            except StaleVersion:
                outcomes.append("stale")
            except DomainError:
                outcomes.append("refused")
            else:
                outcomes.append("done")

    threads = [threading.Thread(target=_run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)


def _act(number: str, username: str, action: Action, version: int, **fields: str) -> Callable[[], object]:
    actor = person(username)

    def _do() -> None:
        with transaction() as session:
            handling.perform(session, number, action, version=version, actor=actor, fields=fields)

    return _do


def test_of_eight_who_press_the_same_button_one_does_it(desk: Desk) -> None:
    number = desk.register()
    version = desk.version(number)
    acts = [_act(number, "worker", Action.ACCEPT, version) for _ in range(8)]
    assert _at_once(desk, *acts) == ["done", *["stale"] * 7]
    assert desk.status() is Status.ACCEPTED
    assert verify_replay(db.session()).ok


def test_numbers_have_no_gap_and_no_double_under_eight_threads(desk: Desk) -> None:
    """One in five is undone at the last moment: what was not kept has taken no number."""
    clerk = person("clerk_only")

    def _register(place: int) -> Callable[[], object]:
        def _do() -> None:
            for turn in range(5):
                with contextlib.suppress(DomainError), transaction() as session:
                    new = intake.NewTicket(
                        channel=Channel.PHONE,
                        received_at=now(),
                        matter="课后服务另收材料费。",
                        section="zhongjiao",
                    )
                    intake.register(session, new, actor=clerk)
                    session.flush()
                    if (place + turn) % 5 == 0:
                        raise DomainError("没有登记成")

        return _do

    assert _at_once(desk, *(_register(place) for place in range(8))) == ["done"] * 8
    db.session.rollback()
    numbers = db.session.scalars(sa.select(Ticket.number).order_by(Ticket.number)).all()
    assert numbers == [f"ZJ20261123-{place:04d}" for place in range(1, 33)]
    assert verify_replay(db.session()).ok


def test_two_that_are_merged_into_each_other_wait_for_each_other_but_not_for_ever(desk: Desk) -> None:
    one, other = desk.register(), desk.register()
    acts = [
        _act(one, "worker", Action.MERGE, desk.version(one), into=other, reason="同一件事"),
        _act(other, "head", Action.MERGE, desk.version(other), into=one, reason="同一件事"),
    ]
    assert _at_once(desk, *acts) == ["done", "refused"]
    assert {desk.ticket(one).status, desk.ticket(other).status} == {Status.MERGED, Status.PENDING}


def test_a_whole_life(desk: Desk) -> None:
    desk.register()
    desk.until(Status.IN_PROGRESS)
    desk.do("head", Action.SUSPEND)
    desk.later(days=1)
    desk.do("head", Action.RESUME)
    desk.do("worker", Action.REPORT_DONE, answer="林小雅家长：已退还，13905951234。")
    desk.do("worker", Action.SEND_ON, duty="review")
    desk.do("other_head", Action.APPROVE)
    desk.do("worker", Action.ANSWERED)
    desk.do("clerk_only", Action.CALLED_BACK)
    assert desk.status() is Status.CLOSED
    assert desk.running() == {}
    assert verify_replay(db.session()).ok
