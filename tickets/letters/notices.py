"""What has to be told while a matter is on its way: taken on, not taken on, passed on, merged, extended, divided. Pure.

Each letter is made of the text it is given, the shipped one if none is: the bureau may have written its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tickets.calendar.words import full_date
from tickets.letters.filling_in import Text
from tickets.letters.shipped import SHIPPED
from tickets.letters.wording import Letter, Signature, clause, dated, letter, month_and_day, sentence
from tickets.vocabulary import ContactData, FactWanted, LetterName, RefusalReason

REFUSALS: Mapping[RefusalReason, LetterName] = {
    RefusalReason.LEGAL_REMEDY: LetterName.REFUSED_LEGAL_REMEDY,
    RefusalReason.HANDLED_ELSEWHERE: LetterName.REFUSED_HANDLED_ELSEWHERE,
    RefusalReason.FINAL_OPINION: LetterName.REFUSED_FINAL_OPINION,
    RefusalReason.INFORMATION_REQUEST: LetterName.REFUSED_INFORMATION_REQUEST,
}
_EXTENSION_BASIS = "《信访工作条例》第三十四条"


def accepted(
    sign: Signature,
    number: str,
    *,
    natural_days: int = 60,
    text: Text = SHIPPED[LetterName.ACCEPTED],
) -> Letter:
    """受理告知. Only the statutory days are told: an internal deadline in a letter would be a promise."""
    return letter(sign, number, text, 法定天数=str(natural_days))


def refused(
    sign: Signature,
    number: str,
    why: RefusalReason,
    *,
    on: date,
    details: str = "",
    text: Text | None = None,
) -> Letter:
    """不予受理, 不再受理, or where to ask for information. `details`: what exactly, and where to turn instead.

    ValueError for what is incomplete and nobody can be asked about: there is nobody to write to.
    """
    name = REFUSALS.get(why)
    if name is None:
        raise ValueError(f"nobody is told of a refusal for {why}")
    return letter(sign, number, text or SHIPPED[name], 日期=full_date(on), 具体说明和去处=sentence(details))


def transferred(
    sign: Signature,
    number: str,
    *,
    to: str,
    on: date,
    contact_data: ContactData,
    text: Text = SHIPPED[LetterName.TRANSFERRED],
) -> Letter:
    """转出告知: to whom, when, and what has become of the contact data."""
    contact = (
        "转送时经您同意附了您的联系方式。"
        if contact_data is ContactData.WITH_CONSENT
        else "转送时未附您的联系方式。"
    )
    return letter(
        sign,
        number,
        text,
        转往单位=clause(to),
        日期和星期=dated(on),
        月日=month_and_day(on),
        联系方式去向=contact,
    )


def passed_on(sign: Signature, number: str, *, text: Text = SHIPPED[LetterName.PASSED_ON]) -> Letter:
    """移送告知. Neither to whom nor when: who reads along must not learn where the matter lies."""
    return letter(sign, number, text)


def merged(sign: Signature, number: str, *, text: Text = SHIPPED[LetterName.MERGED]) -> Letter:
    """合并告知. Never how many others there are."""
    return letter(sign, number, text)


def extended(
    sign: Signature,
    number: str,
    *,
    before: date,
    after: date,
    why: str,
    progress: str = "",
    statutory: bool = False,
    text: Text = SHIPPED[LetterName.EXTENDED],
) -> Letter:
    """延期告知: from which day to which, why, and how far it has come."""
    return letter(
        sign,
        number,
        text,
        原定日期=dated(before),
        延长至=dated(after),
        原定月日=month_and_day(before),
        延长月日=month_and_day(after),
        理由=clause(why),
        依据=_EXTENSION_BASIS if statutory else "",
        进展=sentence(progress),
    )


def split_off(
    sign: Signature, number: str, *, part: str, code: str, text: Text = SHIPPED[LetterName.SPLIT]
) -> Letter:
    """拆分告知: a part goes its own way and has a number and a query code of its own."""
    return letter(sign, part, text, 原编号=number, 查询码=code)


def facts_wanted(
    sign: Signature,
    number: str,
    wanted: Sequence[FactWanted],
    *,
    text: Text = SHIPPED[LetterName.FACTS],
) -> Letter:
    """请补充情况: from a fixed list, so that nobody has to review it before it leaves."""
    return letter(sign, number, text, 要补充的情况="；".join(each.label for each in wanted))
