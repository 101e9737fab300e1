"""Two people on one ticket: the second save gets both texts, field by field, whatever form it was."""

from __future__ import annotations

import re

import pytest

from accounts.actor import SYSTEM
from core.db import transaction
from demo.filling import SCHOOLS
from tests.desk.office import Office, words_of
from tickets.schools import load_schools, read_schools
from tickets.vocabulary import Action

DRAFT = {
    "school": "云岭一中",
    "text": "据反映，贵校课后服务另行收取材料费。",
    "requirement": "请逐项核查，如实反馈。",
    "due": "2026-12-02",
}


def pairs(html: str) -> dict[str, tuple[str, str]]:
    """By field: what stands there now, and what was typed."""
    found = re.findall(
        r'class="field-label">([^<：]+)：现在是</span><div class="prose">([^<]*)</div>.*?<textarea[^>]*>\n?([^<]*)</textarea>',
        html,
        re.S,
    )
    return {label: (now.strip(), typed.strip()) for label, now, typed in found}


def test_what_was_corrected_stands_beside_what_was_typed(office: Office) -> None:
    number = office.assigned(to="li")
    seen = office.version(number)
    office.act(number, Action.CORRECT, by="wang", title="另收材料费", urgency="urgent", reason="更正")

    answer = office.signed_in("li").post(
        f"/tickets/{number}/actions",
        {
            "action": "correct",
            "version": seen,
            "title": "课后服务收费",
            "urgency": "watch",
            "reason": "标题太长",
        },
        form="/tickets/new",
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "王建国在" in words_of(page)
    assert pairs(page) == {
        "标题": ("另收材料费", "课后服务收费"),
        "缓急": ("紧急", "关注"),
        "理由": ("更正", "标题太长"),
    }
    assert office.stored(number).title == "另收材料费"


@pytest.fixture
def drafted(office: Office) -> tuple[str, str]:
    """A ticket with a draft of an order; its number and the order's address."""
    with office.app.app_context(), transaction() as session:
        load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
    number = office.assigned(to="li")
    answer = office.signed_in("li").post(f"/tickets/{number}/orders/new", DRAFT)
    assert answer.status_code == 303
    return number, answer.location


def test_a_draft_that_somebody_else_has_changed(office: Office, drafted: tuple[str, str]) -> None:
    _, address = drafted
    shown = re.search(r'name="version" value="(\d+)"', office.signed_in("li").text(address))
    assert shown
    changed = {**DRAFT, "verb": "change", "version": shown[1], "text": "据反映，贵校另收材料费未公示。"}
    assert office.signed_in("wang").post(f"{address}/actions", changed, form=address).status_code == 303

    mine = {**changed, "text": "据反映，贵校收取材料费不开收据。"}
    answer = office.signed_in("li").post(f"{address}/actions", mine, form=address)

    assert answer.status_code == 409
    both = pairs(answer.get_data(as_text=True))
    assert both["反映事项"] == ("据反映，贵校另收材料费未公示。", "据反映，贵校收取材料费不开收据。")
    assert both["办理要求"] == ("请逐项核查，如实反馈。", "请逐项核查，如实反馈。")


def test_a_summary_that_somebody_else_has_confirmed(office: Office) -> None:
    number = office.assigned(to="li")
    seen = office.version(number)
    form = f"/tickets/{number}/orders"
    first = {"version": seen, "text": "据反映，该校另收材料费。"}
    assert office.signed_in("wang").post(f"/tickets/{number}/released", first, form=form).status_code == 303

    mine = {"version": seen, "text": "据反映，该校收费不公示。"}
    answer = office.signed_in("li").post(f"/tickets/{number}/released", mine, form=form)

    assert answer.status_code == 409
    assert pairs(answer.get_data(as_text=True)) == {
        "脱敏摘要": ("据反映，该校另收材料费。", "据反映，该校收费不公示。")
    }
