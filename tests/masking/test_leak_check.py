"""What stands before everything that leaves: it finds what could tell who complained, says so, and says how to go on."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.masking.test_mask import spelt_phones
from tickets.masking.leak_check import Leak, leaks, summary
from tickets.masking.mask import Identity, mask

CASE = Identity(names=("张明华",), phones=("13812345678",), emails=("zhangmh88@163.com",))
SAID = "我家孩子每天放学后都被要求留下来参加课后服务，不参加就要写检讨，还要每月交三百元材料费。"


def found(text: str, **more: object) -> list[str]:
    arguments: dict[str, object] = {"identity": CASE, "verbatim": SAID, "names_of_case": ("张小明",), **more}
    return [leak.kind for leak in leaks(text, **arguments)]  # type: ignore[arg-type]  # a table of tests


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("联系一三八 1234-5678", "电话"),
        ("联系另一位 139 1111 2222", "电话"),
        ("写信到 zhangmh88＠163.com", "邮箱"),
        ("证件350524199001011234", "证件"),
        ("车牌闽C·A1234", "车牌"),
        ("微信号abc_12345", "微信"),
        ("QQ12345678", "QQ"),
        ("反映人张女士", "姓名"),
        ("学生张 小明", "姓名"),
        ("zhang minghua 反映", "姓名拼音"),
        ("三年级2班的小明", "班级和姓名"),
        ("三(2)班李小龙同学", "班级和姓名"),
        ("302班王芳被要求交费", "班级和姓名"),
        ("李小龙（七年级3班）", "班级和姓名"),
        ("详见收据_小明.jpg", "文件名"),
        ("附 IMG_2031.HEIC", "文件名"),
        ("学生放学后都被要求 留下来、参加课后服务", "原话"),
    ],
)
def test_what_could_tell_who_complained_is_found(text: str, kind: str) -> None:
    assert kind in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "有群众反映该校三年级课后服务收费未公示，请于2026年12月3日前核查整改，并报教育局初幼教股。",
        "七年级部分学生反映，八年级成绩排名公开，三年级安排集体补课。",
        "请贵校对2025-2026学年课后服务收费进行自查，涉及金额8400.50元的按规定清退。",
        "安教交〔2026〕12号要求贵校反馈，联系电话：0595-23236764。",
        "〔姓名1〕反映的情况，电话〔电话1〕。",
        "每个年级每周至少两次社团，全校28个班。",
    ],
)
def test_an_ordinary_order_may_go(text: str) -> None:
    assert found(text, public_phones=("23236764",)) == []


def test_it_says_what_where_and_how_to_go_on() -> None:
    (leak,) = leaks("请核实。\n三(2)班李小龙同学", identity=CASE)

    assert leak == Leak(
        "班级和姓名",
        "三(2)班李小龙",
        "第 2 行有班级和学生姓名：“三(2)班李小龙”，发出去可能暴露反映人。",
        "请概括为“该校某年级学生”；如反映人已同意披露，请先登记“同意披露”。",
        2,
    )


def test_one_paragraph_sums_it_up() -> None:
    text = summary(leaks("手机13812345678\n三(2)班李小龙同学", identity=CASE))

    assert text.startswith(
        "这段文字里有电话号码（第 1 行）、班级和学生姓名（第 2 行），发出去可能暴露反映人。"
    )
    assert text.endswith("没有姓名不等于认不出来：只有少数人知道的细节也请概括。")
    assert summary(()) == ""


@pytest.mark.parametrize(
    ("copied", "is_a_leak"), [("放学后都被要求留下来参", False), ("放学后都被要求留下来参加", True)]
)
def test_twelve_characters_in_a_row_are_a_copy_and_eleven_are_not(copied: str, is_a_leak: bool) -> None:
    assert ("原话" in found(f"该校{copied}等问题")) is is_a_leak


def test_the_whole_copied_stretch_is_shown_and_two_stretches_are_two() -> None:
    kinds = leaks(
        "放学后都被要求留下来参加课后服务，另据了解，还要每月交三百元材料费。",
        identity=Identity(),
        verbatim=SAID,
    )

    assert [leak.excerpt for leak in kinds] == ["放学后都被要求留下来参加课后服务"]
    kinds = leaks(
        "每天放学后都被要求留下来。还有人说参加就要写检讨，还要每月交三百元",
        identity=Identity(),
        verbatim=SAID,
    )
    assert [leak.excerpt for leak in kinds] == [
        "每天放学后都被要求留下来",
        "参加就要写检讨，还要每月交三百元",
    ]


def test_what_the_complainant_agreed_to_passes_and_nothing_more() -> None:
    allowed = ("三（2）班", "张小明", "138 1234 5678")

    assert found("请核对三(2)班张小明退费，电话13812345678", allowed=allowed) == []
    assert found("请核对三(2)班张小明、李小龙退费，电话13911112222", allowed=allowed) == ["电话"]
    assert found("请核对三(3)班张小明退费", allowed=allowed) == ["班级和姓名"]


def test_an_official_title_quoted_by_both_is_no_copy() -> None:
    title = "关于进一步规范义务教育课后服务有关工作的通知"

    assert found(f"按照《{title}》办理", verbatim=f"你们不执行《{title}》", allowed=(title,)) == []


def test_a_school_is_no_person() -> None:
    assert found("林东中学三年级", identity=Identity(names=("林东",)), schools=("林东中学",)) == []


@settings(max_examples=200, deadline=None)
@given(spelt_phones())
def test_a_phone_in_any_spelling_never_passes(phone: tuple[str, str]) -> None:
    assert [leak.kind for leak in leaks(f"请联系{phone[1]}核实", identity=Identity())] == ["电话"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="张明华女士13812345678 zhangmh@.com闽C三(2)班，。", max_size=60))
def test_what_was_masked_has_no_number_or_name_left_to_find(text: str) -> None:
    masked = mask(text, CASE).text

    assert {leak.kind for leak in leaks(masked, identity=CASE)} <= {"班级和姓名"}


def test_a_hostile_text_is_checked_in_seconds() -> None:
    """Thousands of names and leaks cost time in proportion to the text, not to its square."""
    surnames, given = "王李张刘陈杨黄赵吴周", "明华强军杰伟芳娜敏静丽磊洋勇艳涛超霞平刚"
    names = [a + b + c for a in surnames for b in given for c in given]
    start = time.perf_counter()

    found_ones = leaks("\n".join(f"我叫{name}，" for name in names * 3), identity=CASE, verbatim=SAID)

    assert len(found_ones) > 100
    assert time.perf_counter() - start < 20
