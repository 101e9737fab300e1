"""Two people on one ticket: whoever saves second gets what stands there now beside the own text, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from tickets.action_rules import Field
from tickets.queries.detail import TicketPage
from tickets.standing import tone_of

# Neither typed by a person nor worth showing again.
NOT_TYPED = frozenset({"action", "verb", "version", "csrf_token"})
_TEXTS = ("title", "school_text", "grade_text", "request", "measures", "answer")
_WORDS = ("caller_kind", "target_kind", "urgency", "secrecy", "outcome")

Row = tuple[str, str, str]  # label, what stands there now, what was typed


def rows(fields: Mapping[str, Field], typed: Mapping[str, str], now: Mapping[str, str]) -> list[Row]:
    """Everything that was typed; a choice by its word, as the form showed it."""
    found = []
    for name, text in typed.items():
        field = fields.get(name)
        if name in NOT_TYPED or not text.strip():
            continue
        words = {each.value: each.label for each in field.choices} if field and field.choices else {}
        found.append((field.label if field else name, now.get(name, ""), words.get(text, text)))
    return found


def standing_now(page: TicketPage) -> dict[str, str]:
    """What the ticket holds by the names of the forms' fields; the reason is that of the last step."""
    ticket = page.seen.ticket
    texts = {name: str(getattr(ticket, name)) for name in _TEXTS}
    chosen = {name: getattr(ticket, name) for name in _WORDS}
    words = {name: each.label for name, each in chosen.items() if each is not None}
    main = next((name for name, is_main, _ in page.seen.categories if is_main), "")
    return {
        **texts,
        **words,
        "category": main,
        "handler": page.seen.handler,
        "section": page.seen.section.name,
        "reason": page.events[-1].reason,
    }


def page(shown: TicketPage, *, what: str, rows: Sequence[Row], back: str) -> str:
    """The page of both texts; nothing was saved, nothing is lost."""
    return render_template(
        "tickets/conflict.html",
        page=shown,
        ticket=shown.seen.ticket,
        seen=shown.seen,
        what=what,
        rows=rows,
        back=back,
        last=shown.events[-1],
        tone=tone_of(shown.seen.ticket.status),
    )
