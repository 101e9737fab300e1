"""An office whose months are made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.support import Months, months


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Months]:
    with months(tmp_path) as found:
        yield found
