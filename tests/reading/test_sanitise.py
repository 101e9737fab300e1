"""HTML of strangers: nothing runs, nothing is fetched, nothing leads away by itself."""

from __future__ import annotations

import re
import time

import pytest

from mail_ingest.reading import html_text, sanitise
from tests.reading.drawing import chunk, png


def _shown(markup: str, **pictures: bytes) -> str:
    clean = sanitise.sanitise(markup)
    assert clean is not None
    return sanitise.for_display(clean, pictures)


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>x",
        "<img src=x onerror=alert(1)>x",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\tscript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<p style="background:url(http://evil.example/a)">x</p>',
        "<style>@import url(http://evil.example/a)</style>x",
        '<img src="http://evil.example/a.png">x',
        '<img src="//evil.example/a.png">x',
        '<img srcset="http://evil.example/a.png 1x">x',
        '<img src="/local.png">x',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">x',
        '<table background="http://evil.example/a"><tr><td>x</td></tr></table>',
        '<link rel=stylesheet href="http://evil.example/a">x',
        '<meta http-equiv=refresh content="0;url=http://evil.example/">x',
        '<base href="http://evil.example/">x',
        '<iframe src="http://evil.example/"></iframe>x',
        '<form action="http://evil.example/"><input name=a><button>x</button></form>x',
        "<svg onload=alert(1)><image href='http://evil.example/a'/></svg>x",
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">x',
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">x',
        '<video src="http://evil.example/a" poster="http://evil.example/b"></video>x',
        '<object data="http://evil.example/a"></object><embed src="http://evil.example/a">x',
        '<div id="csrf_token" class="btn">x</div>',
        '<blockquote cite="http://evil.example/a">x</blockquote>',
    ],
)
def test_nothing_that_acts_or_fetches_is_left(markup: str) -> None:
    shown = _shown(markup)
    assert not re.search(
        r"<(?:script|style|svg|math|iframe|form|input|meta|base|link|object|embed|video)",
        shown,
        re.IGNORECASE,
    )
    assert not re.search(
        r"<[^>]*\s(?:on\w+|style|href|srcset|background|action|poster|cite|id|class)=", shown, re.IGNORECASE
    )
    assert not re.search(r'<[^>]*src="(?!data:image/(?:png|jpeg|gif);base64,)', shown)


@pytest.mark.parametrize(
    "source", ["http://evil.example/a", "//evil.example/a", "/a", "file:///a", "ftp://evil.example/a"]
)
def test_the_cleaning_itself_leaves_no_foreign_picture(source: str) -> None:
    assert sanitise.sanitise(f'<img src="{source}">') == "<img>"


def test_a_link_becomes_words_that_say_where_it_leads() -> None:
    assert (
        _shown('<a href="https://evil.example/?a=1&amp;b">公告</a>。')
        == "公告〔链接：https://evil.example/?a=1&amp;b〕。"
    )
    assert _shown('<a href="https://a.example">https://a.example</a>') == "https://a.example"
    assert _shown('<a href="mailto:a@b.cn">a@b.cn</a>') == "a@b.cn"
    assert _shown("<a>一</a><a href='https://b.example'>二") == "一二〔链接：https://b.example〕"


class TestPictures:
    def test_a_picture_of_the_mail_is_inside(self) -> None:
        shown = _shown('<img alt="照片" src="cid:P1@x" width="10">', **{"p1@x": png()})
        assert re.fullmatch(r'<img [^<>]*src="data:image/png;base64,[A-Za-z0-9+/=]+"[^<>]*>', shown)
        assert 'alt="照片"' in shown

    @pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", b"GIF8", b"%PDF-1.7"])
    def test_what_is_no_picture_by_its_first_bytes_is_not_shown(self, content: bytes) -> None:
        assert _shown('<img src="cid:p1">', p1=content) == "〔图片〕"

    def test_an_unknown_picture_is_a_word(self) -> None:
        assert _shown('<img src="cid:none" alt="x">') == "〔图片〕"

    def test_pictures_together_have_a_limit(self) -> None:
        big = png(further=chunk(b"IDAT", bytes(1_200_000)))
        shown = _shown('<img src="cid:a"><img src="cid:b">', a=big, b=big)
        assert (shown.count("data:image/png"), shown.count("〔图片〕")) == (1, 1)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000 + "深" + "</div>" * 20_000,
        "<font><b>" * 20_000 + "深",
        "<p>深" + "字" * 1_000_001,
        "&" * 400_000 + "深",
    ],
    ids=["nested", "never closed", "too long", "ampersands"],
)
def test_html_built_to_stall_the_cleaning_gives_its_text_only(markup: str) -> None:
    started = time.perf_counter()
    assert sanitise.sanitise(markup) is None
    assert "深" in html_text.rough_text_of(markup)
    assert time.perf_counter() - started < 2


def test_what_html_closes_by_itself_is_not_deep() -> None:
    assert sanitise.sanitise("<p>一段" * 2_000 + "<table>" + "<tr><td>格" * 2_000 + "</table>") is not None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div>一</div><div>二</div>", "一\n二"),
        ("<p>一</p><p>二</p>", "一\n\n二"),
        ("食<b>堂</b>有<i>虫</i>", "食堂有虫"),
        ("一<br>二<br/>三", "一\n二\n三"),
        ("<ul><li>一</li><li>二</li></ul>三", "一\n二\n\n三"),
        ("<div>一</div><div><br></div><div>二<br></div><div>三</div>", "一\n\n二\n三"),
        ("<pre>一\n  二</pre>", "一\n  二"),
        ("1 &lt; 2 &amp;lt; 3&nbsp;&yen;", "1 < 2 &lt; 3 ¥"),
        ('<img alt="a>b" src="cid:x">后', "后"),
        ("<script>var a = '<p>';</script>后", "后"),
        ("<!-- 注释 -->后", "后"),
        ("<o:p>Word</o:p>", "Word"),
    ],
)
def test_the_text_of_html(markup: str, text: str) -> None:
    clean = sanitise.sanitise(markup)
    assert clean is not None
    assert html_text.text_of(clean) == text


def test_text_of_rough_html_drops_scripts_and_keeps_an_unclosed_rest() -> None:
    markup = "<SCRIPT>x</SCRIPT><style>y</style><p>一</p><!-- z --><b>二&lt;</b><script>三"
    assert html_text.rough_text_of(markup).split() == ["一", "二<三"]
