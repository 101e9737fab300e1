"""The check before every print, order, report and outgoing mail: could this text tell who complained?

It finds and explains; whether to rewrite or to record a consent is decided by a person.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tickets.masking import names
from tickets.masking.mask import OTHER, Finder, Identity
from tickets.masking.patterns import (
    ADDRESS,
    BLOT,
    CARD,
    ID_NUMBER,
    IP,
    MAIL,
    NAME,
    NUMBER,
    PHONE,
    PLATE,
    QQ,
    WECHAT,
)
from tickets.masking.phones import normalise_phone
from tickets.suggestions.patterns import any_of, fold

VERBATIM, FILE_NAME, CHILD, PINYIN = "原话", "文件名", "班级和姓名", "姓名拼音"
IN_A_ROW = 12

_WHAT = {
    PHONE: "电话号码",
    MAIL: "邮箱地址",
    ID_NUMBER: "证件号码",
    CARD: "银行卡号",
    PLATE: "车牌号",
    WECHAT: "微信等账号",
    QQ: "QQ号",
    ADDRESS: "住址",
    IP: "网络地址",
    NUMBER: "长号码",
    NAME: "本件当事人的姓名",
    PINYIN: "本件当事人姓名的拼音",
    OTHER: "本件登记的身份信息",
    CHILD: "班级和学生姓名",
    VERBATIM: "与反映人原话连续相同的文字",
    FILE_NAME: "附件的原文件名",
}
_CONSENT = "；如反映人已同意披露，请先登记“同意披露”。"
_HOW = {
    CHILD: "请概括为“该校某年级学生”" + _CONSENT,
    NAME: "请删去姓名，改为“反映人”或“有关学生”" + _CONSENT,
    PINYIN: "请删去或改写" + _CONSENT,
    VERBATIM: "请用自己的话概括，不要照抄来电来信的原话。",
    FILE_NAME: "请改为“附件1”“图片1”等，不写原文件名。",
    ADDRESS: "请删去住址，或只写到乡镇" + _CONSENT,
}
_HOW_ELSE = "请删去" + _CONSENT
_REMEMBER = "没有姓名不等于认不出来：只有少数人知道的细节也请概括。"

_GRADE = r"(?:[一二三四五六七八九1-9]年级|初[一二三1-3]|高[一二三1-3])"
_ROOM = (
    rf"(?:(?:{_GRADE}|[一二三四五六七八九](?=[(]))\s?[(]?(?:[一二三四五六七八九十]{{1,2}}|\d{{1,2}})[)]?\s?班|[1-9]年\s?\d{{1,2}}班"
    r"|(?<!\d)\d{1,4}班|(?<![一二三四五六七八九十])[小中大]班)"
)
_CLASS = rf"(?:{_ROOM}|{_GRADE})"
_NICKNAME = r"小[^\W\da-zA-Z_学组时班孩朋事部升区吃心便卖店型偷食票路王八]{1,2}"
_BETWEEN = r"(?:的|学生|有|一名|名|同学|叫|:|,|\s){0,4}"
_AFTER = r"(?=同学|[,，。.、;；!！?？()（）\s]|[本的在被说退未没交参要因向于由已也就打受转请家母父等与和及至到上写去回不]|妈妈|爸爸|学生|$)"
_PUPILS = (
    re.compile(rf"{_ROOM}{_BETWEEN}(?P<pupil>{names.CALLED}|{_NICKNAME}){_AFTER}"),
    re.compile(rf"{_GRADE}{_BETWEEN}(?P<pupil>{names.PERSON}|{_NICKNAME}){_AFTER}"),
    re.compile(
        rf"(?P<pupil>{names.CALLED}|{_NICKNAME})(?:同学|学生)?(?:是|就读于|就读|[,，(（\s]){{1,3}}{_CLASS}"
    ),
)
_FILE = re.compile(
    r"[^\s,，。;；:：、!！?？“”\"'<>|/\\〔〕《》()（）]{1,60}\.(?:jpe?g|png|gif|bmp|heic|webp|pdf|docx?|xlsx?|pptx?|wps|et|txt|rtf|mp3|m4a|amr|wav|mp4|mov|avi|3gp|zip|rar|7z|eml|msg|csv)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_INK = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Leak:
    """`excerpt` is the place in the text; `sentence` says what it is and where, `how_to_go_on` what to do. Never log these."""

    kind: str
    excerpt: str
    sentence: str
    how_to_go_on: str
    line: int = 1


def leaks(
    text: str,
    *,
    identity: Identity,
    verbatim: str = "",
    names_of_case: Iterable[str] = (),
    allowed: Iterable[str] = (),
    public_phones: Iterable[str] = (),
    public_emails: Iterable[str] = (),
    schools: Iterable[str] = (),
) -> tuple[Leak, ...]:
    """Everything in the text that could tell who complained, in order of appearance; empty: it may go.

    `verbatim`: what was written or said. `names_of_case`: further persons besides the identity's (child, relatives). `allowed`:
    what a recorded disclosure consent or public wording lets pass, compared as a whole. `schools`: names that are no one's.
    """
    known = Identity(
        names=tuple(dict.fromkeys((*identity.names, *names_of_case))),
        phones=identity.phones,
        emails=identity.emails,
        addresses=identity.addresses,
        others=identity.others,
    )
    schools = tuple(schools)
    passes = _Allowed(tuple(allowed))
    finder = Finder(known, public_phones=public_phones, public_emails=public_emails, protected=schools)
    finder.learn_names(text)
    places = [(span.start, span.end, span.kind) for span in finder.find(text) if not span.kept]
    folded = fold(text)
    places += [(match.start(), match.end(), FILE_NAME) for match in _FILE.finditer(folded)]
    places += _pupils(folded, schools)
    places += _in_pinyin(folded, known.names)
    places += _copied(folded, fold(verbatim), (*passes.words, *map(fold, schools)))
    line_ends = [match.start() for match in re.finditer("\n", text)]
    return tuple(
        _leak(kind, text[start:end], bisect_left(line_ends, start) + 1)
        for start, end, kind in sorted(set(places))
        if not passes.lets(text[start:end], kind)
    )


def summary(found: Iterable[Leak]) -> str:
    """One paragraph for the page: what is where, and how to go on."""
    found = tuple(found)
    if not found:
        return ""
    places = "、".join(dict.fromkeys(f"{_WHAT[leak.kind]}（第 {leak.line} 行）" for leak in found))
    advice = "请改写；如反映人已同意披露，请先登记“同意披露”。"
    return f"这段文字里有{places}，发出去可能暴露反映人。{advice}{_REMEMBER}"


def _leak(kind: str, excerpt: str, line: int) -> Leak:
    sentence = f"第 {line} 行有{_WHAT[kind]}：“{excerpt}”，发出去可能暴露反映人。"
    return Leak(kind, excerpt, sentence, _HOW.get(kind, _HOW_ELSE), line)


class _Allowed:
    """What may pass, compared in one spelling; part of an allowed thing passes, more than it does not."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.words = tuple(fold(word) for word in allowed if word.strip())
        self._bare = tuple(_bare(word) for word in self.words)
        self._phones = {number for word in self.words if (number := normalise_phone(word)) is not None}

    def lets(self, excerpt: str, kind: str) -> bool:
        if kind == PHONE:
            return normalise_phone(excerpt) in self._phones
        if kind == CHILD:
            return bool(self._bare) and _is_made_of(_bare(fold(excerpt)), self._bare)
        return any(_bare(fold(excerpt)) in word for word in self._bare)


