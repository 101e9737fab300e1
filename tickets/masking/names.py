"""Names of people: the ones the case knows, however they recur, and the ones a text gives away itself."""

from __future__ import annotations

import re

from tickets.masking.patterns import BLOT
from tickets.suggestions.patterns import fold

COMPOUND_SURNAMES = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|南宫"
_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付傅方白邹孟熊秦邱丘江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄"
    "聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤阳穆农司卓古吉缪简车芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟臧闵苟邬边卞姬仇栾隋商刁沙荣巫寇"
    "桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南储栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚帅屠豆"
    "朴盖练廉禹井祖漆巴丰卿狄索宣晋云容扈晁芮阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况宿鲜印逯隆茹诺"
)
_NOT_GIVEN = "的是人长生师县市校级班园中小学家员民众们了在有和与及或某老女先同志您你我他她它这那个名位们上下不没很为被把给也都就还要会能可对向从让请于并而但因所以及其各该本贵"
_ANY_GIVEN = r"[^\W\da-zA-Z_的是在了有和与及]"
_GIVEN = rf"[^\W\da-zA-Z_{_NOT_GIVEN}]"
SURNAME = rf"(?:{COMPOUND_SURNAMES}|[{_SINGLE}])"
PERSON = rf"{SURNAME}{_GIVEN}{{1,2}}"
CALLED = rf"{SURNAME}{_ANY_GIVEN}{{1,2}}"  # after 我叫 or 姓名：, where 小, 学, 家 are parts of names
_END = rf"(?=[\s,，.。;；、!！?？()（）:：|/{BLOT}]|$|的|是|在|今年|现|就读|读|电话|手机|联系|身份证|\d)"
_SPACED = r"[ \u3000\xa0\u200b\u00b7\u2022\u30fb.\-_*]?"
_TITLES = "先生|女士|小姐|太太|同志|家长|妈妈|爸爸|爸|妈|同学|阿姨|大哥|大姐|师傅|某某某?|某|[*xX×○]{1,3}"
_NOBODY = frozenset(
    {
        "家长",
        "学生",
        "老师",
        "教师",
        "匿名",
        "群众",
        "市民",
        "网友",
        "本人",
        "妈妈",
        "爸爸",
        "先生",
        "女士",
        "投诉",
        "举报",
        "邮箱",
        "学校",
    }
    | {
        "匿名家长",
        "学生家长",
        "热心家长",
        "热心市民",
        "一名家长",
        "一个家长",
        "家长代表",
        "反映人",
        "投诉人",
        "举报人",
        "教育局",
    }
    | {"无名", "不详", "未知", "保密", "admin", "test", "user"}
)
# Words that begin like a name and stand alone on the last lines as often as one.
NO_NAME = frozenset(
    {
        "谢谢",
        "敬礼",
        "安溪",
        "高一",
        "高二",
        "高三",
        "万分",
        "温馨",
        "平安",
        "方便",
        "何时",
        "金额",
        "计划",
        "强烈",
        "安全",
        "安排",
        "高兴",
    }
    | {
        "江苏",
        "广东",
        "黄金",
        "白天",
        "向上",
        "简单",
        "单位",
        "毕业",
        "毕业班",
        "高度",
        "高尚",
        "高效",
        "方式",
        "方法",
        "方案",
        "程度",
        "路过",
    }
    | {
        "于是",
        "安心",
        "安静",
        "祝福",
        "祝好",
        "祝安",
        "顾虑",
        "党员",
        "高中生",
        "安溪县",
        "严重",
        "严查",
        "万一",
        "钱款",
        "马上",
        "包括",
        "夏季",
    }
)

