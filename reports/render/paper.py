"""The measures of official paper (GB/T 9704-2012) and the empty document that has them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.render.archive import packed

_TWENTIETHS = 1440 / 25.4  # twentieths of a point in a millimetre
_PARTS = Path(__file__).parent / "word"
_NAMES = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_rels.xml",
    "word/document.xml": "document.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "fontTable.xml",
}

TITLE_ROOM = 19.0  # characters of 二号 on a line of 156 mm, with a little air


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of A4 and its margins, in millimetres; `foot` is where the page number stands above the edge."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float
    foot: float

    @property
    def room(self) -> int:
        """The width between the margins, in twentieths of a point."""
        return int((self.width - self.left - self.right) * _TWENTIETHS)


UPRIGHT = Sheet(width=210, height=297, top=37, bottom=35, left=28, right=26, foot=25)
# What stands above and below on the upright sheet stands at the sides; fifteen columns need the rest.
LENGTHWISE = Sheet(width=297, height=210, top=28, bottom=26, left=20, right=20, foot=16)


@cache
def empty_document() -> bytes:
    """A docx without a word in it: the styles, fonts and grid of official paper."""
    return packed({name: [(_PARTS / file).read_bytes()] for name, file in _NAMES.items()})
