"""The one gate through which text from outside goes before it is stored or shown.

Both databases must keep the same: SQLite takes a NUL and PostgreSQL refuses it, neither takes a lone surrogate.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# What is removed: controls, surrogates, non-characters, and what reorders or hides text on the screen. An invisible
# character inside a telephone number would also hide it from the masking of identities.
_DANGEROUS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
    # A joiner has work to do between two pictures only (a family made of several emoji).
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_PLAIN = re.compile("[\t\n -~\u00a1-\u00ac\u2010-\u2027\u3000-\u3029\u4e00-\u9fff\uff01-\uff5e]*")
# Putting combining marks in order takes time that grows with the square of their number: 2 MB of them would take an
# hour. Languages pile up a handful.
_MOST_MARKS = 30
_MANY_MARKS = re.compile(r"[^\w\s!-/:-@\[-`{-~]{32,}")
_BLANKS = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """The text without what a database refuses or a screen must not obey; line ends are \\n, characters composed."""
    if _PLAIN.fullmatch(text):
        return text
    text = _MANY_MARKS.sub(_thinned, _DANGEROUS.sub("", _LINE_ENDS.sub("\n", text)))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _thinned(match: re.Match[str]) -> str:
    """The run of signs with no more than thirty combining marks on one character."""
    kept: list[str] = []
    marks = 0
    for character in match[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def clean_line(text: str, limit: int | None = None) -> str:
    """The cleaned text on one line, runs of blanks as one; cut with an ellipsis where it is longer than the limit."""
    line = _BLANKS.sub(" ", clean_text(text)).strip()
    return line if limit is None else shorten(line, limit)


def shorten(text: str, length: int) -> str:
    """The text in at most so many characters, the last an ellipsis where something was cut."""
    if len(text) <= length:
        return text
    return text[: max(length - 1, 0)].rstrip() + "…" if length > 0 else ""
