"""The working text: what a pattern can know is gone, everything else stands as it was written."""

from __future__ import annotations

import re
import sys
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.masking.mask import Identity, Masker, Replacement, mask
from tickets.masking.patterns import PATTERNS
from tickets.masking.phones import figures

NOBODY = Identity()
CALLER = Identity(
    names=("张明华",),
    phones=("13812345678",),
    emails=("zhangmh88@163.com",),
    addresses=("云岭镇茶香路12号",),
    others=("小鱼儿的妈妈",),
)
OFFICE = frozenset({"23236764", "0595-23220785", "12345", "12388"})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("我的电话13812345678。", "我的电话〔电话1〕。", id="plain"),
        pytest.param("打１３８１２３４５６７８找我", "打〔电话1〕找我", id="full width"),
        pytest.param("打 138 1234 5678 找我", "打 〔电话1〕 找我", id="spaces"),
        pytest.param("138-1234-5678", "〔电话1〕", id="dashes"),
        pytest.param("138·1234·5678", "〔电话1〕", id="dots"),
        pytest.param("1 3 8 1 2 3 4 5 6 7 8", "〔电话1〕", id="figure by figure"),
        pytest.param("+8613812345678，+86 138 1234 5678", "〔电话1〕，〔电话1〕", id="with the country"),
        pytest.param(
            "一三八一二三四五六七八一直打不通",
            "〔电话1〕一直打不通",
            id="chinese numerals before a word that begins with one",
        ),
        pytest.param("幺三八一二三四，五六七八", "〔电话1〕", id="spoken"),
        pytest.param("138一二三四5678", "〔电话1〕", id="mixed"),
        pytest.param("手机138\n1234\n5678", "手机〔电话1〕", id="over lines"),
        pytest.param("138****5678", "〔电话1〕", id="half hidden by the writer"),
        pytest.param("家里0595-26571234转8", "家里〔电话1〕", id="landline with extension"),
        pytest.param("(0595)26571234", "〔电话1〕", id="landline in brackets"),
        pytest.param("零五九五二六五七一二三四", "〔电话1〕", id="landline in numerals"),
        pytest.param("座机26571234", "座机〔电话1〕", id="local landline"),
        pytest.param("信箱 zhang.san@qq.com，", "信箱 〔邮箱1〕，", id="mail"),
        pytest.param("ｚｓ＠１６３．ｃｏｍ", "〔邮箱1〕", id="full-width mail"),
        pytest.param("zs(at)163.com zs[at]163[dot]com", "〔邮箱1〕 〔邮箱2〕", id="written around"),
        pytest.param("身份证350524199001011234", "身份证〔证件1〕", id="identity number"),
        pytest.param("350524 1990 0101 123X", "〔证件1〕", id="identity number in groups"),
        pytest.param("350524900101123", "〔证件1〕", id="old identity number"),
        pytest.param("350524********1234", "〔证件1〕", id="half hidden identity number"),
        pytest.param("车牌闽C12345、闽C·D1234挂", "车牌〔车牌1〕、〔车牌2〕", id="plates"),
        pytest.param("加微信：abc_12345", "加微信：〔微信1〕", id="wechat"),
        pytest.param("vx abc12345", "vx 〔微信1〕", id="wechat by its nickname"),
        pytest.param("QQ号是12345678", "QQ号是〔QQ1〕", id="qq"),
        pytest.param("卡号6222021381234567890", "卡号〔卡号1〕", id="bank card"),
        pytest.param("卡号 6222 0213 8123 4567 890", "卡号 〔卡号1〕", id="bank card in groups"),
        pytest.param("来自 114.114.114.114", "来自 〔IP1〕", id="network address"),
        pytest.param("学籍号G350524201501011234", "学籍号G〔证件1〕", id="school roll number"),
        pytest.param("两个号1381234567813912345678", "两个号〔号码1〕", id="numbers run together"),
        pytest.param("住在凤山路12号3栋502室", "住在〔地址1〕", id="address"),
    ],
)
def test_what_identifies_is_replaced(text: str, masked: str) -> None:
    assert mask(text, NOBODY).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026年11月23日15:30，三(2)班每月收费300元，共28人，合计8400.50元。",
        "编号 ZJ20261123-0007，交办单安教交〔2026〕12号，教基厅函〔2023〕26号",
        "2025-2026学年，20261123，2023 2024 2025 2026 年",
        "一年级到六年级，一、二、三、四、五、六、七班都收",
        "请拨打12345或12388，局里电话23236764、0595-23220785、0595 2323 6764",
        "5+2 服务，2+3课程，第7小学302班",
        "收费1000000元，预算25000000元",
        "张老师打人，李老师没管",
        "这学期8:30上学，16:10放学，18:00前接走",
    ],
)
def test_what_does_not_identify_stays(text: str) -> None:
    assert mask(text, NOBODY, public_phones=OFFICE).text == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我是张明华", "我是〔姓名1〕"),
        ("张 明 华敬上", "〔姓名1〕敬上"),
        ("张女士、张某、张**、张某某反映", "〔姓名1〕、〔姓名1〕、〔姓名1〕、〔姓名1〕反映"),
        ("明华妈妈", "〔姓名1〕妈妈"),
        ("我是张老师，张老师骂学生", "我是〔姓名1〕，张老师骂学生"),
        ("打1 3-8.1/2(3)4 5 6 7 8", "打〔电话1〕"),
        ("回信zhangmh88即可", "回信〔邮箱1〕即可"),
        ("家在云岭镇茶香路 12号", "家在〔地址1〕"),
        ("小鱼儿的妈妈", "〔信息1〕"),
    ],
)
def test_what_the_case_knows_is_found_however_it_recurs(text: str, masked: str) -> None:
    assert mask(text, CALLER).text == masked


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫李大为，家住城里", "李大为"),
        ("联系人：欧阳文轩 ", "欧阳文轩"),
        ("学生姓名：王小雅，三年级", "王小雅"),
        ("我儿子陈浩在三年级", "陈浩"),
        ("课后服务不合理\n此致\n敬礼\n王大锤\n13911112222", "王大锤"),
        ("情况如上\n学生家长：林一鸣", "林一鸣"),
        ("反映人：陈诚先、林小歌，谢谢", "林小歌"),
        ("此致敬礼！ 郑国强 2026年11月", "郑国强"),
        ("情况如上\n王大锤 13911112222", "王大锤"),
    ],
)
def test_a_name_the_text_gives_away_is_masked_wherever_it_recurs(text: str, name: str) -> None:
    title, body = Masker(NOBODY).mask_all(f"{name}的反映", text)

    assert name not in title.text + body.text
    assert title.text == "〔姓名1〕的反映"


