"""文号: 安教〔2026〕12号. The office's own register may have given one already; else the next one is taken."""

from __future__ import annotations

import re
from datetime import date

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core.errors import DomainError
from core.text import clean_line
from reports.situation.models import SituationIssue
from tickets import numbers

_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,12}〔(\d{4})〕([1-9]\d{0,4})号")
_BRACKETS = str.maketrans("[]（）()【】﹝﹞", "〔〕〔〕〔〕〔〕〔〕")


def word_of(office: str) -> str:
    """What the numbers of an office's papers begin with: 安溪县教育局 → 安教."""
    return f"{office.removesuffix('教育局').removesuffix('委')[:1]}教"


def number_for(session: Session, typed: str, day: date) -> str:
    """The number typed, in the form it must have; the next free one if none was."""
    if not clean_line(typed):
        return _next_free(session, day.year)
    number = clean_line(typed).replace(" ", "").translate(_BRACKETS)
    form = _NUMBER.fullmatch(number)
    if form is None:
        raise DomainError("文号请写成“安教〔2026〕12号”这样：六角括号，数字前不加 0；不填由系统编号。")
    if int(form[1]) != day.year:
        raise DomainError("文号里的年份要和成文日期的年份一致。")
    if _taken(session, number):
        raise DomainError(f"文号 {number} 已经用过，请核对。")
    return number


def _next_free(session: Session, year: int) -> str:
    settings: Settings = current_app.extensions["settings"]
    while True:
        number = numbers.next_order_number(session, word_of(settings.office.name), year)
        if not _taken(session, number):
            return number


def _taken(session: Session, number: str) -> bool:
    found = sa.select(SituationIssue.situation_id).where(SituationIssue.number == number)
    return session.execute(found).first() is not None
