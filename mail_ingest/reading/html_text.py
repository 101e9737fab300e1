"""The words of an HTML mail, in lines as a reader sees them."""

from __future__ import annotations

import html
import re

# Canonical HTML out of the sanitiser: every tag is complete, quotes are balanced, `<` in text is escaped.
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)(?: [^>"]*(?:"[^"]*"[^>"]*)*)?>')
_BLOCKS = {
    "p",
    "div",
    "tr",
    "li",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "ul",
    "ol",
    "pre",
    "hr",
    "dl",
    "dt",
    "dd",
    "center",
    "caption",
}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")

# Marks of our own between the words: a new block, a new paragraph, a blank of preformatted text.
_BLOCK, _PARAGRAPH, _HARD_BLANK = "\x01", "\x02", "\x03"
_OWN_MARKS = {1: None, 2: None, 3: None}
# The look back keeps a megabyte of blanks from being looked at once from every one of them.
_BREAKS = re.compile(r"(?<![ \t\xa0])[ \t\xa0]*[\x01\x02\n][ \t\xa0\x01\x02\n]*")

# For HTML that is too large or too deep to be cleaned: no tree, one pass.
_DROPPED = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<title", "</title"))
_ROUGH_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]{0,5000}>")


def text_of(clean: str) -> str:
    """The text of sanitised HTML: a line per block, cells by a tab, no blank that was not there."""
    clean = clean.translate(_OWN_MARKS)
    out: list[str] = []
    position = 0
    preformatted = 0
    for match in _TOKEN.finditer(clean):
        if match.start() > position:
            out.append(_data(clean[position : match.start()], preformatted > 0))
        position = match.end()
        closing, tag = match[1], match[2]
        if tag == "pre":
            preformatted = max(preformatted - 1, 0) if closing else preformatted + 1
        out.append(_break(closing, tag))
    out.append(_data(clean[position:], preformatted > 0))
    return _tidy("".join(out))


def rough_text_of(source: str) -> str:
    """The text of HTML that was not sanitised: nothing is lost, beauty may be."""
    for opening, closing in _DROPPED:
        source = _without(source, opening, closing)
    text = _ROUGH_TAG.sub(
        lambda m: _break(m[1], m[2].lower()), _BLANKS.sub(" ", source.translate(_OWN_MARKS))
    )
    return _tidy(html.unescape(text))


def _without(source: str, opening: str, closing: str) -> str:
    """The source without what stands between these two marks; where the second is missing everything stays."""
    lowered = source.lower()
    if opening not in lowered or len(lowered) != len(source):
        return source
    out: list[str] = []
    position = 0
    while (start := lowered.find(opening, position)) >= 0:
        end = lowered.find(closing, start)
        if end < 0:
            break
        out.append(source[position:start])
        position = lowered.find(">", end) + 1 or len(source)
    out.append(source[position:])
    return " ".join(out)


def _tidy(text: str) -> str:
    return _BREAKS.sub(_lines, text).replace(_HARD_BLANK, " ").replace("\xa0", " ").strip()


def _lines(match: re.Match[str]) -> str:
    """One line end for neighbouring blocks, a blank line for a paragraph or an empty block, never more."""
    run = match[0].replace(" ", "").replace("\t", "").replace("\xa0", "")
    breaks = run.count("\n")
    if breaks == len(run):
        return "\n" * min(breaks, 2)
    # A <br> at the end of a block ends no further line.
    breaks = breaks if run[0] == "\n" else breaks + 1
    return "\n" * min(max(breaks, 2 if _PARAGRAPH in run else 1), 2)


def _break(closing: str, tag: str) -> str:
    if tag == "br":
        return "\n"
    if tag in _PARAGRAPHS and closing:
        return _PARAGRAPH
    if tag in _BLOCKS:
        return _BLOCK
    return "\t" if tag in ("td", "th") and not closing else ""


def _data(data: str, preformatted: bool) -> str:
    # The four that the sanitiser writes; a general unescape takes seconds on a megabyte of ampersands.
    for escaped, character in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\xa0"), ("&amp;", "&")):
        data = data.replace(escaped, character)
    if preformatted:
        return data.replace(" ", _HARD_BLANK)
    return _BLANKS.sub(" ", data)
