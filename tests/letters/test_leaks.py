"""No letter to one complainant tells of another, and nothing that is printed in a ledger or goes to the commission tells of any."""

from __future__ import annotations

import pytest

from core.errors import DomainError
from tests.letters.place import DONE, PARENT, Place
from tickets.identity import Person
from tickets.released import Leaking
from tickets.vocabulary import Action

OTHER = Person(name="司徒慕华", email="situ88@example.com", phone="13905987716")


def merged(place: Place) -> tuple[str, str]:
    """Two people on one matter: the main one in work, the other's merged into it."""
    main, other = place.ticket(PARENT), place.ticket(OTHER)
    place.do(main, Action.ACCEPT, "li", handler="li")
    place.do(main, Action.START, "li")
    place.do(other, Action.MERGE, "li", into=main, reason="同一件事")
    return main, other


@pytest.mark.parametrize(
    "telling",
    [
        "与您一同反映的司徒慕华同志也已告知。",
        "另一位家长（13905987716）也反映过。",
        "抄送 situ88@example.com。",
    ],
)
def test_an_answer_that_tells_of_another_complainant_is_stopped_with_how_to_go_on(
    place: Place, telling: str
) -> None:
    main, _ = merged(place)
    with pytest.raises(DomainError, match="可能暴露反映人"):
        place.do(main, Action.REPORT_DONE, "li", **{**DONE, "answer": f"经核查，情况属实，已退还。{telling}"})
    assert place.office.stored(main).status.value == "in_progress"
    assert [to for to, subject, _ in place.mails() if "答复" in subject] == []


def test_the_readers_own_name_and_a_schools_number_are_no_leak(place: Place) -> None:
    main, _ = merged(place)
    answer = f"{PARENT.name}您好，经核查情况属实，已退还。详情可拨打学校 0595-23236000。"
    place.do(main, Action.REPORT_DONE, "li", **{**DONE, "answer": answer})
    place.do(main, Action.APPROVE, "wang")
    place.send()
    sent = {to: body for to, _, body in place.mails()}
    assert PARENT.name in sent[PARENT.email]
    assert PARENT.name not in sent[OTHER.email]


@pytest.mark.parametrize("telling", [PARENT.name, PARENT.email])
def test_measures_that_tell_of_the_complainant_are_stopped_before_they_are_reported(
    place: Place, telling: str
) -> None:
    number = place.ticket(PARENT)
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.START, "li")
    with pytest.raises(Leaking):
        place.do(number, Action.REPORT_DONE, "li", **{**DONE, "measures": f"已退还{telling}一百二十元。"})
    place.do(number, Action.REPORT_DONE, "li", **{**DONE, "measures": "已全部退还。"})
