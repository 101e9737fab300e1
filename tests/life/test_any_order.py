"""Whoever does whatever in whatever order: what must always hold of a ticket does."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.clock import now, office_day
from core.db import db, transaction
from core.errors import DomainError
from tests.life.support import MAIL, NOBODY, PHONE, Desk, life_app, person
from tickets import duties, handling
from tickets.action_table import TABLE
from tickets.actions import available
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind
from tickets.handling import loading
from tickets.identity import Person
from tickets.replay import replay, verify_replay
from tickets.vocabulary import OPEN_STATUSES, Action, Satisfaction, Status

STAFF = ("head", "worker", "other_head", "other_worker", "leader", "clerk_only")
LAWS = frozenset({DeadlineKind.LEGAL, DeadlineKind.NOTICE})
FINAL = frozenset({Status.CLOSED, Status.VOIDED, Status.WITHDRAWN})


SELDOM = frozenset(
    {
        Action.VOID,
        Action.WITHDRAW,
        Action.SEND_ON,
        Action.ASSIGN,
        Action.CORRECT,
        Action.NOTIFY,
        Action.SPLIT,
        Action.ANSWER_NOW,
        Action.REFUSE,
        Action.TRANSFER_OUT,
        Action.HAND_OVER,
        Action.MERGE,
    }
)
_DECISIONS = ("agree", "agree", "disagree")


def _one(name: str, *values: str) -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from(values).map(lambda value: {name: value})


class AnyOrder(RuleBasedStateMachine):
    """Two tickets, six people, every act, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="any-order-")
        self.context = life_app(Path(self._folder.name)).app_context()
        self.context.push()
        self.desk = Desk(self.context.app)
        self.numbers: list[str] = []
        self.originals: dict[int, str] = {}

    def teardown(self) -> None:
        if self.numbers:
            assert verify_replay(db.session()).ok
        db.session.remove()
        db.engine.dispose()
        self.context.pop()
        self._folder.cleanup()

    @initialize(people=st.lists(st.sampled_from([PHONE, MAIL, NOBODY]), min_size=2, max_size=2))
    def register(self, people: list[Person]) -> None:
        for who in people:
            self.numbers.append(self.desk.register(who))

    # One rule for everything: with several of them Hypothesis leaves some out of whole runs, mostly the acts.
    @rule(what=st.integers(0, 11), which=st.integers(0, 1), data=st.data())
    def something_happens(self, what: int, which: int, data: st.DataObject) -> None:
        number = self.numbers[which]
        match what:
            case 0:
                with transaction() as session:
                    handling.answer_reached(session, number, now())
            case 1:
                with transaction() as session:
                    handling.answer_bounced(session, number, "对方邮箱不存在")
            case 2:
                self._time_goes_by(data.draw(st.integers(1, 6)))
            case _:
                self._act(number, data)

    def _act(self, number: str, data: st.DataObject) -> None:
        """Somebody who may do something does it; what ends a ticket's life at once comes rarely."""
        state = loading.state_of(db.session(), self.desk.ticket(number))
        possible = [
            (username, offer.action)
            for username in STAFF
            for offer in available(person(username), state)
            if offer.allowed
        ]
        rare = data.draw(st.integers(0, 3)) == 0
        choices = [each for each in possible if (each[1] in SELDOM) == rare] or possible
        if not choices:
            return
        username, action = data.draw(st.sampled_from(choices))
        before = self.desk.ticket(number).version
        try:
            done = self.desk.do(username, action, number=number, **self._fields(action, number, data))
        except DomainError:
            assert self.desk.ticket(number).version == before
            return
        assert done.ticket.version == before + 1

    def _time_goes_by(self, days: int) -> None:
        self.desk.later(days=days)
        with transaction() as session:
            waiting = handling.to_resume(session)
        for number in waiting:
            with transaction() as session:
                handling.resume_by_date(session, number)

    def _fields(self, action: Action, number: str, data: st.DataObject) -> dict[str, str]:
        """Particulars that change from act to act, beside the usual ones."""
        today = office_day(now())
        anew = {
            Action.MERGE: st.just({"into": next((each for each in self.numbers if each != number), "")}),
            Action.HAND_OVER: _one("section", "zhongjiao", "chuyoujiao"),
            Action.SEND_ON: st.builds(
                dict,
                section=st.sampled_from(["", "chuyoujiao"]),
                duty=st.sampled_from(["review", "call_back"]),
            ),
            Action.CALLED_BACK: _one("satisfaction", *map(str, Satisfaction)),
            Action.SUSPEND: _one("until", *(str(today + timedelta(days=each)) for each in range(20))),
            Action.EXTEND: st.builds(
                dict, days=st.sampled_from(["1", "4", "6", "10"]), decision=st.sampled_from(_DECISIONS)
            ),
            Action.WITHDRAW: _one("decision", *_DECISIONS),
            Action.VOID: _one("decision", *_DECISIONS),
            Action.UPHOLD: _one("decision", *_DECISIONS),
            Action.REOPEN: st.just({"handler": "worker"}),
            Action.REDO: st.just({"handler": "worker"}),
        }
        return data.draw(anew[action]) if action in anew else {}

    @invariant()
    def what_always_holds(self) -> None:
        for number in self.numbers:
            ticket = self.desk.ticket(number)
            session = db.session()
            rows = loading.deadlines_of(session, ticket)
            running = Counter(row.kind for row in rows if row.met_at is None and row.ended_at is None)
            assert all(count == 1 for count in running.values()), "two of one kind run"
            if ticket.status in FINAL:
                assert not running
            if ticket.status not in OPEN_STATUSES:
                assert not running.keys() - LAWS - {DeadlineKind.FEEDBACK}
            else:
                assert running.keys() - LAWS, "an open ticket without a deadline"
                self._somebody_can_go_on(ticket.number)
            if ticket.status in {Status.IN_PROGRESS, Status.PENDING_REVIEW}:
                assert ticket.handler_id is not None
            assert (ticket.closed_at is None) or ticket.status in {Status.CLOSED, Status.VOIDED}
            assert (ticket.merged_into_id is not None) or ticket.status is not Status.MERGED
            for row in rows:
                original = row.original_last_day.isoformat()
                assert self.originals.setdefault(row.id, original) == original, "an original day was moved"
                assert row.paused_at is None or ticket.status in {Status.SUSPENDED, *FINAL}
            told = replay(loading.events_of(session, ticket))
            assert told.trouble == ""
            assert told.status is ticket.status
            assert {"due": dict(told.due), "marks": dict(told.marks)} == ledger.for_history(session, ticket)

    def _somebody_can_go_on(self, number: str) -> None:
        """Some act that leads on is open to somebody, or to somebody it can be sent to."""
        session = db.session()
        state = loading.state_of(session, self.desk.ticket(number))
        people = duties.staff(session)
        leading_on = [
            each for each in TABLE.values() if state.status in each.sources and each.targets - {state.status}
        ]
        turns = [duties.next_person(each, state, people, {}) for each in leading_on]
        assert any(turn.people for turn in turns), "nobody can go on"


TestAnyOrder = pytest.mark.slow(AnyOrder.TestCase)
TestAnyOrder.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
