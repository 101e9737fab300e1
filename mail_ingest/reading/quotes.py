"""Where in a reply the quoted mail begins. It is folded on the page and never dropped."""

from __future__ import annotations

import re

_HEAD = r"(?:发件人|寄件人|寄件者|From|Von|De)"
_NEXT = (
    r"(?:发送时间|发送日期|发件时间|已发送|日\s*期|时\s*间|Date|Sent|收件人|To|抄\s*送|Cc|主\s*题|Subject)"
)

# Each pattern works on one or two lines and has no repetition inside a repetition: a megabyte of any text is linear.
_BEGINNINGS = tuple(
    re.compile(pattern, re.MULTILINE | re.IGNORECASE)
    for pattern in (
        r"^[> \t]{0,20}-{2,40}[ \t\xa0]*(?:&nbsp;)?[ \t\xa0]*(?:回复的|转发的)?(?:原始|原)(?:邮件|信息)[ \t\xa0]*(?:&nbsp;)?[ \t\xa0]*-{2,40}[ \t]*$",
        r"^[> \t]{0,20}-{2,40}[ \t]*(?:Original(?: Message)?|Forwarded message|转发的邮件|转发邮件信息|Replied Message|Ursprüngliche Nachricht)[ \t]*-{2,40}",
        r"^[> \t]{0,20}(?:在|于)?[ \t]{0,3}\d{4}[-年/][ \t]?\d{1,2}[-月/][ \t]?\d{1,2}日?[^\n]{0,160}(?:写道|寫道|来信|wrote)[ \t]*[:：]?[ \t]*$",
        r"^[> \t]{0,20}[^\n]{0,80}[\w.+-]{1,64}@[\w.-]{1,100}>?[ \t]*(?:于|在)[ \t]?\d{4}[-年/][^\n]{0,60}(?:写道|寫道)[ \t]*[:：][ \t]*$",
        r"^[> \t]{0,20}On [^\n]{5,160}(?:\n[^\n]{1,80})?\bwrote:[ \t]*$",
        rf"^_{{10,80}}[ \t]*\n[ \t]*{_HEAD}[ \t]*[:：]",
        rf"^[> \t|]{{0,20}}{_HEAD}[ \t]*[:：|][^\n]{{0,300}}\n[> \t|]{{0,20}}{_NEXT}[ \t]*[:：|]",
    )
)
_QUOTED_LINE = re.compile(r"^[ \t]*>")
# Foxmail puts the writer's own address on a line of its own above the block of fields.
_OWN_ADDRESS = re.compile(r"^[ \t]*[\w.+-]{1,64}@[\w.-]{1,100}[ \t]*$")
_LONGEST = 300_000


def quote_start(text: str) -> int | None:
    """The index of the first quoted character, or None when nothing is quoted or everything is."""
    starts = [match.start() for pattern in _BEGINNINGS if (match := pattern.search(text, 0, _LONGEST))]
    start = min(starts, default=len(text))
    start = _before_trailing_quote(text, start)
    start = _before_own_address(text, start)
    if start >= len(text) or not text[:start].strip():
        return None
    return start


def _before_trailing_quote(text: str, start: int) -> int:
    """Lines that begin with > at the end of what is left belong to the quotation."""
    lines = text[:start].splitlines(keepends=True)
    kept = len(lines)
    while kept and (_QUOTED_LINE.match(lines[kept - 1]) or not lines[kept - 1].strip()):
        kept -= 1
    if any(_QUOTED_LINE.match(line) for line in lines[kept:]):
        return sum(len(line) for line in lines[:kept])
    return start


def _before_own_address(text: str, start: int) -> int:
    if start >= len(text):
        return start
    above = text[:start].rstrip()
    line_start = above.rfind("\n") + 1
    return line_start if _OWN_ADDRESS.match(above[line_start:]) else start
