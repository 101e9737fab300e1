"""The gate for text: what both databases keep, and what a screen must not obey."""

from __future__ import annotations

import pytest

from core.text import clean_line, clean_text, shorten


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param("食堂\x00有虫", "食堂有虫", id="NUL, which one database refuses"),
        pytest.param("a\x01\x1b[31mb\x7f\x9b", "a[31mb", id="controls"),
        pytest.param("一行\r\n二行\r三行\x85四行\u2028五行", "一行\n二行\n三行\n四行\n五行", id="line ends"),
        pytest.param("表\t格", "表\t格", id="a tab stays"),
        pytest.param("半个\ud83d字", "半个字", id="a lone surrogate"),
        pytest.param("发票\u202egnp.exe", "发票gnp.exe", id="text turned round"),
        pytest.param("138\u200b0013\u20608000", "13800138000", id="a telephone number with invisible gaps"),
        pytest.param("138\u200d0013", "1380013", id="a joiner between digits"),
        pytest.param("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧", id="a joiner between pictures"),
        pytest.param("e\u0301", "é", id="composed"),
        pytest.param("\ufeff正文\ufffe", "正文", id="byte order mark and non-character"),
        pytest.param("𠮷野家", "𠮷野家", id="rare characters stay"),
    ],
)
def test_text_is_kept_without_what_is_dangerous(written: str, kept: str) -> None:
    assert clean_text(written) == kept


def test_clean_text_can_always_be_encoded_and_cleaning_again_changes_nothing() -> None:
    everything = "".join(chr(code) for code in range(0x11000))

    cleaned = clean_text(everything)

    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned
    assert not {"\x00", "\r", "\u202e", "\u200b", "\ud800"} & set(cleaned)


def test_a_pile_of_combining_marks_is_cut_down() -> None:
    assert len(clean_text("e" + "\u0301\u0323" * 50_000 + "x")) <= 33
    assert clean_text("e\u0323\u0301") == "ẹ\u0301"


def test_a_line_is_one_line() -> None:
    assert clean_line("  关于\r\n\t食堂 \u3000 的投诉\n") == "关于 食堂 的投诉"
    assert clean_line("一二三四五六", 4) == "一二三…"


@pytest.mark.parametrize(
    ("length", "short"), [(6, "一二三四五六"), (5, "一二三四…"), (1, "…"), (0, ""), (-1, "")]
)
def test_shortened_text_is_never_longer_than_asked(length: int, short: str) -> None:
    assert shorten("一二三四五六", length) == short