def _bare(text: str) -> str:
    return "".join(_INK.findall(text)).lower()


def _is_made_of(text: str, words: tuple[str, ...]) -> bool:
    """三(2)班张小明 passes where both 三(2)班 and 张小明 were agreed to."""
    rest = re.sub(any_of(words), "", text)
    return not re.sub(r"[的有一名叫同学生是在就读于]", "", rest)


def _pupils(folded: str, schools: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    hidden = folded
    if schools:
        hidden = re.sub(any_of(tuple(map(fold, schools))), lambda match: BLOT * len(match.group()), folded)
    for pattern in _PUPILS:
        for match in pattern.finditer(hidden):
            if match.group("pupil") not in names.NO_NAME and match.group("pupil")[:2] not in names.NO_NAME:
                yield match.start(), match.end(), CHILD


def _in_pinyin(folded: str, known: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """zhangxiaoming, Zhang Xiao-Ming: only looked for where the text has Latin letters at all."""
    if not re.search(r"[A-Za-z]{2}", folded):
        return
    from pypinyin import lazy_pinyin

    for name in known:
        bare = "".join(fold(name).split())
        if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", bare) or names.is_nobody(bare):
            continue
        spelt = r"[\s_.\-']?".join(map(re.escape, lazy_pinyin(bare)))
        for match in re.finditer(rf"(?<![A-Za-z]){spelt}(?![A-Za-z])", folded, re.IGNORECASE):
            yield match.start(), match.end(), PINYIN


def _copied(folded: str, verbatim: str, harmless: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Runs of 12 and more characters that stand in the verbatim text too; spaces and punctuation are not counted."""
    said = _bare(verbatim)
    if len(said) < IN_A_ROW:
        return
    known = {said[start : start + IN_A_ROW] for start in range(len(said) - IN_A_ROW + 1)}
    if harmless:
        folded = re.sub(any_of(harmless), lambda match: BLOT * len(match.group()), folded)
    ink = [(match.start(), match.group().lower()) for match in re.finditer(rf"[^\W_]|{BLOT}", folded)]
    letters = "".join(char for _, char in ink)
    first = last = -1
    for start in range(len(letters) - IN_A_ROW + 1):
        if letters[start : start + IN_A_ROW] not in known:
            continue
        if first >= 0 and start > last:
            yield ink[first][0], ink[last][0] + 1, VERBATIM
            first = -1
        first = start if first < 0 else first
        last = start + IN_A_ROW - 1
    if first >= 0:
        yield ink[first][0], ink[last][0] + 1, VERBATIM
