"""The words that tell a school stage: one ordered table, read once from left to right, the first row that fits wins a place.

Rows without a stage swallow look-alikes (中小学, 大班额, 大年初三, 中学一级教师), so that nothing inside them counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """What a word points at; NONE swallows it."""

    KINDERGARTEN = "幼儿园"
    PRIMARY = "小学"
    JUNIOR = "初中"
    SENIOR = "高中"
    MIDDLE = "中学"
    VOCATIONAL = "中职"
    NONE = ""


STAGES_OF = {
    Level.KINDERGARTEN: ("kindergarten",),
    Level.PRIMARY: ("primary",),
    Level.JUNIOR: ("junior",),
    Level.SENIOR: ("senior",),
    Level.MIDDLE: ("junior", "senior"),
    Level.VOCATIONAL: ("vocational",),
}


@dataclass(frozen=True, slots=True)
class StageRule:
    level: Level
    weight: float
    pattern: str


_NUMERAL = "[一二三四五六七八九十]"
_ONE_TO_SIX = "[一二三四五六1-6]"
_SEVEN_TO_NINE = "[七八九789]"
# After 一中, 二中 …: the words that show it is no school (一中午, 三中全会, 十中有九).
_NOT_A_SCHOOL = "(?![午心间央等考途年秋旬国英文医药小有全级介层型])"

RULES: tuple[StageRule, ...] = (
    # Swallowed.
    StageRule(Level.NONE, 0, r"初幼教股|中教股|高教[处司]|小教[处司]"),
    StageRule(
        Level.NONE,
        0,
        r"(?:中学|小学)(?:高级|一级|二级|三级|正?高级|特级)|小学正高|小教[高一二]级?|中教[高一二]级",
    ),
    StageRule(
        Level.NONE,
        0,
        r"中小学|大班额|[大小]班(?:化|教学|授课)|高中低|从?小学[到至]初?高?中|小学[和、与及]初?中学?",
    ),
    StageRule(Level.NONE, 0, r"(?:大年|正月|腊月|农历|阴历|[一二三四五六七八九十冬腊\d]+月)的?初[一二三]"),
    StageRule(Level.NONE, 0, r"(?:初中|高中|小学)(?:以[上下]|文化|学历|毕业(?:后|于|的我)|同学|时代)"),
    StageRule(
        Level.NONE, 0, r"(?:大学|大专|本科|学院)[一二三四]年级|大学城|研究生|高等学校|党校|驾校|老年大学"
    ),
    StageRule(Level.NONE, 0, r"高一[点些个名位头]|高[二三][个名位头]|其中|[初高][一二三](?=[个位名]问题)"),
    # Kindergarten.
    StageRule(
        Level.KINDERGARTEN,
        3,
        r"幼儿园|幼稚园|幼儿班|(?:[一二三四五六七八九十]{1,2}中|中学)?附属?幼|[一二三四五六七八九十实]幼(?![儿师教升稚年])",
    ),
    StageRule(Level.KINDERGARTEN, 2, r"学前班|学前教育|幼教|幼师(?!学校)|保教费|托班|入园|园长|幼儿"),
    StageRule(Level.KINDERGARTEN, 0.5, r"小朋友|幼小"),
    # Vocational: before 高中, so that 职业高中 does not count as one.
    StageRule(
        Level.VOCATIONAL,
        3,
        r"职业高?中学?|职高|中职|中专|技校|职校|技工学校|职业(?:技术)?(?:教育)?学校|职业中专|技师学院|卫校|幼师学校|顶岗实习",
    ),
    # Grades with the stage in front.
    StageRule(Level.JUNIOR, 2.5, r"初中(?:部|[一二三]年级)?|初[一二三123](?![级步期次中])|中考|初[一二三]级"),
    StageRule(
        Level.SENIOR,
        2.5,
        r"高中(?:部|[一二三]年级)?|普高|高考|高[一二三123](?![米\d年层度])|复读[生班]?|学业水平考|会考|文理分科|选课走班|艺考",
    ),
    # Names and kinds of schools.
    StageRule(
        Level.PRIMARY,
        3,
        r"附中[^\W\d_a-zA-Z]{0,6}学校(?:第?[一二三四五六七八九十]{1,2})?小学部?|(?:[一二三四五六七八九十]{1,2}中|中学)?(?:附属小学|附小)|实验小学|实小|中心小学|中心校|中心学校|完全小学|完小|村小|小学(?:部|生)?|教学点",
    ),
    StageRule(
        Level.PRIMARY,
        3,
        r"第?(?:十[一二三四五六七八九]?|[一二三四五六七八九]|\d{1,2})小(?=[学的是在、，。！？（(上读对里操教校门招收补，]|$)",
    ),
    StageRule(Level.MIDDLE, 3, r"附属中学|附中|实验中学|完全中学|完中|中学(?:部|生)?"),
    StageRule(Level.MIDDLE, 3, rf"(?:十[一二三四五六七八九]?|{_NUMERAL}|(?<!\d)\d{{1,2}})中{_NOT_A_SCHOOL}"),
    # Grades and classes.
    StageRule(
        Level.JUNIOR,
        2.5,
        rf"{_SEVEN_TO_NINE}年级|[七八九789]年\s?\d{{1,2}}班|(?<!\d)[789]\d{{2}}班|[七八九][(]\d{{1,2}}[)]班?",
    ),
    StageRule(Level.PRIMARY, 2.5, rf"{_ONE_TO_SIX}年级|小[一二三四五六](?=[新学的年班，。、])"),
    StageRule(
        Level.PRIMARY,
        2.5,
        rf"(?<!\d)[1-6]年\s?\d{{1,2}}班|(?<!\d)[1-6]\d{{2}}班|(?<![\d初高七八九]){_ONE_TO_SIX}[(]\d{{1,2}}[)]班?",
    ),
    StageRule(Level.PRIMARY, 2, r"幼升小|少先队|红领巾"),
    StageRule(
        Level.MIDDLE, 1.5, r"小升初|初升高|择校生|分配生|指标到校|[晚夜]自习|住宿生|月考|中学教师|重点高?中"
    ),
    StageRule(Level.MIDDLE, 1, r"寄宿|内宿|快慢班|重点班"),
)

# 小班 中班 大班 are a kindergarten's only where one is spoken of anyway.
KINDERGARTEN_CLASS = re.compile(r"(?<![一二三四五六七八九十最])[小中大]班(?![额化教授])")
KINDERGARTEN_NEAR = re.compile(r"幼|入园|园里|园方|全园|老师.{0,6}园")
READER = re.compile("|".join(f"(?P<r{index}>{rule.pattern})" for index, rule in enumerate(RULES)))


def rule_of(match: re.Match[str]) -> StageRule:
    """The row of the table a match of READER came from."""
    group = match.lastgroup or "r0"
    return RULES[int(group[1:])]
