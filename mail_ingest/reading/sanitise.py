"""HTML of strangers into HTML that can do nothing: no script, no form, no request to anybody.

It is still shown in a sandboxed frame under its own policy only; this is the first of three layers.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping

import nh3

from mail_ingest.reading.pictures import rewritten

LONGEST_HTML = 1_000_000
DEEPEST_HTML = 200
MOST_AMPERSANDS = 100_000
MOST_INLINE_BYTES = 2 * 1024 * 1024

_TAGS = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
}
_WITH_THEIR_CONTENT = {
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "svg",
    "math",
    "object",
    "select",
    "textarea",
}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "blockquote": {"type"},
}
_SCHEMES = {"http", "https", "mailto", "cid"}

# Elements that HTML closes by itself do not nest however often they are opened.
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_NEVER_DEEP = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p", "li", "td", "th", "tr", "dd", "dt", "option", "html", "head", "body", "tbody", "thead", "tfoot"}  # fmt: skip

_ANCHOR = re.compile(r'<a(?: href="([^"]*)")?>')
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_SOURCE = re.compile(r' src="([^"]*)"')


def sanitise(source: str) -> str | None:
    """Clean, canonical HTML with `cid:` pictures and link targets still in it; None when it is too large or too deep.

    The cleaning takes time that grows with the square of the depth and of the ampersands in a row: 500 kB of nested
    divisions would hold it for half a minute, so both are counted first.
    """
    if len(source) > LONGEST_HTML or source.count("&") > MOST_AMPERSANDS or _depth(source) > DEEPEST_HTML:
        return None
    return nh3.clean(
        source,
        tags=_TAGS,
        clean_content_tags=_WITH_THEIR_CONTENT,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        attribute_filter=_only_own_pictures,
        link_rel=None,
        strip_comments=True,
    )


def for_display(clean: str, pictures: Mapping[str, bytes]) -> str:
    """The sanitised HTML as it is kept: the mail's own pictures inside, links as text that says where they lead.

    A frame without session cannot fetch a picture by a route, and a link must not be followed from an office desk by
    one careless click.
    """
    left = MOST_INLINE_BYTES

    def picture(match: re.Match[str]) -> str:
        nonlocal left
        source = _SOURCE.search(match[1])
        content = pictures.get(html.unescape(source[1])[4:].strip("<>").lower()) if source else None
        shown = rewritten(content) if content else None
        if source is None or shown is None or len(shown[1]) > left:
            return "〔图片〕"
        kind, content = shown
        left -= len(content)
        data = f' src="data:{kind};base64,{base64.b64encode(content).decode()}"'
        return f"<img{match[1].replace(source[0], data)}>"

    shown = _with_link_targets(clean)
    return _IMAGE.sub(picture, shown)


def links(clean: str) -> list[tuple[int, str]]:
    """Where in the sanitised HTML a link begins, and its target."""
    return [(match.end(), html.unescape(match[1])) for match in _ANCHOR.finditer(clean) if match[1]]


def _with_link_targets(clean: str) -> str:
    out: list[str] = []
    position = 0
    for match in _ANCHOR.finditer(clean):
        out.append(clean[position : match.start()])
        end = clean.find("</a>", match.end())
        end = len(clean) if end < 0 else end
        inside = clean[match.end() : end]
        out.append(inside)
        target = (match[1] or "").removeprefix("mailto:")
        if target and target not in inside:
            out.append(f"〔链接：{target}〕")
        position = end + len("</a>")
    out.append(clean[position:])
    return "".join(out)


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.lower().startswith("cid:") else None
    return value


def _depth(source: str) -> int:
    """How deep elements can nest at most, counted in one pass; what HTML closes by itself is left out."""
    if source.count("<") <= DEEPEST_HTML:
        return 0
    deepest = depth = 0
    for match in _OPEN_OR_CLOSE.finditer(source):
        if match[2].lower() in _NEVER_DEEP:
            continue
        depth = max(depth - 1, 0) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest
