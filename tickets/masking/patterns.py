"""What a pattern can know: numbers, addresses and accounts in the text of a complaint.

Every pattern works on folded text (full-width becomes plain, same length) in which what was already found is blotted out with
BLOT, so that no later pattern reads across it. All are linear: bounded repeats, no nested quantifiers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

BLOT = "\ue000"

PHONE, MAIL, ID_NUMBER, CARD, PLATE, WECHAT, QQ, ADDRESS, IP, NUMBER, NAME = (
    "电话",
    "邮箱",
    "证件",
    "卡号",
    "车牌",
    "微信",
    "QQ",
    "地址",
    "IP",
    "号码",
    "姓名",
)
KINDS = (PHONE, MAIL, ID_NUMBER, CARD, PLATE, WECHAT, QQ, ADDRESS, IP, NUMBER, NAME, "信息")
PLACEHOLDER = re.compile("〔(?:" + "|".join(KINDS) + r")\d{1,4}〕")

_ZERO_WIDTH = "\u00ad\u200b-\u200f\u2060\ufeff"
# Between the figures of one number; a line break and a comma only between its usual groups (LISTS would match otherwise).
_GAP = rf"[ \t\xa0{_ZERO_WIDTH}\-\u2010-\u2015\u2212_.\u00b7\u2022\u30fb~*]{{0,3}}"
_WIDE = rf"[\s\xa0{_ZERO_WIDTH}\-\u2010-\u2015\u2212_.\u00b7,，、;；/|()>]{{1,4}}"
_ANY_GAP = rf"[ \t\xa0{_ZERO_WIDTH}\-\u2010-\u2015\u2212_.\u00b7,，、]{{0,3}}"
_SPOKEN = r"\s?(?:转|加|再|然后|空格?|杠|横|减|点){1,2}\s?"
_CHINESE_NUMERAL = re.compile("[零〇○洞一幺壹二两贰三叁四肆五伍六陆七柒拐八捌九玖勾]")
_PLATE_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_DATE_LIKE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")
_YEARS = re.compile(r"(?:(?:19|20)\d{2}\D{0,3}){2,5}$")


def _always(_: str) -> bool:
    return True


def _no_date(found: str) -> bool:
    digits = re.sub(r"\D", "", found)
    return not _DATE_LIKE.match(digits) and not _YEARS.match(found)


def _octets(found: str) -> bool:
    return all(int(part) <= 255 for part in found.split("."))


def _mostly_figures(found: str) -> bool:
    return sum(char.isdigit() for char in found) >= 6


def _three_figures(found: str) -> bool:
    return sum(char.isdigit() for char in found) >= 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """`figures`: read with Chinese numerals turned into figures, and only a find that has one counts. `group`: what is hidden."""

    kind: str
    regex: re.Pattern[str]
    group: int = 0
    counts: Callable[[str], bool] = _always
    figures: bool = False

    def believes(self, original: str, found: str) -> bool:
        return self.counts(found) and (not self.figures or _CHINESE_NUMERAL.search(original) is not None)


def _p(
    kind: str, regex: str, *, group: int = 0, counts: Callable[[str], bool] = _always, figures: bool = False
) -> Pattern:
    return Pattern(kind, re.compile(regex), group, counts, figures)


_DOT = r"\s?(?:\.|点|。|[(\[]dot[)\]]|\sdot\s)\s?"
_AT = r"\s{0,2}(?:@|[(\[【{<]\s?(?:at|AT|a|艾特)\s?[)\]】}>]|\sat\s|艾特)\s{0,2}"
_AREA = r"0(?:10|2\d|[3-9]\d{2})"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"

PATTERNS: tuple[Pattern, ...] = (
    _p(
        MAIL,
        rf"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++{_AT}[A-Za-z0-9\-]{{1,63}}+(?:{_DOT}[A-Za-z0-9\-]{{1,63}}+){{1,5}}",
    ),
    _p(
        ID_NUMBER,
        rf"(?<!\d)[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:0[1-9]|[12]\d|3[01]){_GAP}\d{{3}}{_GAP}[\dXx](?![\dA-Za-z])",
    ),
    _p(ID_NUMBER, rf"(?<!\d)[1-9]\d{{7}}{_MONTH_DAY}\d{{3}}(?!\d)"),
    _p(ID_NUMBER, r"(?<!\d)\d{3,6}\*{6,14}(?:\d{2,4}[Xx]?|[Xx])?(?!\d)"),
    _p(CARD, r"(?<!\d)\d{4}[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{4}(?:[ \-]?\d{1,3})?(?!\d)", counts=_no_date),
    # Mobile numbers: any spelling, in groups over a line break, half hidden by the writer, in Chinese numerals.
    _p(PHONE, rf"(?<!\d)(?:(?:(?:\+|00){_GAP})?86{_GAP})?0?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)"),
    _p(PHONE, rf"(?<!\d)(?:\+?86{_WIDE})?1[3-9]\d{_WIDE}\d{{4}}{_WIDE}\d{{4}}(?!\d)"),
    _p(
        PHONE,
        rf"(?<!\d)1[3-9]\d{_WIDE}\d{{3}}{_WIDE}\d{{5}}(?!\d)|(?<!\d)1[3-9]\d{{2}}{_WIDE}\d{{4}}{_WIDE}\d{{3}}(?!\d)",
    ),
    _p(PHONE, r"(?<!\d)1[3-9]\d[*xX×]{3,5}\d{3,4}(?!\d)"),
    _p(PHONE, r"(?<!\d)1[3-9]\d{5}[*xX×]{4}(?![\dA-Za-z])"),
    # What looks like a figure but is a letter, and words between the groups.
    _p(PHONE, r"(?<![\dA-Za-z])[1lI|][3-9][\dlIoO|]{9}(?![\dA-Za-z])", counts=_mostly_figures),
    _p(PHONE, rf"(?<!\d)1[3-9]\d{_SPOKEN}\d{{4}}{_SPOKEN}\d{{4}}(?!\d)"),
    _p(PHONE, rf"1{_ANY_GAP}[3-9](?:{_ANY_GAP}\d){{9}}", figures=True),
    # Landlines.
    _p(
        PHONE,
        rf"(?<!\d)(?:\+?86{_GAP})?(?:[(]{_AREA}[)]|{_AREA}[)]?){_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)(?:\s?(?:转|分机|-)\s?\d{{1,5}}(?!\d))?",
    ),
    _p(PHONE, rf"0(?:{_ANY_GAP}\d){{2,3}}{_ANY_GAP}[2-9](?:{_ANY_GAP}\d){{6,7}}", figures=True),
    _p(PHONE, rf"[2-9](?:{_GAP}\d){{7}}", counts=_no_date, figures=True),
    _p(
        PHONE,
        r"(?<![\dA-Za-z.\-])[2-9]\d{7}(?![\dA-Za-z]|-\d{4}(?!\d)|\.\d|\s?[元块人名万%])(?:\s?(?:转|分机)\s?\d{1,5}(?!\d))?",
        counts=_no_date,
    ),
    _p(
        PHONE,
        r"(?:电话|座机|号码|拨打|拨|致电|来电|联系方式|[Tt]el|TEL)[号是为:\s]{0,4}([2-9]\d{2,3}[ \-]?\d{3,4})(?!\d)",
        group=1,
        counts=_no_date,
    ),
    _p(
        PLATE,
        rf"{_PLATE_PROVINCE}[ ]?[A-HJ-NP-Za-hj-np-z][ \u00b7\u2022\u30fb.\-]{{0,2}}[A-HJ-NP-Za-hj-np-z0-9]{{4,5}}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?![A-Za-z0-9])",
        counts=_three_figures,
    ),
    _p(
        WECHAT,
        r"(?:微信号?|威信|薇信|加微|[Vv]信|[Ww][Xx]|[Vv][Xx]|WeChat|wechat|抖音号?|快手号?)[号码是为叫:\s]{0,4}([A-Za-z][A-Za-z0-9_\-]{4,19}|\d{5,12})(?![A-Za-z0-9])",
        group=1,
    ),
    _p(QQ, r"(?:[Qq]{2}|扣扣|企鹅)[号群码是为:\s]{0,4}(\d{5,12})(?!\d)", group=1),
    _p(IP, r"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])", counts=_octets),
    _p(NUMBER, r"(?<![\dA-Za-z.])[A-Za-z]?\d{9,}+[Xx]?(?![\dA-Za-z]|\.\d|\s?[元块])"),
    _p(
        ADDRESS,
        r"[^\W\da-zA-Z_市县区镇乡在住将请是系原过到从往的我您址]{1,4}(?:路|街|巷|弄|小区|花园|新村|公寓|大厦|社区|家园|村)(?:[东西南北中][段区侧]?|[A-Za-z一二三四五六七八九十\d]{1,3}[期区组])?第?[A-Za-z]?\d{1,5}\s?(?:号楼|号(?![开早晚上下那前之到放考])|栋|幢|座|单元|室|组)(?:[A-Za-z]?\d{1,4}(?:单元|栋|幢|座|室|号|层|楼|房)){0,3}(?:[A-Za-z]?\d{3,4}(?!\d|年|元))?",
    ),
)
