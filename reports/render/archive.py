"""Zip archives that are the same bytes whenever they are made: an office document is one. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

# The first day that a zip can name.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a zip, in the order given, none with the time of the day it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # else it says whether it was made on Windows or not
            archive.writestr(entry, content)
    return out.getvalue()


def repacked(document: bytes) -> bytes:
    """The same archive without the times at which its parts were written."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()})
