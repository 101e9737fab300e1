"""An office whose months are made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import freezing
from reports.contents_json import to_json
from reports.vocabulary import FileFormat
from tests.reports.support import Months, months


@pytest.fixture(autouse=True)
def _plain_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that cost nothing to lay out: these tests are about what is kept, the renderers have tests of their own."""
    monkeypatch.setattr(
        freezing,
        "rendered",
        lambda bulletin: {kind: f"{kind}{to_json(bulletin)}".encode() for kind in FileFormat},
    )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Months]:
    with months(tmp_path) as found:
        yield found
