"""Which of our mails a bounce, a receipt or an automatic answer speaks of."""

from __future__ import annotations

import re

from core.text import clean_line
from mail_ingest.reading.body import Body
from mail_ingest.reading.headers import read_block
from mail_ingest.reading.parts import Tree

_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,400}@[^<>\s]{1,400}>")
_IN_TEXT = re.compile(
    r"^[> \t]{0,10}message-id:[ \t]*(<[^<>\s@]{1,400}@[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE
)
_RECIPIENT = re.compile(
    r"^(?:final-recipient|original-recipient|x-actual-recipient)[ \t]*:[ \t]*(?:[\w-]+[ \t]*;)?[ \t]*<?([^\s<>;]{1,300}@[^\s<>;]{1,300})>?",
    re.IGNORECASE | re.MULTILINE,
)
_RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
_MOST = 50


def reported_on(tree: Tree, body: Body) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Message-IDs of the mails meant, the surest first, and the recipients that were not reached."""
    headers = tree.root.headers
    about: list[str] = []
    failed: list[str] = []
    for part in tree.root.leaves():
        kind = part.content_type
        if kind in _RETURNED:
            content = part.content()
            returned, _ = read_block(content, 0, len(content))
            about += _MESSAGE_ID.findall(returned.text("message-id"))
        elif kind.startswith("message/"):
            report = part.content().decode("utf-8", "replace")
            failed += _RECIPIENT.findall(report)
            about += re.findall(
                r"^original-message-id[ \t]*:[ \t]*(<[^<>\s]{1,800}>)", report, re.IGNORECASE | re.MULTILINE
            )
    for name in ("in-reply-to", "references"):
        about += _MESSAGE_ID.findall(headers.text(name))
    about += _IN_TEXT.findall(body.text)
    failed += [
        address for address in headers.text("x-failed-recipients").replace(",", " ").split() if "@" in address
    ]
    return _each_once(about), _each_once(failed)


def _each_once(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean_line(value) for value in values))[:_MOST]
