"""Every cell of status × act × person: what the table of acts allows is done, everything else is refused.

The table here is written by hand after the office's rules, not read from the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from core.db import db, transaction
from core.errors import DomainError, NotFound
from tests.life.support import FIELDS, PHONE, Desk, life_app, person
from tickets import handling
from tickets.action_table import TABLE
from tickets.actions import available
from tickets.handling import loading
from tickets.vocabulary import Action, Status

# C takes calls, H handles (not this one), W handles this one, E heads, L leads; O heads another section, S supervises.
LETTERS = {
    "C": "clerk_only",
    "H": "handler_only",
    "W": "worker",
    "E": "head_only",
    "L": "leader",
    "O": "other_head",
    "S": "supervisor",
}
OPEN = "pending accepted in_progress suspended review untold told dissatisfied"
BEGUN = "pending accepted in_progress"
CALLING = "untold told dissatisfied"
EVERY = f"{OPEN} closed wrote_again rejected transferred merged withdrawn voided"

ALLOWED: Mapping[Action, tuple[tuple[str, str], ...]] = {
    Action.ACCEPT: (("pending", "HWE"),),
    Action.ANSWER_NOW: (("pending", "CHW"),),
    Action.START: (("accepted", "HWE"),),
    Action.REFUSE: (("pending", "E"),),
    Action.HAND_OVER: ((BEGUN, "E"),),
    Action.TRANSFER_OUT: (("pending accepted", "E"),),
    Action.FEEDBACK: (("transferred", "CHWE"),),
    Action.MERGE: ((BEGUN, "HWE"),),
    Action.UNMERGE: (("merged", "HWE"),),
    Action.SPLIT: ((BEGUN, "HWE"),),
    Action.SUSPEND: (("in_progress", "E"),),
    Action.RESUME: (("suspended", "E"),),
    Action.REPORT_DONE: (("in_progress", "WE"),),
    Action.APPROVE: (("review", "EL"),),
    Action.SEND_BACK: (("review", "EL"),),
    Action.CALLED_BACK: ((CALLING, "CHE"),),
    Action.REDO: ((CALLING, "EL"),),
    Action.UPHOLD: (("dissatisfied", "E"),),
    Action.REOPEN: (("closed wrote_again", "EL"),),
    Action.WITHDRAW: ((OPEN, "HWE"),),
    Action.VOID: ((EVERY.replace(" voided", ""), "CHWEL"),),
    Action.ASSIGN: ((OPEN, "EL"),),
    Action.CORRECT: ((OPEN, "CHWE"),),
    Action.EXTEND: (("accepted", "E"), ("in_progress", "WE")),
    Action.SEND_ON: ((OPEN, "CHWEL"),),
    Action.NOTIFY: ((f"{OPEN} rejected transferred merged", "CHWE"),),
    Action.ANSWERED: (("untold", "CHWE"),),
    Action.RATED: (),
    Action.ASK_FACTS: ((f"{BEGUN} suspended", "CHWE"),),
    Action.NOTICE_BACK: (),
    Action.WROTE_AGAIN: (),
    Action.LEFT_AS_IS: (("wrote_again", "EL"),),
    Action.UNDELIVERED: (("told dissatisfied", "CHWE"),),
}


class Office:
    """One ticket for each stage, all handled by the worker, and an older one to merge into."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.main = desk.register()
        desk.do("worker", Action.ACCEPT)
        self.numbers = {stage: self._ticket(stage) for stage in EVERY.split()}
        self.people = {username: person(username) for username in LETTERS.values()}
        self.versions = {number: desk.version(number) for number in self.numbers.values()}
        self._outcomes: dict[tuple[str, Action, str], str] = {}

    def _ticket(self, stage: str) -> str:
        desk = self.desk
        number = desk.register(PHONE)
        if stage in {"accepted", "in_progress", "suspended", "closed"}:
            desk.until(Status(stage))
        elif stage == "wrote_again":
            desk.until(Status.CLOSED)
            with transaction() as session:
                assert handling.wrote_again(session, number) is not None
        elif stage == "review":
            desk.until(Status.PENDING_REVIEW)
        elif stage in CALLING.split():
            desk.until(Status.PENDING_CALLBACK)
            if stage != "untold":
                desk.do("worker", Action.ANSWERED)
            if stage == "dissatisfied":
                desk.do("clerk_only", Action.CALLED_BACK, satisfaction="dissatisfied")
        elif stage == "rejected":
            desk.do("head_only", Action.REFUSE)
        elif stage == "transferred":
            desk.do("head_only", Action.TRANSFER_OUT, feedback_by="2026-12-04")
        elif stage == "merged":
            desk.do("worker", Action.MERGE, into=self.main)
        elif stage == "withdrawn":
            desk.do("worker", Action.WITHDRAW)
            desk.do("clerk_only", Action.WITHDRAW)
            desk.do("head_only", Action.WITHDRAW)
        elif stage == "voided":
            desk.do("worker", Action.VOID)
            desk.do("head_only", Action.VOID)
        return number

    def outcome(self, stage: str, action: Action, username: str) -> str:
        """What becomes of the attempt; whatever it did is undone."""
        cell = (stage, action, username)
        if cell not in self._outcomes:
            self._outcomes[cell] = self._attempt(*cell)
        return self._outcomes[cell]

    def _attempt(self, stage: str, action: Action, username: str) -> str:
        number = self.numbers[stage]
        fields = dict(FIELDS.get(action, {}))
        if action is Action.MERGE:
            fields["into"] = self.main
        version, actor = self.versions[number], self.people[username]
        with transaction() as session:
            before = session.begin_nested()
            try:
                handling.perform(session, number, action, version=version, actor=actor, fields=fields)
            except NotFound:
                return "unknown"
            except DomainError:
                return "refused"
            else:
                return "done"
            finally:
                before.rollback()
                session.info.clear()  # nor is anything of it left for the audit chain


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    app = life_app(tmp_path_factory.mktemp("table"))
    with app.app_context():
        yield Office(Desk(app))
        db.session.remove()
        db.engine.dispose()


