"""How a day is written in Chinese, the same on every page, letter and explanation."""

from __future__ import annotations

from datetime import date

_WEEKDAYS = "一二三四五六日"


def weekday(day: date) -> str:
    """周六"""
    return f"周{_WEEKDAYS[day.weekday()]}"


def full_weekday(day: date) -> str:
    """星期六"""
    return f"星期{_WEEKDAYS[day.weekday()]}"


def full_date(day: date) -> str:
    """2026年10月16日"""
    return f"{day.year}年{day.month}月{day.day}日"


def month_day(day: date, *, beside: date) -> str:
    """10月16日, with the year in front where it is another one than that of the day written beside it."""
    return f"{day.month}月{day.day}日" if day.year == beside.year else full_date(day)


def dated(day: date, *, beside: date) -> str:
    """10月16日（周五）"""
    return f"{month_day(day, beside=beside)}（{weekday(day)}）"


def span(first: date, last: date, *, beside: date) -> str:
    """10月1–7日, or 9月30日–10月2日 over the end of a month."""
    start = month_day(first, beside=beside)
    if first == last:
        return start
    if (first.year, first.month) == (last.year, last.month):
        return f"{start.removesuffix('日')}–{last.day}日"
    return f"{start}–{month_day(last, beside=first)}"
