"""The texts of the letters in use: the bureau's newest version, or the shipped one; every version stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now
from core.errors import DomainError, StaleVersion
from core.text import clean_line, clean_text
from tickets.letters.answering import outline
from tickets.letters.filling_in import Text, problems_of_text
from tickets.letters.shipped import OUTLINES, SHIPPED, blanks_of
from tickets.models import LetterText
from tickets.vocabulary import LetterName, Outcome


def text_in_use(session: Session, name: LetterName) -> Text:
    """The text letters of this name are written from now, with its version; 0 is the shipped one."""
    row = session.scalars(
        sa.select(LetterText).where(LetterText.name == name).order_by(LetterText.version.desc()).limit(1)
    ).one_or_none()
    return _text(name, row)


def texts_in_use(session: Session) -> dict[LetterName, Text]:
    """All of them, in one question."""
    newest = (
        sa.select(LetterText.name, sa.func.max(LetterText.version).label("version"))
        .group_by(LetterText.name)
        .subquery()
    )
    rows = session.scalars(
        sa.select(LetterText).join(
            newest, sa.and_(newest.c.name == LetterText.name, newest.c.version == LetterText.version)
        )
    )
    found = {row.name: row for row in rows}
    return {name: _text(name, found.get(name)) for name in LetterName}


def outlines(session: Session) -> list[tuple[str, str]]:
    """How an answer is laid out for each outcome: the outcome's word and the text to begin with."""
    texts = texts_in_use(session)
    return [(outcome.label, outline(outcome, texts)) for outcome in Outcome]


def versions(session: Session, name: LetterName) -> Sequence[LetterText]:
    """What the bureau has written so far, newest first."""
    return session.scalars(
        sa.select(LetterText).where(LetterText.name == name).order_by(LetterText.version.desc())
    ).all()


def draft(name: LetterName, *, subject: str, body: str, aloud: str) -> Text:
    """What was typed, cleaned; an outline has neither subject nor words to read aloud."""
    if name in OUTLINES:
        return Text(body=clean_text(body).strip())
    return Text(subject=clean_line(subject), body=clean_text(body).strip(), aloud=clean_text(aloud).strip())


def problems(name: LetterName, text: Text) -> list[str]:
    return problems_of_text(text, blanks_of(name), is_outline=name in OUTLINES)


def save(
    session: Session, name: LetterName, text: Text, *, over: int, actor: Actor, reason: str = ""
) -> LetterText:
    """A new version, from now on in use; DomainError with what is wrong, StaleVersion if somebody was faster."""
    wrong = problems(name, text)
    if wrong:
        raise DomainError("".join(wrong))
    return _add(session, name, text, over=over, actor=actor, reason=reason, as_shipped=False)


def back_to_shipped(session: Session, name: LetterName, *, over: int, actor: Actor) -> LetterText:
    """The shipped text counts again; what was written meanwhile stays in the history."""
    return _add(session, name, SHIPPED[name], over=over, actor=actor, reason="恢复出厂文本", as_shipped=True)


def version_of(text: Text) -> int:
    return int(text.used.rpartition("/")[2] or 0)


def _add(
    session: Session,
    name: LetterName,
    text: Text,
    *,
    over: int,
    actor: Actor,
    reason: str,
    as_shipped: bool,
) -> LetterText:
    newest = session.execute(
        sa.select(sa.func.max(LetterText.version)).where(LetterText.name == name)
    ).scalar_one()
    if (newest or 0) != over:
        raise StaleVersion("刚才有人保存了这篇文本的新版本。请对照现在的内容后再保存。")
    row = LetterText(
        name=name,
        version=over + 1,
        as_shipped=as_shipped,
        subject=text.subject,
        body=text.body,
        aloud=text.aloud,
        saved_by=actor.display_name,
        saved_at=now(),
        reason=clean_line(reason, 200),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "letter_text.saved",
        actor=actor.username,
        object_ref=f"letter_text/{name.value}",
        version=row.version,
        as_shipped=as_shipped,
    )
    return row


def _text(name: LetterName, row: LetterText | None) -> Text:
    if row is None:
        return replace(SHIPPED[name], used=f"{name.value}/0")
    if row.as_shipped:
        return replace(SHIPPED[name], used=f"{name.value}/{row.version}")
    return Text(subject=row.subject, body=row.body, aloud=row.aloud, used=f"{name.value}/{row.version}")
