"""What of a mail is its text and what are its files: every leaf is one or the other."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass, field

from core.text import clean_line, clean_text
from mail_ingest.reading import charset, html_text, sanitise, tnef, uuencode
from mail_ingest.reading.cloud_attachments import cloud_attachments
from mail_ingest.reading.headers import decode_words
from mail_ingest.reading.parsed import Attachment, CloudAttachment
from mail_ingest.reading.parts import Part, Tree

LONGEST_TEXT = 1_000_000
LONGEST_NAME = 255

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_TOO_LONG = "正文过长，只保留前 100 万字，其余可查看原始邮件。"
_SHOWN = ("text/plain", "text/html")
_ENCRYPTED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_CALENDAR_LINE = re.compile(
    r"^(SUMMARY|LOCATION|DESCRIPTION|DTSTART|DTEND)(?:;[^:\n]{0,200})?:(.*)$", re.MULTILINE
)
_CALENDAR_WORDS = {
    "SUMMARY": "主题",
    "LOCATION": "地点",
    "DESCRIPTION": "说明",
    "DTSTART": "开始",
    "DTEND": "结束",
}


@dataclass
class Body:
    text: str = ""
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    cloud_attachments: tuple[CloudAttachment, ...] = ()
    part_types: frozenset[str] = frozenset()
    contents_sha256: str = ""
    encrypted: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass
class _Passage:
    """One stretch of the shown mail; a mail that says the same twice (multipart/alternative) has both halves."""

    plain: str = ""
    html: str = ""


def read_body(tree: Tree, *, with_attachments: bool) -> Body:
    """The shown text, the sanitised HTML and the files; without attachments only their names are noted."""
    return _BodyReader(with_attachments).read(tree)


class _BodyReader:
    def __init__(self, with_attachments: bool) -> None:
        self._with_attachments = with_attachments
        self._body = Body()
        self._left_out: list[str] = []
        self._calendars: list[str] = []
        self._tnef_text = ""
        self._contents = hashlib.sha256()

    def read(self, tree: Tree) -> Body:
        body = self._body
        passages = self._passages(tree.root)
        body.part_types = frozenset(part.content_type for part in tree.root.leaves())
        clean = [self._clean(passage.html) for passage in passages]
        texts = [
            passage.plain if passage.plain.strip() else self._words(passage.html, cleaned)
            for passage, cleaned in zip(passages, clean, strict=True)
        ]
        text = "\n".join(text.strip("\n") for text in texts if text.strip())
        if not text.strip():
            text = self._tnef_text or "\n".join(self._calendars)
        body.text = self._limited(clean_text(text))
        shown = "".join(
            cleaned or _as_html(passage.plain) for passage, cleaned in zip(passages, clean, strict=True)
        )
        if any(clean):
            body.cloud_attachments = cloud_attachments(body.text, sanitise.links(shown), shown)
            pictures = {file.inline_cid.lower(): file.content for file in body.attachments if file.inline_cid}
            body.html = clean_text(sanitise.for_display(shown, pictures))
        else:
            body.cloud_attachments = cloud_attachments(body.text, [], "")
        body.contents_sha256 = self._contents.hexdigest()
        self._add_notes()
        return body

    def _add_notes(self) -> None:
        notes = self._body.notes
        if self._left_out:
            notes.append(
                f"邮件超过 25 MB，附件未读取，请从原始邮件中打开：{'、'.join(self._left_out[:20])}。"
            )
        self._body.encrypted = bool(self._body.part_types & set(_ENCRYPTED))
        if self._body.encrypted:
            notes.append("邮件内容已加密，系统无法读取。")
        if not self._body.text.strip() and "message/rfc822" in self._body.part_types:
            notes.append("来信本身没有文字，内容在作为附件转发的邮件里。")
        if self._body.cloud_attachments:
            notes.append("邮件含超大附件链接，请在到期前下载归档。")

    def _passages(self, part: Part) -> list[_Passage]:
        """In the order of the mail; the tree is at most 50 deep."""
        if part.children:
            nested = [passage for child in part.children for passage in self._passages(child)]
            if part.content_type != "multipart/alternative":
                return nested
            plain = "\n".join(passage.plain for passage in nested if passage.plain.strip())
            markup = "\n".join(passage.html for passage in nested if passage.html)
            return [_Passage(plain, markup)]
        content = part.content()
        self._count_in(part, content)
        if not _is_shown(part):
            self._take_file(part, content)
            return []
        if part.content_type == "text/html":
            content = self._beginning(content)
            declared = part.charset or _declared_inside(content)
            return [_Passage(html=charset.decode(content, declared, hint=part.headers.hint))]
        content, files = uuencode.extract(content)
        for name, data in files:
            self._add(charset.decode(name, None, hint=part.headers.hint), "application/octet-stream", data)
        content = self._beginning(content)
        return [_Passage(plain=charset.decode(content, part.charset, hint=part.headers.hint))]

    def _beginning(self, content: bytes) -> bytes:
        """Enough for the longest text in any character set; megabytes of it are not decoded only to be cut."""
        if len(content) <= 4 * LONGEST_TEXT:
            return content
        self._body.notes.append(_TOO_LONG)
        return content[: 4 * LONGEST_TEXT]

    def _count_in(self, part: Part, content: bytes) -> None:
        """Text changes its line ends on the way and loses blank ones at its end; every other file is its bytes."""
        if part.content_type.startswith(("text/", "message/")):
            content = content.replace(b"\r\n", b"\n").rstrip()
        self._contents.update(hashlib.sha256(content).digest())

    def _take_file(self, part: Part, content: bytes) -> None:
        kind = part.content_type
        name = file_name(part)
        self._add(name, kind, content, _content_id(part))
        if kind == "text/calendar":
            self._calendars.append(_calendar_text(charset.decode(content, part.charset or "utf-8")))
        if kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
            unpacked = tnef.unpack(content)
            self._tnef_text = self._tnef_text or unpacked.body
            for inner, data in unpacked.files:
                self._add(inner, "application/octet-stream", data)
            if unpacked.files:
                self._body.notes.append(f"附件 winmail.dat 内含 {len(unpacked.files)} 个文件，已拆出。")

    def _add(self, name: str, kind: str, content: bytes, cid: str | None = None) -> None:
        name = clean_file_name(name)
        if not self._with_attachments:
            self._left_out.append(name or kind)
            return
        digest = hashlib.sha256(content).hexdigest()
        self._body.attachments.append(
            Attachment(name, clean_line(kind, 100), len(content), digest, content, cid)
        )

    def _clean(self, markup: str) -> str:
        if not markup.strip():
            return ""
        cleaned = sanitise.sanitise(markup)
        if cleaned is None:
            self._body.notes.append("邮件的网页格式过大或嵌套过深，只保留文字。")
        return cleaned or ""

    def _words(self, markup: str, cleaned: str) -> str:
        if cleaned or not markup.strip():
            return html_text.text_of(cleaned)
        return html_text.rough_text_of(markup)

    def _limited(self, text: str) -> str:
        if len(text) <= LONGEST_TEXT:
            return text
        self._body.notes.append(_TOO_LONG)
        return text[:LONGEST_TEXT]


def _is_shown(part: Part) -> bool:
    if part.content_type not in _SHOWN:
        return False
    if part.headers.token("content-disposition") == "attachment":
        return False
    return not file_name(part) or part.depth == 0


def file_name(part: Part) -> str:
    """The name the sender gave, in words, however he encoded it."""
    written = part.headers.parameter("content-disposition", "filename") or part.headers.parameter(
        "content-type", "name"
    )
    return decode_words(written or "")


def clean_file_name(name: str) -> str:
    """A name for the eye: one line, no path. The file is stored under another one."""
    return clean_line(re.split(r"[/\\]", name)[-1] if name.strip("/\\") else name, LONGEST_NAME)


def _content_id(part: Part) -> str | None:
    written = clean_line(part.headers.text("content-id"), 300).strip("<> ")
    return written or None


def _declared_inside(content: bytes) -> str | None:
    match = _META_CHARSET.search(content[:2048])
    return match[1].decode("ascii") if match else None


def _as_html(plain: str) -> str:
    return "<p>" + html.escape(plain, quote=False).replace("\n", "<br>") + "</p>" if plain.strip() else ""


def _calendar_text(calendar: str) -> str:
    unfolded = re.sub(r"\r?\n[ \t]", "", calendar).replace("\r", "")
    lines = [
        f"{_CALENDAR_WORDS[key]}：{value.strip()}"
        for key, value in _CALENDAR_LINE.findall(unfolded)[:20]
        if value.strip()
    ]
    return "\n".join(line.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";") for line in lines)
