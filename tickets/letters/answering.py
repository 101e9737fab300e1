"""The answer at the end: how it is laid out for each outcome, what it must not say, and the letter around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tickets.letters.filling_in import Text
from tickets.letters.shipped import SHIPPED
from tickets.letters.wording import Letter, Signature, letter
from tickets.vocabulary import LetterName, Outcome

OUTLINE_OF: Mapping[Outcome, LetterName] = {
    Outcome.TRUE: LetterName.OUTLINE_TRUE,
    Outcome.PARTLY_TRUE: LetterName.OUTLINE_PARTLY_TRUE,
    Outcome.UNTRUE: LetterName.OUTLINE_UNTRUE,
    Outcome.UNVERIFIABLE: LetterName.OUTLINE_UNVERIFIABLE,
    Outcome.NOT_APPLICABLE: LetterName.OUTLINE_CONSULTATION,
}
_PASSED_ON = (
    "您反映的问题涉及人员纪律问题，我们已按规定移送有权机关。为保护您，我们不会将材料转给被反映的单位和个人。"
)
_NOT_FILLED_IN = re.compile(r"〔[^〕]{1,40}〕")
_MARKS = "1 满意　2 基本满意　3 不满意"


def outline(outcome: Outcome, texts: Mapping[LetterName, Text] = SHIPPED) -> str:
    """What a handler begins with: the parts of the answer, with 〔 〕 where the facts go."""
    name = OUTLINE_OF.get(outcome)
    return texts[name].body if name else _PASSED_ON


def problems_of(outcome: Outcome, text: str) -> list[str]:
    """Why the text of an answer must not leave as it is, in sentences for who wrote it; empty if it may."""
    found = []
    left = list(dict.fromkeys(_NOT_FILLED_IN.findall(text)))
    if left:
        found.append(f"还有没填完的地方：{'、'.join(left)}。请写上实际情况，或删去这一句。")
    if outcome is not Outcome.TRUE and "不属实" in text:
        found.append("给反映人的答复不写“不属实”三字，请改为“经核查，未发现您反映的……情况”。")
    return found


def name_of(outcome: Outcome) -> LetterName:
    """Which letter goes around the answer."""
    if outcome is Outcome.NOT_APPLICABLE:
        return LetterName.ANSWER_CONSULTATION
    return LetterName.ANSWER_PASSED_ON if outcome is Outcome.PASSED_ON else LetterName.ANSWER


def answer(
    sign: Signature,
    number: str,
    outcome: Outcome,
    reviewed: str,
    *,
    review_by: str = "",
    rating: bool = True,
    text: Text | None = None,
) -> Letter:
    """办结答复 around the reviewed text. `review_by`: where a review may be asked for, if the matter is a petition."""
    return letter(
        sign,
        number,
        text or SHIPPED[name_of(outcome)],
        答复=reviewed.strip(),
        复查机关=review_by,
        评价=_MARKS if rating else "",
    )
