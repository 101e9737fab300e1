"""Suggestions for texts that use none of the usual words: how many are right, of those the rules were written with."""

from __future__ import annotations

import sys

import pytest

from tests.suggestions.paraphrases import SAID
from tests.suggestions.samples import suggester


def test_most_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    found = [(suggester().suggest("", text), row) for *row, text in SAID]
    section = [guess.section == row[0] for guess, row in found if row[0]]
    category = [guess.category in str(row[1]).split() for guess, row in found]
    danger = [guess.urgent for guess, row in found if row[2]]
    false = [guess.urgent for guess, row in found if not row[2]]

    with capsys.disabled():
        sys.stdout.write(
            f"\nparaphrases: section {sum(section)} of {len(section)}, category {sum(category)} of {len(category)}, "
            f"danger {sum(danger)} of {len(danger)}, false alarms {sum(false)} of {len(false)}\n"
        )
    assert sum(section) >= 0.95 * len(section)
    assert sum(category) >= 0.8 * len(category)
    assert sum(danger) >= 0.95 * len(danger)
    assert sum(false) <= 0.08 * len(false)


def test_new_lessons_are_no_sports_lessons() -> None:
    assert suggester().suggest("", "周三周五上新课").category == "C1"
