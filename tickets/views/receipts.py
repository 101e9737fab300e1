"""Number and query code of what this browser has just registered: in the signed cookie until they were shown once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, session

from config.settings import Settings

_RECEIPT = "receipt"


def keep(number: str, codes: Sequence[str]) -> None:
    """Keeps them for the next page; never in an address, which browsers remember."""
    session[_RECEIPT] = {"number": number, "codes": list(codes)}


def take(number: str) -> list[str]:
    """The query codes of that ticket, if they have not been shown yet; they can be taken once."""
    kept = session.get(_RECEIPT)
    if not isinstance(kept, dict) or kept.get("number") != number:
        return []
    session.pop(_RECEIPT)
    return [str(code) for code in kept.get("codes", [])]


def spoken_number(number: str) -> str:
    """A number as it is said on the telephone: 中教，11 月 23 日，第 7 号."""
    settings: Settings = current_app.extensions["settings"]
    head, _, counted = number.partition("-")
    prefix, day = head[:-8], head[-8:]
    section = next((each.name for each in settings.office.sections if each.number_prefix == prefix), prefix)
    return f"{section.removesuffix('股')}，{int(day[4:6])} 月 {int(day[6:])} 日，第 {int(counted)} 号"