@pytest.mark.parametrize(
    "text", ["谢谢\n安溪", "班主任姓名：李大明", "校长姓名：王强", "孩子叫苦", "我是高一学生家长，我是安溪人"]
)
def test_a_teacher_complained_about_and_plain_words_keep_their_place(text: str) -> None:
    assert mask(text, NOBODY).text == text


def test_what_one_find_uncovers_is_found_too() -> None:
    """Letters behind the figures hide that they are a telephone, until the letters are known to be a name."""
    assert mask("26571234Zhang San", Identity(names=("Zhang San",))).text == "〔电话1〕〔姓名1〕"


def test_one_ticket_has_one_numbering() -> None:
    masker = Masker(CALLER, OFFICE)

    title = masker.mask("张明华反映收费")
    matter = masker.mask("电话13911112222，或 138 1234 5678，又打13911112222")

    assert title.text == "〔姓名1〕反映收费"
    assert matter.text == "电话〔电话1〕，或 〔电话2〕，又打〔电话1〕"
    assert matter.replaced == (Replacement("电话", 1, "13911112222"), Replacement("电话", 2, "138 1234 5678"))


def test_a_later_message_goes_on_counting() -> None:
    first = Masker(CALLER)
    replaced = first.mask("张女士 13911112222 zs@qq.com").replaced

    later = Masker(CALLER, known=replaced).mask("ZS@qq.com 13700001111 139 1111 2222 张明华")

    assert later.text == "〔邮箱1〕 〔电话2〕 〔电话1〕 〔姓名1〕"


