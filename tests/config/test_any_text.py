"""Whatever stands in the file or the environment: Settings or SettingsError, never another exception."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import toml_positions
from config.settings import Settings, SettingsError
from tests.config.a_office import MAILBOX, OFFICE, shipped_office

SHIPPED = shipped_office()
VALUES = [
    "0",
    "-1",
    "0x" + "f" * 300,
    "1e400",
    "nan",
    "true",
    '""',
    "'\\u0000'",
    '"\\u0000"',
    '"a\\nb"',
    "[]",
    "[[]]",
    "[1, 'a']",
    "{}",
    "{a = 1}",
    "1970-01-01",
    "0001-01-01",
    "2026-11-23T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "07:32:00",
    "'''\nx'''",
    '"[::1"',
    '"字"',
]
KEYS = sorted({line.split("=")[0].strip("# ") for line in SHIPPED.splitlines() if " = " in line})
HEADERS = sorted({line.strip("# ") for line in SHIPPED.splitlines() if line.strip("# ").startswith("[")})
LINES = st.one_of(
    st.sampled_from([*HEADERS, "[[mail]]", "[x.y]"]),
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(KEYS).map(repr)),
    st.text(max_size=20),
)
ASK_OFTEN = settings(max_examples=300, deadline=None)


def start(content: bytes, **environ: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "office.toml"
        file.write_bytes(content)
        problems: tuple[str, ...] | None = None
        try:
            Settings.from_environment({"HOTLINE_OFFICE_FILE": str(file), **environ})
        except SettingsError as error:
            problems = error.problems
        assert problems != ()
        assert all(problem.isprintable() for problem in problems or ()), "a terminal could not print it"


@ASK_OFTEN
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_any_file(text: str) -> None:
    start(text.encode())


@ASK_OFTEN
@given(st.lists(LINES, max_size=6).map("\n".join), st.data())
def test_any_lines_in_a_right_file(lines: str, data: st.DataObject) -> None:
    right = (OFFICE + MAILBOX).splitlines()
    at = data.draw(st.integers(0, len(right)))
    start("\n".join([*right[:at], lines, *right[at:]]).encode())


@ASK_OFTEN
@given(st.integers(0, len(SHIPPED)), st.integers(0, 40), st.text(max_size=10))
def test_the_shipped_file_with_a_piece_overwritten(at: int, length: int, piece: str) -> None:
    start((SHIPPED[:at] + piece + SHIPPED[at + length :]).encode())


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    start(content)


NAMES = st.sampled_from(
    [
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "HOTLINE_DATA_DIR",
        "HOTLINE_KEY_FILE",
        "HOTLINE_BASE_URL",
        "HOTLINE_LISTEN",
        "HOTLINE_TEST_HOOKS",
        "HOTLINE_NOW",
        "HOTLINE_FAILPOINT",
        "HOTLINE_DEMO",
        "HOTLINE_X",
    ]
)
TEXTS = st.one_of(
    st.text(
        alphabet=st.characters(exclude_characters="\0"), max_size=30
    ),  # broken bytes arrive as lone surrogates
    st.sampled_from(
        [
            "1",
            "http://[",
            "http://a:b",
            "https://x\\@y",
            "[::1]:1",
            "sqlite:///",
            "\udc80" * 20,
            "/",
            "a" * 5000,
        ]
    ),
)


@ASK_OFTEN
@given(st.dictionaries(NAMES, TEXTS))
def test_any_environment(environ: dict[str, str]) -> None:
    start(OFFICE.encode(), **environ)


def paths_of(value: Any, path: toml_positions.Path = ()) -> set[toml_positions.Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} - {()} | {found for key, item in inner for found in paths_of(item, (*path, key))}


@ASK_OFTEN
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_every_key_of_any_toml_text_has_a_line(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except ValueError:
        return
    assert paths_of(data) == set(toml_positions.positions(text))


def test_the_lines_of_every_way_to_write_toml() -> None:
    text = '''\
# = [no]
a = "x # y" # z
"b c".'d.e' = """
k = 1
""""
[t . u] # [v]
list = [
  1, # one ]
  { q = '}', r.s = 2026-01-01 07:00:00 },
  [],
]
[[n]]
[[n]]
x = \'\'\'\n\'\'\'
y = 'ab'
[[n.m]]
z = {}
[n.o]
p = 1_0.5e3
"\\u5b57" = -inf
'''
    lines = toml_positions.positions(text)

    assert set(lines) == paths_of(tomllib.loads(text))
    assert lines == {
        ("a",): 2,
        ("b c",): 3,
        ("b c", "d.e"): 3,
        ("t",): 6,
        ("t", "u"): 6,
        ("t", "u", "list"): 7,
        ("t", "u", "list", 0): 8,
        ("t", "u", "list", 1): 9,
        ("t", "u", "list", 1, "q"): 9,
        ("t", "u", "list", 1, "r"): 9,
        ("t", "u", "list", 1, "r", "s"): 9,
        ("t", "u", "list", 2): 10,
        ("n",): 12,
        ("n", 0): 12,
        ("n", 1): 13,
        ("n", 1, "x"): 14,
        ("n", 1, "y"): 16,
        ("n", 1, "m"): 17,
        ("n", 1, "m", 0): 17,
        ("n", 1, "m", 0, "z"): 18,
        ("n", 1, "o"): 19,
        ("n", 1, "o", "p"): 20,
        ("n", 1, "o", "字"): 21,
    }


@pytest.mark.parametrize("text", [SHIPPED, OFFICE + MAILBOX])
def test_every_key_of_our_own_files_has_its_line(text: str) -> None:
    lines = toml_positions.positions(text)

    assert set(lines) == paths_of(tomllib.loads(text))
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert path[-1] in text.splitlines()[line - 1]
