"""Passwords: how they are hashed (Argon2id, 19 MiB, two passes, one lane, as OWASP advises), and which are refused.

Length and a list of what people really choose, no rule about kinds of characters: those rules make passwords that stick
on the screen.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)
# Of a password nobody knows: an absent account costs the same time as a wrong password.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$kMLpXahy+dhLzC9r6BGW2Q$G5UKau+41e/Kc6qosasUVdI+xZQgiZ8OGlZGWrMHZYE"
_UNUSABLE = "!"
_WORDS = Path(__file__).with_name("common_passwords.txt")
_LOOKALIKES = str.maketrans({"@": "a", "$": "s", "0": "o", "1": "i", "3": "e", "5": "s", "7": "t", "!": "i"})
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm",
         "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp")  # fmt: skip
_LONGEST_RUN = 6
_FEW_CHARACTERS = 5


def hashed(password: str) -> str:
    """The hash to store."""
    return _HASHER.hash(_normal(password))


def unusable_hash() -> str:
    """Stands where no password opens the account; different every time, so that a link bound to it dies with it."""
    return _UNUSABLE + secrets.token_hex(16)


def is_unusable(password_hash: str) -> bool:
    return password_hash.startswith(_UNUSABLE)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Takes the same time for an absent account (None) and an unusable hash."""
    known = password_hash if password_hash and not is_unusable(password_hash) else None
    try:
        matches = _HASHER.verify(known or _NOBODYS, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and known is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def trouble_with(password: str, *, about: tuple[str, ...] = (), kinds: int = 0) -> str | None:
    """Why a new password is refused, as a sentence; None if it is good. `about`: user name, names, office.

    `kinds`: how many kinds of characters an assessor demands. Chinese characters are one of them, with the signs.
    """
    text = _normal(password)
    if len(text) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字符，可以用一句自己记得住的话。"
    if len(text) > LONGEST:
        return f"密码不能超过 {LONGEST} 个字符。"
    if len({_kind_of(letter) for letter in text}) < kinds:
        return f"密码要含大写字母、小写字母、数字、其他字符（汉字、符号）中的至少 {kinds} 类。"
    folded = text.casefold()
    if len(set(folded)) < _FEW_CHARACTERS or _is_repetition(folded):
        return "这个密码由几个字符重复而成，太容易猜到，请换一个。"
    words = _common_words() | {_normal(word).casefold() for word in about if len(word.strip()) >= 2}
    if _left_over(folded, words) < _FEW_CHARACTERS:
        return "这个密码由常用词、姓名、年份或连续的字符拼成，太容易猜到。请换一个，例如四个互不相干的词。"
    return None


def _kind_of(letter: str) -> str:
    if letter.isdecimal():
        return "figure"
    return "upper" if letter.isupper() else "lower" if letter.islower() else "other"


def _normal(password: str) -> str:
    """One spelling for what an input method may write in two ways."""
    return unicodedata.normalize("NFKC", password)


def _is_repetition(text: str) -> bool:
    return any((text[:size] * len(text)).startswith(text) for size in range(1, len(text) // 2 + 1))


def _left_over(text: str, words: Iterable[str]) -> int:
    """How many letters remain when common words, years and runs of keys are taken out: what has to be guessed."""
    rest, lookalike = _without_runs(text), text.translate(_LOOKALIKES)
    for word in sorted((word for word in words if word in lookalike or word in text), key=len, reverse=True):
        for spelling in (text, lookalike):
            start = spelling.find(word)
            while start >= 0:
                rest = rest[:start] + " " * len(word) + rest[start + len(word) :]
                start = spelling.find(word, start + len(word))
    rest = re.sub(r"(19|20)\d\d([01]?\d)?([0-3]?\d)?|\d{1,4}$", "", rest) if rest != text else rest
    return len(re.sub(r"[\W_]", "", rest))


def _without_runs(text: str) -> str:
    """The text with runs of keys blanked out, of the same length."""
    for run in _RUNS:
        for size in range(min(len(run), len(text)), _LONGEST_RUN - 1, -1):
            for start in range(len(run) - size + 1):
                text = text.replace(run[start : start + size], " " * size)
    return text


@cache
def _common_words() -> frozenset[str]:
    lines = _WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