def test_the_table_here_has_a_line_for_every_act() -> None:
    assert set(ALLOWED) == set(TABLE)
    # Release, consent, order and inquiry leave the status alone and have rules of their own; so has what guards a complainant.
    beside = {"register", "recompute", "release", "consent", "order", "inquire", "paper", "write_off"}
    beside |= {"pressure", "leak_inquiry", "sealed"}
    assert {str(action) for action in TABLE} == {str(action) for action in Action} - beside


def test_every_stage_has_its_status(office: Office) -> None:
    statuses = {office.desk.ticket(number).status for number in office.numbers.values()}
    assert statuses == set(Status)


@pytest.mark.parametrize("action", list(ALLOWED), ids=str)
def test_who_may_do_what_and_when(office: Office, action: Action) -> None:
    expected, found = {}, {}
    for stage in office.numbers:
        allowed = "".join(who for stages, who in ALLOWED[action] if stage in stages.split())
        for letter, username in LETTERS.items():
            cell = f"{stage} × {username}"
            expected[cell] = "unknown" if letter in "OS" else "done" if letter in allowed else "refused"
            found[cell] = office.outcome(stage, action, username)
    wrong = {cell: (found[cell], expected[cell]) for cell in expected if found[cell] != expected[cell]}
    assert wrong == {}


@pytest.mark.parametrize("username", [LETTERS[letter] for letter in "CHWEL"])
def test_the_buttons_offer_what_can_be_done(office: Office, username: str) -> None:
    for stage, number in office.numbers.items():
        state = loading.state_of(db.session(), office.desk.ticket(number))
        offers = {offer.action: offer for offer in available(person(username), state)}
        for action in ALLOWED:
            offered = action in offers and offers[action].allowed
            assert offered == (office.outcome(stage, action, username) == "done"), (stage, action)
        assert all(offer.allowed or offer.why_not for offer in offers.values())
