"""The handbook is a page of the system: whole, with its pictures, and nothing in it can become a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from operations import handbook
from tests.accounts.people import Desk
from tests.support.app import end_app, make_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = make_app(tmp_path / "data")
    yield made
    with made.app_context():
        end_app(made)


def drawn(source: str) -> str:
    return str(handbook.page(source, lambda name: f"/pictures/{name}"))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("## 一节\n\n话。", '<h2 id="part-1">一节</h2>\n<p>话。</p>'),
        ("**要紧**的`词`", "<p><strong>要紧</strong>的<code>词</code></p>"),
        ("1. 甲\n2. 乙\n   - 丙", "<ol><li>甲</li><li>乙<ul><li>丙</li></ul></li></ol>"),
        ("![图](pictures/new.jpg)", 'src="/pictures/new.jpg" alt="图"'),
        ("看[部署手册](部署手册.md)。", "<p>看《部署手册》。</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("| 甲 | 乙 |\n|---|---|\n| <b> | 丁 |", "<td>&lt;b&gt;</td><td>丁</td>"),
    ],
)
def test_its_few_signs_become_tags(source: str, html: str) -> None:
    assert html in drawn(source)


def test_the_whole_handbook_is_drawn_and_every_picture_is_there(app: Flask) -> None:
    Desk(app).account("chen")
    browser = Desk(app).signed_in("chen")
    page = browser.text("/help")

    assert all(f'href="#{place}"' in page for place, _ in handbook.contents(handbook.text()))
    assert "**" not in page
    assert "![" not in page
    pictures = re.findall(r'src="(/help/pictures/[^"]+)"', page)
    assert len(pictures) >= 15
    assert all(browser.get(each).status_code == 200 for each in pictures)
    assert browser.get("/help/pictures/..%2F..%2Fapp.py").status_code == 404


def test_the_head_of_every_page_leads_to_it(app: Flask) -> None:
    Desk(app).account("chen")

    assert '<a href="/help">手册</a>' in Desk(app).signed_in("chen").text("/tickets")
    assert Desk(app).browser().get("/help").status_code == 303
