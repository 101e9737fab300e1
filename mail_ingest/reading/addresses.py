"""Who a header names, for headers that keep no grammar: `<<a@b>>,,`, commas in bare names, brackets without end."""

from __future__ import annotations

import re

from core.text import clean_line
from mail_ingest.reading.headers import Headers, decode_words
from mail_ingest.reading.parsed import Address

MOST_ADDRESSES = 500
LONGEST_NAME = 300
_AN_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]{1,200}@[^\s<>()\[\]:;,\"]{1,250}")
_BLANK = re.compile(r"\s+")


def addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    """Everybody whom the fields of that name list, as written, in their order."""
    found: list[Address] = []
    for raw in headers.all_raw(name):
        for piece in _pieces(headers.characters(raw)):
            if (address := _one(piece)) and len(found) < MOST_ADDRESSES:
                found.append(address)
    return tuple(found)


def single(headers: Headers, name: str) -> Address | None:
    """The one sender of a field; of several fields the first that holds an address, else the first that holds a name."""
    several = addresses(headers, name)
    return next((one for one in several if one.address), several[0] if several else None)


def _pieces(value: str) -> list[str]:
    """The value cut at its commas, quotes and brackets respected; a piece without an address belongs to the next one."""
    pieces: list[str] = []
    start = depth = 0
    quoted = angle = skip = has_address = False
    for index, character in enumerate(value):
        if skip:
            skip = False
        elif character == "\\":
            skip = quoted or depth > 0
        elif quoted:
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(depth - 1, 0)
        elif depth == 0 and character in "<>":
            angle = character == "<"
        elif character == "@":
            has_address = True
        # `Smith, Karoline <k@example.org>`: the comma belongs to the name.
        elif depth == 0 and not angle and (character == ";" or (character == "," and has_address)):
            pieces.append(value[start:index])
            start, has_address = index + 1, False
    pieces.append(value[start:])
    return [piece.strip(" \t,;") for piece in pieces if piece.strip(" \t,;")]


def _one(piece: str) -> Address | None:
    group, colon, rest = piece.partition(":")
    if colon and not set('"<(@') & set(group):
        piece = rest.strip()  # `undisclosed-recipients:;` and other groups
    if not piece:
        return None
    name, address = _split(piece)
    name = clean_line(decode_words(_unquoted(name)), LONGEST_NAME).strip("'\" ")
    address = clean_line(decode_words(address), LONGEST_NAME)
    return Address(name, address) if name or address else None


def _split(piece: str) -> tuple[str, str]:
    opening = piece.rfind("<")
    if opening >= 0:
        inside, _, behind = piece[opening + 1 :].partition(">")
        name = piece[:opening].rstrip("< ")
        inside = _BLANK.sub("", _without_comments(inside)[0])
        if "@" in inside or not _AN_ADDRESS.search(name):
            return name or _comment(behind), inside
        piece = name
    outside, comment = _without_comments(piece)
    bare = outside.strip().strip("<>").strip()
    if "@" not in bare:
        return bare or comment, ""
    if " " not in bare and '"' not in bare:
        return comment, bare
    if match := _AN_ADDRESS.search(bare):
        return (bare[: match.start()] + bare[match.end() :]).strip() or comment, match[0].strip("'")
    return comment, bare


def _without_comments(text: str) -> tuple[str, str]:
    outside: list[str] = []
    inside: list[str] = []
    depth = 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        else:
            (inside if depth else outside).append(character)
    return "".join(outside), "".join(inside).strip()


def _comment(text: str) -> str:
    return _without_comments(text)[1]


def _unquoted(name: str) -> str:
    name = name.strip()
    if '"' in name:
        name = re.sub(r"\\(.)", r"\1", name).replace('"', "")
    return name