def test_school_names_are_kept_though_the_caller_is_called_so() -> None:
    masker = Masker(Identity(names=("林东",)), protected=("林东中学",))

    assert masker.mask("林东中学的林东").text == "林东中学的〔姓名1〕"


def test_a_display_name_that_names_nobody_is_left_alone() -> None:
    assert (
        mask("家长反映，热心市民也说", Identity(names=("家长", "热心市民"))).text == "家长反映，热心市民也说"
    )


def test_the_offices_own_mail_address_is_kept() -> None:
    masker = Masker(NOBODY, public_emails=("zjg23236764@163.com",))

    assert masker.mask("发到 ZJG23236764@163.com").text == "发到 ZJG23236764@163.com"


# ---- Properties

_PREFIXES = st.sampled_from(["", "+86", "+86 ", "86", "0086", "86-", "0"])
_NUMBERS = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
_GAPS = st.sampled_from(["", " ", "-", "－", "—", ".", "·", "_", "\u3000", "\u200b", "\xa0", " - ", "~"])
_FULL_WIDTH = str.maketrans("0123456789+-", "０１２３４５６７８９＋－")
_NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
_OTHER_NUMERALS = str.maketrans("0123456789", "〇幺两叁肆伍陆柒捌玖")
_PLAIN_WORDS = st.text(
    alphabet="我家孩子在学校课后服务收费老师说不参加就，。！？（）《》 \n的了人没有和在打给联系", max_size=40
)


@st.composite
def spelt_phones(draw: st.DrawFn) -> tuple[str, str]:
    """A mobile number and one of the ways people write it."""
    number = draw(_NUMBERS)
    how = draw(
        st.sampled_from(["figures", "full width", "numerals", "other numerals", "half", "groups", "each"])
    )
    gap = draw(_GAPS)
    grouped = gap.join((number[:3], number[3:7], number[7:]))
    if how == "groups":
        wide = draw(st.sampled_from([",", "，", "、", "\n", " / ", ") "]))
        return number, wide.join((number[:3], number[3:7], number[7:]))
    if how == "each":
        return number, draw(st.sampled_from([" ", "-", ".", "\u200b", "\u3000"])).join(number)
    if how == "numerals":
        return number, grouped.translate(_NUMERALS)
    if how == "other numerals":
        return number, grouped.translate(_OTHER_NUMERALS)
    if how == "half":
        return number, number[:3] + number[3:7].translate(_NUMERALS) + number[7:]
    written = draw(_PREFIXES) + grouped
    return number, written.translate(_FULL_WIDTH) if how == "full width" else written


@settings(max_examples=600, deadline=None)
@given(_PLAIN_WORDS, spelt_phones(), _PLAIN_WORDS)
def test_every_phone_in_every_spelling_is_gone_and_the_rest_unchanged(
    before: str, phone: tuple[str, str], after: str
) -> None:
    number, written = phone

    result = mask(f"{before}{written}{after}", NOBODY)

    assert number not in re.sub(r"\D", "", figures(result.text))
    assert result.text.startswith(before)
    assert result.text.endswith(after)
    assert [replacement.kind for replacement in result.replaced] == ["电话"]


_ANYTHING = st.text(
    alphabet=st.one_of(
        st.sampled_from("0123456789 -+.@abcX一三八〇五九张王李明华，。：\n（）〔〕电话姓名微信QQ号"),
        st.characters(codec="utf-8"),
    ),
    max_size=120,
)


@settings(max_examples=600, deadline=None)
@given(_ANYTHING)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text, CALLER)

    assert mask(once.text, CALLER).text == once.text


