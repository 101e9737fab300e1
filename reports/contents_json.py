"""Bulletins and reports as text, to be kept, and back again. Pure."""

from __future__ import annotations

import enum
import json
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from reports.contents import Bulletin

T = TypeVar("T")


def to_json(value: object) -> str:
    """A bulletin, or any other record of this kind, as it is frozen; equal ones give the same text."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Bulletin:
    """A frozen bulletin read back, equal to the one that was written."""
    return record_from(Bulletin, text)


def record_from(kind: type[T], text: str) -> T:
    """A record of that kind read back."""
    found: T = _read(kind, json.loads(text))
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def _read(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        # What an older program did not write has its default.
        return kind(**{name: _read(hints[name], item) for name, item in value.items() if name in hints})
    origin = get_origin(kind)
    if origin is tuple:
        return _read_tuple(get_args(kind), value)
    if origin in {Union, types.UnionType}:
        inner = [each for each in get_args(kind) if each is not type(None)]
        return _read(inner[0], value) if value is not None and len(inner) == 1 else value
    return _read_value(kind, value)


def _read_value(kind: Any, value: Any) -> Any:
    if kind in {date, datetime}:
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(member for member in kind if member.value == value)
    return value


def _read_tuple(inner: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_read(inner[0], item) for item in values)
    return tuple(_read(kind, item) for kind, item in zip(inner, values, strict=True))
