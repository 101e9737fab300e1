"""What those who complained are told while their matter is on its way: plain, dated, exposing nobody, promising nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tickets import letters
from tickets.letters import Letter, Signature
from tickets.vocabulary import ContactData, RefusalReason

SIGN = Signature(office="安溪县教育局", section="中教股", phone="0595-23236764")
WITHOUT_PHONE = Signature(office="安溪县教育局", section="中教股")
NUMBER = "ZJ20261123-0007"
FRIDAY = date(2026, 11, 27)

EVERY_NOTICE: dict[str, Callable[[Signature], Letter]] = {
    "accepted": lambda sign: letters.accepted(sign, NUMBER),
    **{
        f"refused, {why}": lambda sign, why=why: letters.refused(sign, NUMBER, why, on=FRIDAY)  # type: ignore[misc]  # mypy sees no type in a default
        for why in RefusalReason
        if why is not RefusalReason.INCOMPLETE
    },
    "transferred": lambda sign: letters.transferred(
        sign, NUMBER, to="县市场监督管理局", on=FRIDAY, contact_data=ContactData.WITHHELD
    ),
    "passed on": lambda sign: letters.passed_on(sign, NUMBER),
    "merged": lambda sign: letters.merged(sign, NUMBER),
    "extended": lambda sign: letters.extended(
        sign, NUMBER, before=date(2026, 12, 7), after=date(2026, 12, 18), why="需多部门共同核查"
    ),
    "split off": lambda sign: letters.split_off(sign, NUMBER, part="ZJ20261123-0009", code="38 52 16 40 71"),
}


@pytest.mark.parametrize("write", EVERY_NOTICE.values(), ids=EVERY_NOTICE.keys())
@pytest.mark.parametrize("sign", [SIGN, WITHOUT_PHONE], ids=["with a phone", "without a phone"])
def test_every_notice_is_a_finished_letter(write: Callable[[Signature], Letter], sign: Signature) -> None:
    notice = write(sign)

    assert notice.subject.endswith("〕")
    assert "〔编号 " in notice.subject
    assert not any(word in notice.subject for word in ("投诉", "举报"))
    assert notice.body.startswith("您好：\n\n")
    assert "安溪县教育局中教股" in notice.body.splitlines()[-1]
    assert NUMBER in notice.body
    everything = notice.subject.replace("〔编号 ", "").replace("〕", "") + notice.body + notice.aloud
    assert not any(blot in everything for blot in ("None", "〔", "〕", "。。", "，。", "请拨打 （", "{", "}"))
    assert "您" in notice.aloud


def test_taking_on_tells_the_statutory_days_and_warns_of_questions_from_a_school() -> None:
    notice = letters.accepted(SIGN, NUMBER)

    assert notice.subject == "受理告知〔编号 ZJ20261123-0007〕"
    assert "已由我局受理，由中教股办理，一般在 60 日内办结并答复" in notice.body
    assert "0595-23236764" in notice.body
    assert "请不要答复，并告诉我们" in notice.body
    assert "您可以不说" in notice.aloud


@pytest.mark.parametrize(
    ("why", "subject", "words"),
    [
        (RefusalReason.LEGAL_REMEDY, "不予受理告知书", "诉讼、仲裁、行政复议"),
        (RefusalReason.HANDLED_ELSEWHERE, "不予受理告知书", "第十九条，我局不予受理"),
        (RefusalReason.FINAL_OPINION, "不再受理告知书", "我局不再受理"),
        (RefusalReason.INFORMATION_REQUEST, "申请渠道告知", "政府信息公开条例"),
    ],
)
def test_a_refusal_names_reason_rule_and_day(why: RefusalReason, subject: str, words: str) -> None:
    notice = letters.refused(SIGN, NUMBER, why, on=FRIDAY, details="您可以向县人民法院提出（地址见后）")

    assert notice.subject.startswith(subject)
    assert words in notice.body
    assert "您可以向县人民法院提出（地址见后）。" in notice.body
    assert "如您有新的事实、理由或材料，可再次提出" in notice.body
    assert notice.body.endswith("安溪县教育局中教股　2026年11月27日\n")


def test_what_is_incomplete_and_anonymous_is_told_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        letters.refused(SIGN, NUMBER, RefusalReason.INCOMPLETE, on=FRIDAY)


@pytest.mark.parametrize(
    ("contact_data", "words"),
    [(ContactData.WITHHELD, "未附您的联系方式"), (ContactData.WITH_CONSENT, "经您同意附了您的联系方式")],
)
def test_a_transfer_says_to_whom_when_and_what_went_along(contact_data: ContactData, words: str) -> None:
    notice = letters.transferred(SIGN, NUMBER, to="县市场监督管理局。", on=FRIDAY, contact_data=contact_data)

    assert "已于 2026年11月27日（星期五）转县市场监督管理局处理。" in notice.body
    assert words in notice.body
    assert words in notice.aloud


def test_passing_on_tells_neither_where_to_nor_when() -> None:
    notice = letters.passed_on(SIGN, NUMBER)

    assert "不会将材料转给被反映的单位和个人" in notice.body
    assert not any(word in notice.body for word in ("纪委", "监委", "11月", "月"))


def test_merging_does_not_tell_how_many_others_there_are() -> None:
    body = letters.merged(SIGN, NUMBER).body.replace(NUMBER, "")

    assert "单独答复您" in body
    assert not any(character.isdigit() for character in body)
    assert not any(word in body for word in ("其他家长", "多人", "位"))


def test_an_extension_tells_both_days_why_and_how_far_it_has_come() -> None:
    notice = letters.extended(
        SIGN,
        NUMBER,
        before=date(2026, 12, 7),
        after=date(2026, 12, 18),
        why="涉及费用清退，核对人数金额需要时间。",
        progress="学校已报来名单，正在核对",
    )

    assert "原定 2026年12月7日（星期一）前办结" in notice.body
    assert (
        "因涉及费用清退，核对人数金额需要时间，经批准，办理期限延长至 2026年12月18日（星期五）" in notice.body
    )
    assert "目前进展：学校已报来名单，正在核对。" in notice.body
    assert "第三十四条" not in notice.body


def test_the_statutory_extension_names_its_rule() -> None:
    notice = letters.extended(
        SIGN, NUMBER, before=date(2027, 1, 20), after=date(2027, 2, 19), why="案情复杂", statutory=True
    )

    assert "依据《信访工作条例》第三十四条，经批准" in notice.body


def test_a_part_that_goes_its_own_way_has_its_own_number() -> None:
    notice = letters.split_off(SIGN, NUMBER, part="CY20261123-0009", code="38 52 16 40 71")

    assert notice.subject.endswith("〔编号 CY20261123-0009〕")
    assert "查询码：38 52 16 40 71" in notice.body
