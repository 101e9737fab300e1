"""Telephone numbers in every spelling, brought to one; and how contact data looks on a screen."""

from __future__ import annotations

import re

from tickets.suggestions.patterns import fold

_NUMERALS = {
    **dict.fromkeys("零〇○洞", "0"),
    **dict.fromkeys("一幺壹", "1"),
    **dict.fromkeys("二两贰", "2"),
    **dict.fromkeys("三叁", "3"),
    **dict.fromkeys("四肆", "4"),
    **dict.fromkeys("五伍", "5"),
    **dict.fromkeys("六陆", "6"),
    **dict.fromkeys("七柒拐", "7"),
    **dict.fromkeys("八捌", "8"),
    **dict.fromkeys("九玖勾", "9"),
}
_TO_FIGURES = str.maketrans(_NUMERALS)
_EXTENSION = re.compile(r"(?:转|分机|ext\.?)\s*\d{1,5}\s*$", re.IGNORECASE)
_NOT_FIGURES = re.compile(r"\D+")
_ABROAD = re.compile(r"^(?:00)?86(?=1[3-9]\d{9}$|0?[1-9]\d{9,10}$)")
_DEFAULT_AREA = "0595"
_COMPOUND_SURNAMES = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "夏侯",
    "端木",
    "南宫",
)


def figures(text: str) -> str:
    """The folded text with Chinese numerals as figures, of the same length."""
    return fold(text).translate(_TO_FIGURES)


def spellings_of(figure: str) -> str:
    """A regular expression for one figure in any spelling, for text that is already folded."""
    return "[" + figure + "".join(numeral for numeral, value in _NUMERALS.items() if value == figure) + "]"


def normalise_phone(text: str, *, area_code: str = _DEFAULT_AREA) -> str | None:
    """One spelling for one number: 13812345678, or a landline with its area code; None if it is no such number.

    Local eight-figure numbers get the area code, an extension is dropped: so the same telephone compares equal.
    """
    digits = _NOT_FIGURES.sub("", _EXTENSION.sub("", figures(text)))
    digits = _ABROAD.sub("", digits)
    if re.fullmatch(r"0?1[3-9]\d{9}", digits):
        return digits[-11:]
    if re.fullmatch(r"0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}", digits):
        return digits
    if re.fullmatch(r"[2-9]\d{7}", digits):
        return area_code + digits
    if re.fullmatch(r"(?:10|2\d|[3-9]\d{2})[2-9]\d{7}", digits) and len(digits) in (10, 11):
        return "0" + digits
    return None


def mask_phone(text: str) -> str:
    """138****5678, 0595-2323****; what is no number becomes stars altogether."""
    number = normalise_phone(text)
    if number is None:
        return "****"
    if number.startswith("1"):
        return f"{number[:3]}****{number[-4:]}"
    area = 3 if number[:2] in ("01", "02") else 4
    return f"{number[:area]}-{number[area:-4]}****"


def mask_name(name: str) -> str:
    """张**, 李*, 欧阳**: the surname and as many stars as characters; Latin names keep one letter."""
    bare = fold(name).strip()
    if not bare:
        return ""
    if bare[0].isascii():
        return bare[0] + "***"
    surname = 2 if len(bare) > 2 and bare.startswith(_COMPOUND_SURNAMES) else 1
    return bare[:surname] + "*" * max(1, len(bare) - surname)


def mask_email(address: str) -> str:
    """z***@163.com."""
    local, at, domain = fold(address).strip().rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"
