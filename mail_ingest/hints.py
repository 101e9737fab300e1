"""What the person who opens a ticket should know of its mail and cannot see in it; shown with the message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail_ingest.reading.parsed import ParsedMail
from tickets.letters.threading import carries_token
from tickets.models import Ticket
from tickets.vocabulary import Status

_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{8}-\d{4,6}(?!\d)")
_NUMBERS_AT_MOST = 3
_THANKS = re.compile(
    r"(?:非常|十分|太|很)?(?:感谢|谢谢|多谢)(?:您|你|你们|老师|领导|教育局|了|啦)*|好的?|收到|知道了|明白|辛苦(?:你们|您|了)*|thanks?|thankyou|ok"
)
_NO_WORDS = re.compile(r"[\W_]+")

OVER = frozenset(
    {Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.VOIDED, Status.TRANSFERRED, Status.MERGED}
)
NEWS_OF_A_CLOSED_CASE = "本件已经办结，反映人又来信：请股室负责人看是否需要重启办理。"


def of_new_ticket(session: Session, parsed: ParsedMail, same_id: Sequence[Ticket]) -> tuple[str, ...]:
    """Sentences about tickets this mail may belong to, but whose sender cannot be proved to be the same."""
    return (*_same_message_id(same_id), *_numbers_named(session, parsed.subject))


def of_reply(ticket: Ticket, parsed: ParsedMail) -> tuple[str, ...]:
    """That a closed case has news; a bare 谢谢 is none."""
    asks = ticket.status in OVER and (parsed.attachments or not is_bare_thanks(own_words(parsed)))
    return (NEWS_OF_A_CLOSED_CASE,) if asks else ()


def own_words(parsed: ParsedMail) -> str:
    """What the sender wrote, without the mail quoted beneath."""
    return parsed.text[: parsed.quote_start] if parsed.quote_start is not None else parsed.text


def is_bare_thanks(text: str) -> bool:
    """Whether a text only thanks or confirms: 谢谢, 收到，谢谢老师！, or says nothing at all."""
    words = _NO_WORDS.sub("", text.casefold())
    while words and (found := _THANKS.match(words)) and found.end():
        words = words[found.end() :]
    return not words


def _same_message_id(tickets: Sequence[Ticket]) -> Iterable[str]:
    if numbers := [each.number for each in tickets]:
        yield (
            f"这封信与 {'、'.join(numbers[:_NUMBERS_AT_MOST])} 的来信用了同一个邮件标识（Message-ID），但内容不同，"
            "所以单独登记。请核对是不是同一封信的两个版本；确属同一事项可以合并办理。"
        )


def _numbers_named(session: Session, subject: str) -> Iterable[str]:
    named = list(dict.fromkeys(_NUMBER.findall(subject.upper())))[:_NUMBERS_AT_MOST]
    if not named:
        return
    known = set(session.scalars(sa.select(Ticket.number).where(Ticket.number.in_(named))))
    wrong_token = "回信码对不上，" if carries_token(subject) else ""
    for number in named:
        if number in known:
            yield (
                f"来信主题里写了编号 {number}，但{wrong_token}它不是对我们去信的回复，系统不能确认是同一个人写的，所以单独登记。"
                "核对后确属同一事项，可以合并办理。"
            )
        else:
            yield f"来信主题里写了编号 {number}，系统里没有这个编号。"
