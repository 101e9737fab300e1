"""One write transaction a change: nothing lost, nothing "locked", no write outside."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit
from core.db import WriteOutsideTransaction, db, transaction
from core.state import InstallationFact, get_fact, set_fact
from tickets.models import NumberCounter
from tickets.numbers import next_number

THREADS = 8
ROUNDS = 25


def in_threads(app: Flask, work: Callable[[int], None]) -> list[BaseException]:
    """Runs the work in eight threads at once, each like a request of its own; the errors they met."""
    errors: list[BaseException] = []
    ready = threading.Barrier(THREADS)

    def run(number: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                work(number)
            except Exception as error:  # noqa: BLE001 - whatever went wrong in a thread is the test's to see
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_eight_threads_that_read_and_then_write_lose_nothing_and_are_never_locked_out(ground: Flask) -> None:
    with transaction() as session:
        set_fact(session, "count", "0")

    def work(_number: int) -> None:
        for _ in range(ROUNDS):
            get_fact(db.session(), "count")  # every request reads first: who is it, what is shown
            with transaction() as session:
                row = session.scalars(
                    sa.select(InstallationFact).where(InstallationFact.name == "count").with_for_update()
                ).one()
                row.value = str(int(row.value) + 1)
                audit.record(session, "counted", actor="test")

    assert in_threads(ground, work) == []
    assert get_fact(db.session(), "count") == str(THREADS * ROUNDS)
    chain = audit.verify_chain(db.session())
    assert (chain.ok, chain.rows) == (True, THREADS * ROUNDS)


def test_numbers_have_no_gap_and_no_twin_when_threads_take_them_and_some_fail(ground: Flask) -> None:
    taken: list[str] = []

    def work(number: int) -> None:
        for turn in range(ROUNDS):
            with contextlib.suppress(ZeroDivisionError):
                with transaction() as session:
                    got = next_number(session, "ZJ", date(2026, 11, 23))
                    _ = 1 / ((number + turn) % 5)
                taken.append(got)

    assert in_threads(ground, work) == []
    assert sorted(taken) == [f"ZJ20261123-{place:04d}" for place in range(1, len(taken) + 1)]
    assert len(taken) == THREADS * ROUNDS * 4 // 5


def test_each_section_and_day_counts_from_one(ground: Flask) -> None:
    with transaction() as session:
        numbers = [
            next_number(session, prefix, day)
            for prefix in ("ZJ", "CY")
            for day in (date(2026, 11, 23), date(2026, 11, 24))
            for _ in range(2)
        ]
    assert numbers[:4] == ["ZJ20261123-0001", "ZJ20261123-0002", "ZJ20261124-0001", "ZJ20261124-0002"]
    assert numbers[4] == "CY20261123-0001"


def test_more_than_9999_in_a_day_go_on_with_five_digits(ground: Flask) -> None:
    with transaction() as session:
        session.add(NumberCounter(prefix="ZJ", day="20261123", last=9999))
        session.flush()
        assert next_number(session, "ZJ", date(2026, 11, 23)) == "ZJ20261123-10000"


def test_a_flush_outside_a_transaction_is_refused(ground: Flask) -> None:
    db.session.add(InstallationFact(name="a", value="b"))
    with pytest.raises(WriteOutsideTransaction):
        db.session.flush()
    with pytest.raises(WriteOutsideTransaction):
        db.session.commit()


def test_a_bulk_statement_outside_a_transaction_is_refused(ground: Flask) -> None:
    with pytest.raises(WriteOutsideTransaction):
        db.session.execute(sa.update(InstallationFact).values(value="x"))


def test_a_transaction_inside_another_is_a_mistake_of_the_program(ground: Flask) -> None:
    with transaction(), pytest.raises(RuntimeError), transaction():
        pass


def test_an_error_takes_back_everything_also_what_was_recorded(ground: Flask) -> None:
    def fail() -> None:
        with transaction() as session:
            set_fact(session, "a", "b")
            audit.record(session, "did", actor="test")
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert get_fact(db.session(), "a") is None
    assert audit.verify_chain(db.session()).rows == 0


def test_what_a_transaction_wrote_is_seen_by_the_next_read(ground: Flask) -> None:
    assert get_fact(db.session(), "a") is None
    with transaction() as session:
        set_fact(session, "a", "b")
    assert get_fact(db.session(), "a") == "b"
