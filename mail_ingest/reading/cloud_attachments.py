"""Files that a mail only points to: 网易 and QQ keep large ones on their own servers, for some days.

They are recorded with name, size and expiry so that a person fetches them in time; nothing is ever fetched from here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from core.text import clean_line
from mail_ingest.reading.parsed import CloudAttachment

_BEIJING = timezone(timedelta(hours=8))
_LINK = re.compile(
    r"https?://(?:mail\.163\.com/large-attachment-download|(?:mail|dashi)\.163\.com/html/cloud-attachment-download"
    r"|(?:\w{1,20}\.)?mail\.(?:126|163|yeah)\.(?:com|net)/(?:large-attachment|cgi-bin/ftn)|fs\.163\.com/fs"
    r"|wx\.mail\.qq\.com/ftn/download|(?:wx\.)?mail\.qq\.com/cgi-bin/ftn|(?:wx\.)?mail\.qq\.com/ftn"
    r"|i\.mail\.qq\.com/cgi-bin/ftn|drive\.weixin\.qq\.com/)[^\s\"'<>，。；）】]{0,1000}",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\d{1,6}(?:\.\d{1,3})?\s?(?:[KMGT]i?B?|字节|B)\b", re.IGNORECASE)
_EXPIRY = re.compile(
    r"(\d{4})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?\s*(?:(\d{1,2})\s*[:：]\s*(\d{2}))?[^\d\n]{0,12}(?:到期|过期|失效|有效期)"
    r"|(?:到期|过期|失效|有效期)[^\d\n]{0,12}(\d{4})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?\s*(?:(\d{1,2})\s*[:：]\s*(\d{2}))?"
)
_NAME = re.compile(
    r"[^\s/\\:*?\"<>|（）()，。；：]{1,150}\.(?:[A-Za-z][A-Za-z0-9]{1,7}|7z|3gp)(?![A-Za-z0-9])"
)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_ACTION_WORDS = {"下载", "进入下载页面", "立即下载", "点击下载", "打开", "查看", ""}
_AROUND = 600
_MOST = 50


def cloud_attachments(
    text: str, links: list[tuple[int, str]], clean_html: str
) -> tuple[CloudAttachment, ...]:
    """The linked files, each once; the links are places in the sanitised HTML and their targets."""
    found: dict[str, CloudAttachment] = {}
    for position, target in links:
        if (match := _LINK.match(target)) and len(found) < _MOST:
            before = _words(clean_html[max(position - _AROUND, 0) : position])
            end = clean_html.find("</a>", position)
            label = _words(clean_html[position : end if end > 0 else position])
            after = _words(clean_html[position : position + _AROUND])
            found.setdefault(match[0], _described(match[0], before, label, after))
    for match in _LINK.finditer(text):
        if len(found) < _MOST and match[0] not in found:
            before = text[max(match.start() - _AROUND // 3, 0) : match.start()]
            found[match[0]] = _described(match[0], before, "", text[match.end() : match.end() + _AROUND // 3])
    return tuple(found.values())


def _described(url: str, before: str, label: str, after: str) -> CloudAttachment:
    named = label if label not in _ACTION_WORDS and _NAME.search(label) else ""
    # The file is named by the link itself or stands right before it; size and expiry follow its name.
    name = named or _last(_NAME, before) or _first(_NAME, after)
    near = (
        after
        if named
        else (before[before.rfind(name) :] if name and name in before else before[-200:]) + after
    )
    return CloudAttachment(
        filename=clean_line(name, 200),
        size_text=clean_line(_first(_SIZE, near), 30),
        expires_at=_expiry(near),
        url=clean_line(url, 2000),
    )


def _expiry(text: str) -> datetime | None:
    match = _EXPIRY.search(text)
    if match is None:
        return None
    year, month, day, hour, minute = match.groups()[:5] if match[1] else match.groups()[5:]
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 23), int(minute or 59), tzinfo=_BEIJING
        )
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _words(fragment: str) -> str:
    return " ".join(_TAG.sub(" ", fragment).split())


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _last(pattern: re.Pattern[str], text: str) -> str:
    matches = pattern.findall(text)
    return matches[-1] if matches else ""
