"""The colours can be read: computed from the tokens, by the formula of WCAG 2."""

from __future__ import annotations

import re

import pytest

from tests.looks.sample import ROOT

STYLES = ROOT / "static" / "css"
TOKENS = dict(
    re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (STYLES / "tokens.css").read_text(encoding="utf-8"))
)
TONES = ("neutral", "info", "ok", "warn", "danger", "muted", "school")
TEXT = [
    *(("ink", ground) for ground in ("paper", "ground", "neutral-ground", "warn-ground", "school-ground", "info-ground")),
    *(("ink-soft", ground) for ground in ("paper", "ground", "school-ground")),
    *((f"{tone}-ink", f"{tone}-ground") for tone in TONES),
    *((f"{tone}-ink", "paper") for tone in TONES),
    *((f"{tone}-ink", "ground") for tone in TONES),
    *(("link", ground) for ground in ("paper", "ground", "school-ground")),
    *(("link-deep", ground) for ground in ("paper", "ground", "info-ground", "neutral-ground")),
    *(("on-brand", ground) for ground in ("brand", "brand-deep")),
    ("on-brand-soft", "brand"),
    *(("on-danger", ground) for ground in ("danger", "danger-deep")),
    ("brand", "paper"),
]  # fmt: skip
# The edges of controls, the mark of focus and shapes: 3 : 1 is what they need.
SHAPES = [
    *(("line-strong", ground) for ground in ("paper", "ground")),
    *(("focus-ink", ground) for ground in ("paper", "ground")),
    *(("focus", ground) for ground in ("brand", "focus-ink")),
    *(("danger", ground) for ground in ("paper", "ground")),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_from_its_ground(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_edges_and_marks_can_be_seen(shape: str, ground: str) -> None:
    assert contrast(shape, ground) >= 3


def test_colours_come_from_the_tokens_only() -> None:
    """Else this file would not know them. Paper is black and white."""
    for style in ("layout.css", "components.css", "lists.css"):
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", (STYLES / style).read_text(encoding="utf-8")) == []


def test_every_token_that_is_used_is_defined() -> None:
    everything = "\n".join(style.read_text(encoding="utf-8") for style in STYLES.glob("*.css"))
    defined = set(re.findall(r"(--[\w-]+)\s*:", everything))

    assert set(re.findall(r"var\((--[\w-]+)\)", everything)) <= defined


def test_no_letter_on_the_screen_is_smaller_than_sixteen_pixels() -> None:
    """1rem is 16 pixels. The one exception repeats a key that its button already is."""
    small = re.compile(r"font-size:\s*(0\.\d+(?:rem|em)|1[0-5]px|\d(?:\.\d+)?px)")
    rules = [
        rule
        for style in ("tokens.css", "layout.css", "components.css", "lists.css")
        for rule in re.findall(r"[^{}]+\{[^{}]*\}", (STYLES / style).read_text(encoding="utf-8"))
        if small.search(rule)
    ]

    assert [rule.split("{")[0].strip() for rule in rules] == [".key"]
