"""The answer at the end: how it is laid out for each outcome, what it must not say, and the letter around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tickets.letters.wording import Letter, Signature, letter
from tickets.vocabulary import Outcome

_FINDINGS = "一、核查情况：我局于〔日期〕通过〔查阅资料、现场查看、走访〕进行了核查。〔事实，一到三句〕"
_BASIS = "三、依据：〔文号、条款〕"

_RESULTS: Mapping[Outcome, str] = {
    Outcome.TRUE: "您反映的〔事项〕情况属实。我局已责成学校〔停止收取并于某日前退还〕，〔同类问题已一并清查〕。",
    Outcome.PARTLY_TRUE: "其中〔哪一点〕属实，已〔怎样处理〕；〔另一点〕经核查与事实不一致，情况是〔说明〕。",
    Outcome.UNTRUE: "经核查，未发现您反映的〔事项〕情况。学校目前的做法是〔说明〕，依据是〔文号、条款〕。",
    Outcome.UNVERIFIABLE: "因〔时间较久、没有具体班级〕，现有材料不足以认定。我们已要求学校对〔事项〕进行自查，并纳入〔学期检查〕。"
    "如有照片、票据等线索，请随时补充，我们会重新核查。",
}
_CONSULTATION = "您咨询的〔问题〕，〔直接回答〕。依据：〔文号、条款〕。"
_PASSED_ON = (
    "您反映的问题涉及人员纪律问题，我们已按规定移送有权机关。为保护您，我们不会将材料转给被反映的单位和个人。"
)

_NOT_FILLED_IN = re.compile(r"〔[^〕]{1,40}〕")
_RATING = "请用一个字回复本邮件，告诉我们您的评价：1 满意　2 基本满意　3 不满意（可说明原因）。"


def outline(outcome: Outcome) -> str:
    """What a handler begins with: the parts of the answer, with 〔 〕 where the facts go."""
    if outcome is Outcome.NOT_APPLICABLE:
        return _CONSULTATION
    if outcome is Outcome.PASSED_ON:
        return _PASSED_ON
    return "\n".join((_FINDINGS, f"二、处理结果：{_RESULTS[outcome]}", _BASIS))


def problems_of(outcome: Outcome, text: str) -> list[str]:
    """Why the text of an answer must not leave as it is, in sentences for who wrote it; empty if it may."""
    found = []
    left = list(dict.fromkeys(_NOT_FILLED_IN.findall(text)))
    if left:
        found.append(f"还有没填完的地方：{'、'.join(left)}。请写上实际情况，或删去这一句。")
    if outcome is not Outcome.TRUE and "不属实" in text:
        found.append("给反映人的答复不写“不属实”三字，请改为“经核查，未发现您反映的……情况”。")
    return found


def answer(
    sign: Signature,
    number: str,
    outcome: Outcome,
    text: str,
    *,
    review_by: str = "",
    rating: bool = True,
) -> Letter:
    """办结答复 around the reviewed text. `review_by`: where a review may be asked for, if the matter is a petition."""
    lead = (
        f"您咨询的问题（编号 {number}），现答复如下："
        if outcome is Outcome.NOT_APPLICABLE
        else f"您反映的事项（编号 {number}），我局已核查办理，现答复如下："
    )
    review = f"如不服本处理意见，可自收到之日起 30 日内向{review_by}申请复查。" if review_by else ""
    ask = f"如果您对答复有疑问，请拨打 {sign.phone}。" if sign.phone else ""
    concluded = outcome not in {Outcome.NOT_APPLICABLE, Outcome.PASSED_ON}
    return letter(
        sign,
        number,
        "答复",
        lead,
        text.strip(),
        ask + review,
        _RATING if rating and concluded else "",
        "感谢您的监督。" if concluded else "感谢您的来信。",
        aloud=f"您反映的事（编号 {number}）办完了，我把答复念给您听。{text.strip()}",
    )
