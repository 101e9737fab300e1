"""Values with their word on the screen: identifier and Chinese label meet in one table."""

from __future__ import annotations

import enum
from typing import Self


class Labelled(enum.StrEnum):
    """A value that knows its Chinese label: `PENDING = "pending", "待受理"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:  # looking a value up gives no label
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