_GIVEN_AWAY = (
    re.compile(
        rf"(?:(?<!师)(?<!任)(?<!校长)姓名|反映人|投诉人|举报人|来信人|来电人|联系人|署名|落款|发件人|寄件人|收件人|申请人|当事人|家长|此致敬礼)[:：\s]{{1,3}}({CALLED}(?:[、,，\s]{{1,2}}{CALLED}){{0,99}})(?={BLOT}|[\s,，.。;；、()（）|/\d]|$)",
        re.MULTILINE,
    ),
    re.compile(rf"(?:我叫|我名叫|我的名字叫|本人叫|名叫|本人姓名|本人名叫)[做作是:：]?\s?({CALLED}){_END}"),
    re.compile(rf"(?:我是|本人)({SURNAME}{_GIVEN}{{1,2}})(?=[\s,，.。;；()（）]|$)"),
    re.compile(
        rf"(?:儿子|女儿|孩子|小孩|学生|孙子|孙女|外孙女?|侄子|侄女|弟弟|妹妹|小儿|小女)(?:的?名字)?(?:名叫|叫做?|叫|姓名|名字是|:|：)\s?({CALLED}){_END}"
    ),
    re.compile(
        rf"(?:我儿子?|我女儿|我家孩子|我孩子|小儿|小女|我孙子|我孙女)({PERSON})(?=[\s,，(（]|在|今年|就读|现就读|现在读)"
    ),
)
_SIGNED_OFF = re.compile(rf"敬礼[!！。:：,，\s]{{1,6}}({CALLED})(?=[\s\d]|$)")
_SIGNATURE = re.compile(
    rf"^[\s—\-]*(?:(?:一名|一个)?(?:学生)?家长[:：\s]*)?({PERSON})[\s\d年月日.\-/+{BLOT}]*$"
)
_SIGNATURE_LINES = 5


def is_nobody(name: str) -> bool:
    """A display name such as 家长 or 匿名 names no one, and masking it would blot out half the text."""
    return len(name.strip()) < 2 or name.strip().lower() in _NOBODY


def given_away(text: str) -> tuple[str, ...]:
    """Names the text itself introduces (我叫…, 联系人：…, a signature), each once, as written."""
    folded = fold(text)
    found = [
        name
        for pattern in (*_GIVEN_AWAY, _SIGNED_OFF)
        for match in pattern.finditer(folded)
        for name in re.split(r"[、,，\s]+", match.group(1))
    ]
    lines = [line for line in folded.splitlines() if line.strip()]
    for line in lines[1:][-_SIGNATURE_LINES:]:
        signed = _SIGNATURE.match(line)
        if signed:
            found.append(signed.group(1))
    return tuple(name for name in dict.fromkeys(found) if not is_nobody(name) and name not in NO_NAME)


def small(text: str) -> str:
    """In small letters as IGNORECASE compares them: the Turkish ones too."""
    return text.lower().replace("i\u0307", "i").replace("\u0131", "i")


def may_recur(name: str, folded: str) -> bool:
    """Whether `recurrences` of the name can find anything in a folded text: a quick look that is never wrong with no."""
    bare = fold(name).strip()
    if bare[:1].isascii():
        return small(re.split(r"[\s._\-]+", bare)[0]) in small(folded)
    surname = re.match(SURNAME, bare)
    rest = bare[surname.end() :] if surname else ""
    return (
        (surname is not None and surname.group() in folded)
        or (rest != "" and all(letter in folded for letter in rest if not letter.isspace()))
        or all(letter in folded for letter in bare if not letter.isspace())
    )


def recurrences(name: str) -> re.Pattern[str] | None:
    """Every way the person of this name is spoken of; None if the name is too general to be looked for.

    张老师 is masked only where the writer speaks of himself: a 张老师 elsewhere may be the teacher complained about.
    """
    bare = re.sub(r"\s+", " ", fold(name).strip())
    if is_nobody(bare):
        return None
    if bare[0].isascii():
        spelt = r"[\s._\-]{0,2}".join(re.escape(part) for part in re.split(r"[\s._\-]+", bare) if part)
        return re.compile(rf"(?<![A-Za-z]){spelt}(?![A-Za-z])", re.IGNORECASE) if len(bare) >= 3 else None
    bare = bare.replace(" ", "")
    forms = [_SPACED.join(map(re.escape, bare))]
    surname = re.match(SURNAME, bare)
    rest = bare[surname.end() :] if surname else ""
    if surname and 1 <= len(rest) <= 2:
        family = re.escape(surname.group())
        forms.append(rf"{family}{_SPACED}(?:{_TITLES})(?!中学|小学)")
        forms.append(
            rf"(?<=我是){family}老师|(?<=本人){family}老师|(?<=我姓){family}|(?<=叫我)[老小]?{family}(?:老师)?"
        )
        if len(rest) == 2 and not re.fullmatch(_TITLES + "|老师", rest):
            forms.append(rf"{_SPACED.join(map(re.escape, rest))}(?=妈妈|爸爸|家长|的?妈|的?爸|同学)")
    return re.compile("|".join(forms))
