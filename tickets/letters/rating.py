"""The one word that an answer asks for: 满意, 基本满意, 不满意, or 1, 2, 3. Pure.

Only what can be nothing else counts. Everything more is a letter that a person reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from tickets.vocabulary import Satisfaction

_BY_DIGIT: Mapping[str, Satisfaction] = MappingProxyType(
    {"1": Satisfaction.SATISFIED, "2": Satisfaction.MOSTLY, "3": Satisfaction.DISSATISFIED}
)
_FULL_WIDTH = str.maketrans("１２３", "123")
_GREETING = re.compile(r"^(?:您好|你好|老师好)[，,。.！!\s]*|^(?:我的)?评价(?:是|为)?[:：\s]*")
_WORD = re.compile(
    r"^(?:(?P<digit>[123])\s*[、.．:：]?\s*)?"
    r"(?P<word>基本满意|比较满意|非常不满意|很不满意|不太满意|不满意|不满|非常满意|很满意|十分满意|满意)(?:的|了)?"
)
_DIGIT = re.compile(r"^(?P<digit>[123])(?=$|[，,。；;！!：:\s])(?!\s*[年月日个元班号点天次楼])")
_THANKS = re.compile(r"[\W_]*(?:(?:非常|十分)?(?:感谢|谢谢|多谢)(?:您|你们|你|老师|教育局)*[\W_]*)*")
_SENT_FROM = re.compile(r"^\s*(?:发自|来自|sent from\b|---*\s*$).*", re.IGNORECASE | re.DOTALL | re.MULTILINE)
_WORDS: Mapping[str, Satisfaction] = MappingProxyType(
    {
        "满意": Satisfaction.SATISFIED,
        "非常满意": Satisfaction.SATISFIED,
        "很满意": Satisfaction.SATISFIED,
        "十分满意": Satisfaction.SATISFIED,
        "基本满意": Satisfaction.MOSTLY,
        "比较满意": Satisfaction.MOSTLY,
    }
)


def rating_of(text: str) -> Satisfaction | None:
    """What a reply says of the answer, without the mail quoted beneath; None if it says anything else, or more.

    不满意 may be followed by its reason; 满意 may not: 满意，但是钱还没有退 wants to be read.
    """
    words = _SENT_FROM.sub("", text.translate(_FULL_WIDTH), count=1).strip()
    words = _GREETING.sub("", words, count=1).strip()
    found = _WORD.match(words) or _DIGIT.match(words)
    if found is None:
        return None
    digit = found.group("digit")
    word = found.groupdict().get("word")
    said = _BY_DIGIT[digit] if word is None else _WORDS.get(word, Satisfaction.DISSATISFIED)
    if word is not None and digit is not None and _BY_DIGIT[digit] is not said:
        return None  # 1 不满意: nobody knows which of the two was meant
    rest = words[found.end() :]
    if said is Satisfaction.DISSATISFIED:
        return said
    return said if _THANKS.fullmatch(rest) else None
