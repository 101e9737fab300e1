"""Bytes into characters, for mail that names its character set wrongly or not at all."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# The names that mail uses, and the larger set that also holds what senders really put into it.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_ALIASES = {
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "x-euc-cn": "gb18030",
    "euc-cn": "gb18030",
    "gb-2312": "gb18030",
    "chinesegb": "gb18030",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_2",
    "windows-31j": "cp932",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
}
# Codecs of Python that are no character sets; some of them take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}  # fmt: skip
_WESTERN = "cp1252"
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SAMPLE = 4096


@lru_cache(maxsize=256)
def known_charset(name: str) -> str | None:
    """The codec for a declared name, None where there is none (`x-unknown`, `8bit`, `default`)."""
    name = name.strip(" \t\r\n\"';").lower()
    name = _ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name).name
        b"x".decode(codec)  # refuses base64, zip and other codecs that make no text
    except UnicodeError:
        pass  # half a character of a wider set
    except (LookupError, ValueError):
        return None
    return None if codec in _NO_CHARSETS else _WIDER.get(codec, codec)


def decode(data: bytes, declared: str | None, *, hint: str | None = None) -> str:
    """The text as it was most likely meant; the declared set is believed only as far as the bytes agree with it.

    The hint is what is known of other undeclared bytes of the same mail.
    """
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    charset = known_charset(declared) if declared else None
    if charset is None or charset in (_WESTERN, "utf-8"):
        return _decode_loosely(data, charset, hint if charset is None else None)
    text = _strictly(data, charset)
    if text is not None:
        return text
    if data.isascii():
        return data.decode(charset, "replace")  # a set of seven bits with an escape it does not know
    for other in _candidates(data, hint):
        text = _strictly(data, other)
        if text is not None:
            return text
    return data.decode(charset, "replace")


def guess(data: bytes, hint: str | None = None) -> str:
    """The most likely character set of bytes that nobody declared."""
    return _candidates(data, hint)[0]


def _decode_loosely(data: bytes, charset: str | None, hint: str | None) -> str:
    """For sets that are named without thought: ASCII, Latin-1, UTF-8 and none at all."""
    if data.isascii():
        if b"\x1b$" in data:
            return data.decode("iso2022_jp_2", "replace")
        return data.decode("ascii")
    if charset == "utf-8" and (text := _strictly(data, charset)) is not None:
        return text
    candidates = _candidates(data, hint)
    for candidate in candidates:
        text = _strictly(data, candidate)
        if text is not None:
            return text
    return data.decode("utf-8" if charset == "utf-8" else candidates[0], "replace")


def _strictly(data: bytes, charset: str) -> str | None:
    """The text if every byte fits; a character cut off at the very end is forgiven."""
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        pass
    try:
        decoder = codecs.getincrementaldecoder(charset)("strict")
        return decoder.decode(data) or None
    except (UnicodeError, LookupError):
        return None


def _candidates(data: bytes, hint: str | None) -> list[str]:
    """Character sets, the likeliest first; what does not fit at all is left to the caller to find out."""
    as_utf8 = _strictly(data, "utf-8")
    if as_utf8 is not None:
        return ["gb18030", "utf-8"] if _rather_a_name_in_gb(data, as_utf8) else ["utf-8"]
    if _mostly_utf8(data):
        return ["utf-8", _WESTERN]
    if hint is not None and hint not in (_WESTERN, "utf-8"):
        return [hint, *(c for c in ("gb18030", "big5hkscs") if c != hint), _WESTERN]
    runs = _HIGH_RUN.findall(data[:_SAMPLE])
    alone = sum(len(run) == 1 for run in runs)
    # Chinese comes in pairs of high bytes; single ones between letters are umlauts and accents.
    if alone * 10 >= len(runs) * 6:
        return [_WESTERN, "gb18030"]
    scores = {"gb18030": _score(data, "gb18030"), "big5hkscs": _score(data, "big5hkscs")}
    # A name in GB may also be a legal name in Big5: the office's own mail is nearly all GB.
    best = sorted(scores, key=lambda name: -(scores[name] + (0.25 if name == "gb18030" else 0)))
    if scores[best[0]] <= 0 and _letters_only(data):
        return [_WESTERN, *best]
    return [*best, _WESTERN]


def _rather_a_name_in_gb(data: bytes, as_utf8: str) -> bool:
    """Two or three common characters in GB may be legal UTF-8 for rare Cyrillic and Hebrew signs: 郑学, 叶英, 联通."""
    high = [character for character in as_utf8 if character > "\x7f"]
    if len(high) > 4 or any(character >= "\u0800" for character in high):
        return False
    latin = all("\u00c0" <= character <= "\u024f" for character in high)
    return bool(high) and not latin and _score(data, "gb18030") >= 0.9


def _letters_only(data: bytes) -> bool:
    """Whether every high byte is a western letter: rare Chinese characters come out as signs between them."""
    return all(
        character.isalpha() for character in data[:_SAMPLE].decode(_WESTERN, "replace") if character > "\x7f"
    )


def _mostly_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 with a few bytes damaged, as after a cut in the middle or a careless gateway."""
    sample = data[:_SAMPLE]
    high = sum(len(run) for run in _HIGH_RUN.findall(sample))
    bad = sample.decode("utf-8", "replace").count("\ufffd")
    return high >= 6 and bad * 10 <= high


def _score(data: bytes, charset: str) -> float:
    """How ordinary the characters are that come out: 1 all common ones, below 0 hardly any."""
    try:
        text = codecs.getincrementaldecoder(charset)("strict").decode(data[:_SAMPLE])
    except UnicodeError:
        return -2.0
    narrow, first, last, symbols = (
        ("gb2312", 0xB0, 0xD7, 0xAA) if charset == "gb18030" else ("big5", 0xA4, 0xC6, 0xA4)
    )
    total = count = 0.0
    for character in text:
        if character < "\x80":
            continue
        count += 1
        try:
            lead = character.encode(narrow)[0]
        except UnicodeEncodeError:
            total -= 1
            continue
        total += 1 if first <= lead <= last else 0.6 if lead < symbols else -0.5
    return total / count if count else -2.0
