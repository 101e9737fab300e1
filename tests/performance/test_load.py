"""People at work while mail comes in and a backup is made: nobody is refused, nothing is lost. The bench has fifty of them."""

from __future__ import annotations

import sys

import pytest

from benchmarks.load import HEAD, at_work, told


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.engine)])
def test_everybody_is_answered(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    office = at_work(8, 8, tickets=300, engine=engine)

    with capsys.disabled():
        sys.stdout.write(f"\n{HEAD}\n{told(office, engine)}\n")
    assert office.errors == []
    assert office.locked == 0
    assert len(office.reads) >= 8
    assert office.writes
    assert office.backups
    assert office.mails_read
