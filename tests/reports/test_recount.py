"""The figures equal an independent recount from the raw rows, for months in which people did whatever they could."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from core.clock import OFFICE_ZONE
from core.errors import DomainError
from reports.contents import Bulletin
from tests.reports.recount import Recounted, recount
from tests.reports.support import NOBODY, PHONE, Months, moment
from tickets.vocabulary import Action, Channel

PEOPLE = ("worker", "head", "leader", "clerk_only")
ACTS = (
    Action.ACCEPT,
    Action.START,
    Action.REPORT_DONE,
    Action.APPROVE,
    Action.ANSWERED,
    Action.CALLED_BACK,
    Action.REFUSE,
    Action.TRANSFER_OUT,
    Action.MERGE,
    Action.UNMERGE,
    Action.SUSPEND,
    Action.RESUME,
    Action.EXTEND,
    Action.SEND_BACK,
    Action.REDO,
    Action.REOPEN,
    Action.WITHDRAW,
    Action.VOID,
    Action.UNDELIVERED,
    Action.HAND_OVER,
)


def counted(found: Bulletin) -> Recounted:
    balance = found.balance
    named = {
        "opening": balance.opening,
        "received": balance.received,
        "restored": balance.restored,
        "closed": balance.closed,
        "rejected": balance.rejected,
        "transferred": balance.transferred,
        "merged": balance.merged,
        "withdrawn": balance.withdrawn,
        "voided": balance.voided,
        "open_at_end": balance.open_at_end,
    }
    values = {each.label: each.value for each in Channel}
    channels = next(each for each in found.breakdowns if each.name == "来源")
    always = ("opening", "open_at_end")
    return Recounted(
        balance={name: count for name, count in named.items() if count or name in always},
        matters=found.matters,
        original=(found.in_time_original.due, found.in_time_original.in_time),
        current=(found.in_time_current.due, found.in_time_current.in_time),
        overdue={each.kind: each.tickets for each in found.overdue if each.tickets},
        channels={
            values[line.label]: line.now
            for line in sorted(channels.lines, key=lambda x: values[x.label])
            if line.now
        },
    )


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_the_figures_equal_an_independent_recount(office: Months, seed: int) -> None:
    chance = random.Random(seed)
    office.at("10-09 08:00")
    numbers: list[str] = []
    done = 0
    while office.clock.moment < moment("12-01 00:00"):
        office.clock.moment += timedelta(minutes=chance.randint(5, 500))
        if office.clock.moment >= moment("12-01 00:00"):
            break
        text = office.clock.moment.astimezone(OFFICE_ZONE).strftime("%Y-%m-%d %H:%M")
        if not numbers or chance.random() < 0.15:
            person = chance.choice([PHONE, NOBODY])
            numbers.append(office.comes(text, people=(person,), channel=chance.choice(list(Channel))))
            continue
        action, number = chance.choice(ACTS), chance.choice(numbers[-6:])
        fields = {"into": chance.choice(numbers)} if action is Action.MERGE else {}
        if action is Action.SUSPEND:
            until = office.clock.moment + timedelta(days=chance.randint(1, 12))
            fields = {"until": until.date().isoformat()}
        for who in PEOPLE:
            try:
                office.does(text, number, action, by=who, **fields)
            except DomainError:
                continue
            done += 1
            break
    assert done > 40

    for name, first, last in (
        ("2026-10", "2026-10-01", "2026-10-31"),
        ("2026-11", "2026-11-01", "2026-11-30"),
    ):
        office.at("12-01 00:40")
        found = office.bulletin(name)
        mine, theirs = counted(found), recount(first, last)
        if name == "2026-11":
            assert mine == theirs
        else:  # what moved deadlines since cannot be seen in their rows any more
            assert (mine.balance, mine.matters, mine.channels) == (
                theirs.balance,
                theirs.matters,
                theirs.channels,
            )
