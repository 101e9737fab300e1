"""What has to be told while a matter is on its way: taken on, not taken on, passed on, merged, extended, divided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tickets.letters.wording import Letter, Signature, ask_by_phone, clause, dated, letter, sentence
from tickets.vocabulary import ContactData, RefusalReason

_ON_PETITIONS = "《信访工作条例》"


def accepted(sign: Signature, number: str, *, natural_days: int = 60) -> Letter:
    """受理告知. Only the statutory days are told: an internal deadline in a letter would be a promise."""
    with_phone = f"，我们会用 {sign.phone} 与您联系" if sign.phone else ""
    return letter(
        sign,
        number,
        "受理告知",
        f"您反映的事项（编号 {number}）已由我局受理，由{sign.section}办理，一般在 {natural_days} 日内办结并答复。"
        f"办理中可能需要与您核实情况{with_phone}；来电如自称学校或其他单位询问您是否反映过问题，请不要答复，并告诉我们。",
        "需要补充材料时，请直接回复本邮件，不必重新发信。",
        aloud=f"您反映的事我们已经受理了，由{sign.section}办。中间可能要跟您再核实一下，都用我们这个号码打。"
        "如果有学校的人问您是不是反映过，您可以不说，也请告诉我们一声。",
    )


@dataclass(frozen=True)
class _Refusal:
    """One reason: what it is called, what was found, by which rule, what we do, the same in spoken words."""

    about: str
    found: str
    basis: str
    decided: str
    aloud: str


_REFUSALS: Mapping[RefusalReason, _Refusal] = {
    RefusalReason.LEGAL_REMEDY: _Refusal(
        "不予受理告知书",
        "已经或者依法应当通过诉讼、仲裁、行政复议等法定途径解决",
        _ON_PETITIONS,
        "我局不予受理",
        "这件事要通过诉讼、仲裁或者行政复议这些法定的途径解决，我们局里按规定不能受理",
    ),
    RefusalReason.HANDLED_ELSEWHERE: _Refusal(
        "不予受理告知书",
        "有权处理的机关已经受理或者正在办理",
        f"{_ON_PETITIONS}第十九条",
        "我局不予受理",
        "这件事已经有别的机关在办了，我们局里按规定不再另外受理",
    ),
    RefusalReason.FINAL_OPINION: _Refusal(
        "不再受理告知书",
        "已有处理（复查、复核）意见，此次提出的事实和理由与原来相同",
        f"{_ON_PETITIONS}第三十六条",
        "我局不再受理",
        "这件事已经有了处理意见，这次说的事实和理由跟原来一样，按规定不再受理",
    ),
    RefusalReason.INFORMATION_REQUEST: _Refusal(
        "申请渠道告知",
        "属于申请政府信息公开",
        "《中华人民共和国政府信息公开条例》",
        "请按信息公开的渠道提出申请，我局不作为反映事项受理",
        "您要的是政府信息公开，要走信息公开申请这个渠道",
    ),
}


def refused(
    sign: Signature, number: str, why: RefusalReason, *, on: date, details: str = "", basis: str = ""
) -> Letter:
    """不予受理, 不再受理, or where to ask for information. `details`: what exactly, and where to turn instead.

    ValueError for what is incomplete and nobody can be asked about: there is nobody to write to.
    """
    words = _REFUSALS.get(why)
    if words is None:
        raise ValueError(f"nobody is told of a refusal for {why}")
    return letter(
        sign,
        number,
        words.about,
        f"您反映的事项（编号 {number}）收悉。经审查，该事项{words.found}，根据{basis or words.basis}，{words.decided}。",
        sentence(details),
        "如您有新的事实、理由或材料，可再次提出。" + ask_by_phone(sign),
        aloud=f"您反映的事我们看过了。{words.aloud}。{sentence(details)}如果有新的情况或者材料，您可以再提出来。",
        on=on,
    )


def transferred(sign: Signature, number: str, *, to: str, on: date, contact_data: ContactData) -> Letter:
    """转出告知: to whom, when, and what has become of the contact data."""
    contact = (
        "转送时经您同意附了您的联系方式。"
        if contact_data is ContactData.WITH_CONSENT
        else "转送时未附您的联系方式。"
    )
    where = clause(to)
    return letter(
        sign,
        number,
        "转出告知",
        f"您反映的事项（编号 {number}）不属于我局职责，已于 {dated(on)}转{where}处理。{contact}",
        ask_by_phone(sign),
        aloud=f"您反映的事不归教育局管，我们已经在{on.month}月{on.day}日转给{where}了。{contact}",
    )


def passed_on(sign: Signature, number: str) -> Letter:
    """移送告知. Neither to whom nor when: who reads along must not learn where the matter lies."""
    text = "我们已按规定移送有权机关。为保护您，我们不会将材料转给被反映的单位和个人。"
    return letter(
        sign,
        number,
        "事项告知",
        f"您反映的问题（编号 {number}）涉及人员纪律问题，{text}",
        aloud=f"您反映的问题涉及人员纪律，{text}",
    )


def merged(sign: Signature, number: str) -> Letter:
    """合并告知. Never how many others there are."""
    return letter(
        sign,
        number,
        "合并办理告知",
        f"您反映的事项（编号 {number}）与我局正在办理的事项相同，合并办理，办结后会单独答复您。您的编号仍可用于查询。",
        aloud="您反映的事跟我们正在办的一件是同一件事，合在一起办，办完会单独答复您。您的编号还可以用来查。",
    )


def extended(
    sign: Signature,
    number: str,
    *,
    before: date,
    after: date,
    why: str,
    progress: str = "",
    statutory: bool = False,
) -> Letter:
    """延期告知: from which day to which, why, and how far it has come."""
    basis = f"依据{_ON_PETITIONS}第三十四条，" if statutory else ""
    so_far = f"目前进展：{sentence(progress)}" if progress.strip() else ""
    contact = f"联系电话：{sign.phone}。" if sign.phone else ""
    return letter(
        sign,
        number,
        "延期告知",
        f"您反映的事项（编号 {number}）原定 {dated(before)}前办结。因{clause(why)}，{basis}经批准，"
        f"办理期限延长至 {dated(after)}。给您带来不便，请谅解。",
        so_far + contact,
        aloud=f"您反映的事原来定在{before.month}月{before.day}日前办完，因为{clause(why)}，经批准延到{after.month}月{after.day}日。"
        f"给您添麻烦了，请谅解。{so_far}",
    )


def split_off(sign: Signature, number: str, *, part: str, code: str) -> Letter:
    """拆分告知: a part goes its own way and has a number and a query code of its own."""
    return letter(
        sign,
        part,
        "另行办理告知",
        f"您反映的事项（编号 {number}）中有一部分属于另一件事，我们另行登记办理，会分别答复您。",
        f"另行办理的编号：{part}\n查询码：{code}",
        ask_by_phone(sign, "查询进度"),
        aloud=f"您反映的事里有一部分是另一件事，我们单独登记来办，会分别答复您。新的编号是{part}，查询码是{code}。",
    )
