"""Zip archives that are the same bytes whenever they are made: an office document is one. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

# The first day that a zip can name.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def packed(parts: Mapping[str, Iterable[bytes]]) -> bytes:
    """The parts as a zip, in the order given, none with the time of the day it was made; a part may come in pieces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, pieces in parts.items():
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # else it says whether it was made on Windows or not
            with archive.open(entry, "w") as part:
                part.writelines(pieces)
    return out.getvalue()


def repacked(document: bytes, *, fillings: Mapping[bytes, Iterable[str]], into: str) -> bytes:
    """The same archive without the times at which its parts were written.

    In the part `into` each key of `fillings` is replaced by what it stands for, so that this never is in memory as a whole.
    """
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts: dict[str, Iterable[bytes]] = {name: [archive.read(name)] for name in archive.namelist()}
        parts[into] = _filled(archive.read(into), fillings)
        return packed(parts)


def _filled(text: bytes, fillings: Mapping[bytes, Iterable[str]]) -> Iterable[bytes]:
    for place, pieces in fillings.items():
        before, _, text = text.partition(place)
        yield before
        yield from (piece.encode() for piece in pieces)
    yield text