@settings(max_examples=300, deadline=None)
@given(_ANYTHING)
def test_putting_the_originals_back_gives_the_text(text: str) -> None:
    """Nothing but what is reported is changed: the vault and the working text together are the verbatim text."""
    result = mask(text, CALLER)
    known = {replacement.placeholder for replacement in result.replaced}
    pattern = re.compile("(" + "|".join(map(re.escape, known)) + ")") if known else None
    rest = pattern.split(result.text)[::2] if pattern else [result.text]

    position = 0
    for part in rest:
        found = text.find(part, position)
        assert found >= 0
        position = found + len(part)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 300_000,
        "a" * 300_000,
        "13 " * 100_000,
        "一" * 300_000,
        "(" * 300_000,
        "王" * 300_000,
        "1-" * 150_000,
    ],
)
def test_no_pattern_is_slow_on_hostile_text(text: str) -> None:
    """Each pattern alone: 300,000 characters in a fraction of a second means linear time."""
    for pattern in PATTERNS:
        start = time.perf_counter()
        for _ in pattern.regex.finditer(text):
            pass
        assert time.perf_counter() - start < 1.0, pattern.regex.pattern[:60]


def test_speed_of_an_ordinary_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "云岭实验小学三年级课后服务每月收费三百元，孩子说老师上新课，我打13812345678反映过没人理。联系人：王大锤。"
        * 12
    )[:500]
    rounds = 100
    start = time.perf_counter()
    for _ in range(rounds):
        Masker(CALLER, OFFICE).mask(text)
    each = (time.perf_counter() - start) / rounds * 1e6

    with capsys.disabled():
        sys.stdout.write(f"\nmasking: {each:.0f} µs per 500 characters\n")
    assert each < 20_000


_LANDLINES = st.from_regex(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{7}", fullmatch=True)


@settings(max_examples=300, deadline=None)
@given(_PLAIN_WORDS, _LANDLINES, st.sampled_from(["", "-", " ", ")", "－"]), st.booleans(), _PLAIN_WORDS)
def test_every_landline_is_gone_and_the_rest_unchanged(
    before: str, number: str, gap: str, numerals: bool, after: str
) -> None:
    area = 3 if number[1] in "12" else 4
    written = number[:area] + gap + number[area:]
    if numerals:
        written = written.replace(")", "").translate(_NUMERALS)

    result = mask(f"{before}{written}{after}", NOBODY)

    assert number[area:] not in re.sub(r"\D", "", figures(result.text))
    assert result.text.startswith(before)
    assert result.text.endswith(after)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 12, 31)))
    rest = f"{draw(st.integers(0, 999)):03}{draw(st.sampled_from('0123456789Xx'))}"
    parts = (str(draw(st.integers(110000, 659999))), f"{born:%Y%m%d}", rest)
    return draw(st.sampled_from(["", " ", "-"])).join(parts)


@settings(max_examples=300, deadline=None)
@given(_PLAIN_WORDS, identity_numbers(), st.booleans(), _PLAIN_WORDS)
def test_every_identity_number_is_gone_and_the_rest_unchanged(
    before: str, number: str, wide: bool, after: str
) -> None:
    written = number.translate(_FULL_WIDTH) if wide else number

    assert mask(f"{before}{written}{after}", NOBODY).text == f"{before}〔证件1〕{after}"


@settings(max_examples=300, deadline=None)
@given(
    _PLAIN_WORDS,
    st.from_regex(r"[a-z][a-z0-9._-]{1,20}[a-z0-9]", fullmatch=True),
    st.sampled_from(["@", "＠", " @ ", "(at)", "[at]"]),
    st.sampled_from(["163.com", "qq.com", "vip.sina.com.cn", "163。com", "qq点com"]),
    _PLAIN_WORDS,
)
def test_every_mail_address_is_gone_and_the_rest_unchanged(
    before: str, local: str, at: str, domain: str, after: str
) -> None:
    assert mask(f"{before}{local}{at}{domain}{after}", NOBODY).text == f"{before}〔邮箱1〕{after}"
