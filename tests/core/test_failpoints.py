"""Places where a test may kill the process: a name that does not exist is refused, never ignored."""

from __future__ import annotations

import pytest

from core import failpoints
from core.errors import CannotStart
from mail_ingest.storing import FETCHED


def test_a_failpoint_that_does_not_exist_is_refused_and_the_others_are_named() -> None:
    with pytest.raises(CannotStart, match="mail.fetchd.*" + FETCHED):
        failpoints.arm("mail.fetchd")
    assert FETCHED in failpoints.declared()
