"""Where the collections of real mails and complaints lie, when they are there at all.

They are not part of the project (licences, names of private persons): a test that needs them says so and skips.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def corpora_dir() -> Path | None:
    """The folder with mails/, expected/ and complaints/, or None where it is absent."""
    folder = Path(os.environ.get("HOTLINE_TEST_CORPORA", str(_BESIDE_THE_PROJECT)))
    return folder if (folder / "kinds.json").is_file() else None


def corpora_or_skip() -> Path:
    """The folder, or a loud skip of the calling test."""
    folder = corpora_dir()
    if folder is None:
        pytest.skip("the collection of real mails is not beside the project (set HOTLINE_TEST_CORPORA)")
    return folder
