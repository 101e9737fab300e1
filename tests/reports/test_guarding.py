"""What was done against complainants, and for them, is counted by when it was written down, and says nothing of any case."""

from __future__ import annotations

from core.db import transaction
from tests.life.support import person
from tests.reports.support import PHONE, Months
from tickets.secrecy import leak_inquiries, pressures, sealed_hand_overs
from tickets.secrecy.words import SealedVerb

ASKED = {"people": "该校办公室主任", "way": "phone", "said": "想知道是谁", "answered": "不能说"}
SEALED = {
    "authority": "县公安局",
    "paper_number": "8号",
    "basis": "立案侦查",
    "envelope": "identity",
}


def test_a_month_counts_what_was_written_down_in_it(office: Months) -> None:
    number = office.comes("11-02 09:00")
    for when, kind in (("11-03 09:00", "asked"), ("11-30 23:59", "asked"), ("11-30 23:59", "pressed")):
        office.at(when)
        with transaction() as session:
            pressures.record(session, number, actor=person("head"), fields={**ASKED, "happened": kind})
    office.at("11-04 09:00")
    with transaction() as session:
        leak_inquiries.start(session, number, actor=person("head"), fields={"reason": "被当面点名"})
        row = sealed_hand_overs.ask(session, number, actor=person("head"), fields=SEALED)
        row_id = row.id
    for who in ("head", "leader"):
        with transaction() as session:
            sealed_hand_overs.decide(
                session,
                number,
                row_id,
                SealedVerb.APPROVE,
                version=1 if who == "head" else 2,
                actor=person(who),
                fields={},
            )
    office.at("12-01 00:00")
    with transaction() as session:
        pressures.record(session, number, actor=person("head"), fields={**ASKED, "happened": "asked"})
        sealed_hand_overs.print_sheet(session, number, row_id, actor=person("head"))
    office.at("12-02 08:00")

    november = office.bulletin("2026-11")

    assert dict(november.guarding) == {
        "打听反映人": 2,
        "施压或要求撤回": 1,
        "报复、区别对待": 0,
        "启动泄密核查": 1,
        "依法密封移交": 0,
    }
    said = [text for each in november.chapters for part in each.passages for text in part.paragraphs]
    (sentence,) = (text for text in said if "打听反映人" in text)
    assert "“打听反映人” 2 次" in sentence
    assert "办公室主任" not in str(november)
    assert PHONE.name not in str(november)
