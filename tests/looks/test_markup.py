"""Rules every drawn page keeps: the policy's, the screen reader's, and plain good HTML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import html5lib
import pytest

from tests.looks.sample import ERRORS, PAGES, ROOT, sample_app

ADDRESSES = [f"/{page}" for page in PAGES] + [f"/fail/{code}" for code in ERRORS]
# A frozen file stands alone: in ten years nothing of ours lies beside it, and its own policy lets its looks in.
ALONE = {ROOT / "templates" / "overdue" / "snapshot_file.html"}
TEMPLATES = sorted(set((ROOT / "templates").rglob("*.html")) - ALONE)
# A script handler, a style or a script in the page is blocked by the policy: it would fail silently.
INLINE = re.compile(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|javascript:|<script(?![^>]*\ssrc=)""")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    client = sample_app().test_client()
    return {address: client.get(address).text for address in ADDRESSES}


@pytest.fixture(params=ADDRESSES)
def tree(request: pytest.FixtureRequest, pages: dict[str, str]) -> Any:
    """The page as a parser that refuses invalid HTML reads it."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(pages[request.param])


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_in_a_page_needs_what_the_policy_forbids(address: str, pages: dict[str, str]) -> None:
    assert INLINE.search(pages[address]) is None
    assert re.search(r'(?:src|href|action)="(?:https?:)?//', pages[address]) is None


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_template_has_styles_or_scripts_of_its_own(template: Path) -> None:
    assert INLINE.search(template.read_text(encoding="utf-8")) is None


def test_a_page_has_one_heading_and_unique_ids(tree: Any) -> None:
    ids = [element.get("id") for element in tree.iter() if element.get("id")]

    assert len(list(tree.iter("h1"))) == 1
    assert len(ids) == len(set(ids))
    assert tree.get("lang") == "zh-CN"


def test_every_control_has_a_label(tree: Any) -> None:
    labelled = {label.get("for") for label in tree.iter("label")}
    controls = [each for kind in ("input", "select", "textarea", "meter") for each in tree.iter(kind)]

    for control in controls:
        assert control.get("type") == "hidden" or control.get("id") in labelled, control.attrib


def test_what_describes_a_control_exists(tree: Any) -> None:
    ids = {element.get("id") for element in tree.iter()}

    for element in tree.iter():
        for attribute in ("aria-describedby", "aria-labelledby"):
            assert set((element.get(attribute) or "").split()) <= ids
        href = element.get("href") or ""
        assert not href.startswith("#") or href[1:] in ids


def test_pictures_are_silent_because_a_word_stands_beside_them(tree: Any) -> None:
    for picture in tree.iter("svg"):
        assert picture.get("aria-hidden") == "true"


def test_an_error_is_told_in_the_summary_and_at_its_field(pages: dict[str, str]) -> None:
    page = pages["/form"]

    assert '<a href="#phone">联系电话：电话号码少了几位</a>' in page
    assert 'aria-describedby="phone-error"' in page
    assert "2323" in page  # what was typed is still there
    assert "Not a valid" not in page


def test_a_state_is_told_by_word_and_shape(pages: dict[str, str]) -> None:
    badges = re.findall(
        r'<span class="badge-(?:status|deadline).*?</svg>([^<]+)</span>', pages["/workbench"], re.S
    )

    assert len(badges) == 12
    assert all(words.strip() for words in badges)
