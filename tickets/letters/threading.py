"""The signed token in the subject of our letters: who answers with it goes on with the ticket, whatever program he writes with.

It proves that somebody has a letter of ours before him, and lets him add a message to the ticket; nothing else.
"""

from __future__ import annotations

import base64
import hmac
import re

from core.keys import keys_in_use

_BITS_80 = 20  # hexadecimal digits
_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{8}-\d{4,6}(?!\d)")
_TOKEN = re.compile(r"回信码\s*[:：]?\s*([A-Z2-7]{16})(?![A-Z2-7])")
_AT_MOST = 3


def reply_token(number: str) -> str:
    """The 80 bits by which an answer about this ticket is known, in letters that can be copied by hand."""
    digest = keys_in_use().blind_index("reply", f"ticket/{number}")[:_BITS_80]
    return base64.b32encode(bytes.fromhex(digest)).decode("ascii")


def with_token(subject: str, number: str) -> str:
    """The subject of a letter about a ticket as it leaves."""
    return f"{subject}〔回信码 {reply_token(number)}〕"


def carries_token(subject: str) -> bool:
    """Whether a subject has anything that looks like a token, true or not."""
    return _TOKEN.search(subject.upper()) is not None


def signed_number(subject: str) -> str | None:
    """The number a subject names together with the token that belongs to it; compared in constant time."""
    shouted = subject.upper()
    tokens = _TOKEN.findall(shouted)[:_AT_MOST]
    if not tokens:
        return None
    numbers: list[str] = _NUMBER.findall(shouted)[:_AT_MOST]
    for number in dict.fromkeys(numbers):
        true = reply_token(number)
        if any(hmac.compare_digest(true, token) for token in tokens):
            return number
    return None
