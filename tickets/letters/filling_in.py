"""Texts with blanks: 〔编号〕 is a blank, ｛…｝ a passage that is left out when one of its blanks has nothing in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

BLANK = re.compile(r"〔([^〔〕]{1,20})〕")
_PASSAGE = re.compile(r"[｛{]([^｛｝{}]*)[｝}]")
_GAP = re.compile(r"\n{3,}")
LONGEST = 5_000
LONGEST_SUBJECT = 40


@dataclass(frozen=True, kw_only=True)
class Text:
    """The text of a letter before its blanks are filled in; `aloud` says the same on the telephone. `used`: name/version."""

    subject: str = ""
    body: str
    aloud: str = ""
    used: str = ""


@dataclass(frozen=True, kw_only=True)
class Blank:
    """One blank of a text: what goes there, whether the text must have it, whether it may stay empty."""

    name: str
    means: str
    sample: str
    must: bool = False
    may_be_empty: bool = False


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled in; what is filled in is never read as a blank itself."""

    def passage(found: re.Match[str]) -> str:
        inside = found[1]
        empty = any(not values.get(name, "") for name in BLANK.findall(inside))
        return "" if empty else _blanks(inside, values)

    parts, at = [], 0
    for found in _PASSAGE.finditer(text):
        parts += [_blanks(text[at : found.start()], values), passage(found)]
        at = found.end()
    parts.append(_blanks(text[at:], values))
    return _GAP.sub("\n\n", "".join(parts)).strip()


def filled_text(text: Text, values: Mapping[str, str]) -> Text:
    return replace(
        text,
        subject=filled(text.subject, values),
        body=filled(text.body, values),
        aloud=filled(text.aloud, values),
    )


def problems_of_text(text: Text, blanks: tuple[Blank, ...], *, is_outline: bool = False) -> list[str]:
    """Why a text cannot be used, in sentences for who wrote it; empty if it can. An outline's blanks are a person's to fill."""
    found = []
    if not text.body.strip():
        found.append("正文不能空着。")
    if max(len(text.body), len(text.aloud)) > LONGEST:
        found.append(f"正文和念法各最多 {LONGEST} 字。")
    if "不属实" in text.body + text.aloud:
        found.append("给反映人的信不写“不属实”三字，请改为“经核查，未发现您反映的……情况”。")
    if is_outline:
        return found
    if not text.subject.strip() or len(text.subject) > LONGEST_SUBJECT or "\n" in text.subject:
        found.append(f"主题要填写，一行以内，最多 {LONGEST_SUBJECT} 字；编号由系统加在后面。")
    if any(word in text.subject for word in ("投诉", "举报")):
        found.append("主题里不写“投诉”“举报”：别人看得到。")
    return found + _problems_of_blanks(text, blanks)


def _problems_of_blanks(text: Text, blanks: tuple[Blank, ...]) -> list[str]:
    known = {each.name: each for each in blanks}
    found = []
    for label, part in (("主题", text.subject), ("正文", text.body), ("念法", text.aloud)):
        loose = BLANK.sub("", part)
        if "〔" in loose or "〕" in loose:
            found.append(f"{label}里有不成对的〔 〕。")
        if any(bracket in _PASSAGE.sub("", part) for bracket in "｛｝{}"):
            found.append(f"{label}里有不成对的｛ ｝，或者｛ ｝套在一起。")
        unknown = [name for name in dict.fromkeys(BLANK.findall(part)) if name not in known]
        if unknown:
            found.append(f"{label}里有系统不认识的空：{'、'.join(f'〔{name}〕' for name in unknown)}。")
        bare = BLANK.findall(_PASSAGE.sub("", part))
        empty = [name for name in dict.fromkeys(bare) if name in known and known[name].may_be_empty]
        if empty:
            found.append(
                f"{label}里的{'、'.join(f'〔{name}〕' for name in empty)}有时没有内容，请连同前后的话放进｛ ｝。"
            )
    missing = [each.name for each in blanks if each.must and f"〔{each.name}〕" not in text.body]
    if missing:
        found.append(f"正文里必须有{'、'.join(f'〔{name}〕' for name in missing)}。")
    return found


def _blanks(text: str, values: Mapping[str, str]) -> str:
    return BLANK.sub(lambda found: values.get(found[1], ""), text)
