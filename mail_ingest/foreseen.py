"""What is known of a few mails before the first is dealt with: asked once for all of them, and their tickets locked.

Tickets are locked before any number is counted up: a page that changes a ticket and then wants a number could otherwise
wait for us while we wait for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail_ingest.models import MailItem, MailLink
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.vocabulary import LinkRole
from outbox.models import OutboxMessage
from tickets.letters.threading import signed_number
from tickets.models import Order, Ticket
from tickets.orders import answering

_ORDER_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")
_TOKENS_AT_MOST = 3
_ANSWERED_AT_MOST = 100  # a mail may name thousands of others
_TICKET = "ticket/"


@dataclass
class Foreseen:
    """Equal mails that came before, and what our letters were about; `note` adds a mail once it was dealt with."""

    alike: dict[str | None, list[MailItem]] = field(default_factory=lambda: defaultdict(list))
    same_id: dict[str | None, list[MailItem]] = field(default_factory=lambda: defaultdict(list))
    tickets: dict[int, list[Ticket]] = field(default_factory=lambda: defaultdict(list))  # by the mail's id
    letters: dict[str, str] = field(
        default_factory=dict
    )  # what a letter of ours was about, by its Message-ID
    numbered: dict[str, Ticket] = field(default_factory=dict)  # every ticket that was locked
    orders: dict[str, Order] = field(
        default_factory=dict
    )  # by our letter's Message-ID, or by the order's token

    def same_mails(self, item: MailItem) -> tuple[list[MailItem], list[MailItem]]:
        """The same mail that came before, and other mails whose senders gave them the same Message-ID."""
        same = self.alike.get(item.fingerprint, []) if item.fingerprint else []
        others = self.same_id.get(item.message_id_index, []) if item.message_id_index else []
        return list(same), [each for each in others if each.fingerprint != item.fingerprint]

    def tickets_of(self, items: Iterable[MailItem]) -> list[Ticket]:
        """The tickets these mails have made or joined: what comes once more adds nothing to them."""
        found = {ticket.id: ticket for item in items for ticket in self.tickets.get(item.id, [])}
        return [found[number] for number in sorted(found)]

    def answered_order(self, parsed: ParsedMail) -> Order | None:
        """The order a school's mail answers: by the Message-ID of our letter, or by the order's token in its subject."""
        named = (*answers_to(parsed), *_tokens(parsed))
        return next((self.orders[each] for each in named if each in self.orders), None)

    def note(self, item: MailItem, tickets: Sequence[Ticket] = ()) -> None:
        """A mail was dealt with; `tickets` are those it made or joined."""
        self.alike[item.fingerprint].append(item)
        self.same_id[item.message_id_index].append(item)
        self.tickets[item.id] += tickets


def answers_to(parsed: ParsedMail) -> list[str]:
    """The Message-IDs a mail answers to, the nearest first."""
    named = [each for each in (parsed.in_reply_to, *reversed(parsed.references)) if each]
    return named[:_ANSWERED_AT_MOST]


def foresee(session: Session, mails: Sequence[tuple[MailItem, ParsedMail]]) -> Foreseen:
    """Looks up what these mails, which are described already, have to do with others; locks the tickets they belong to."""
    known = Foreseen()
    items = [item for item, _ in mails]
    for item in _mails_alike(session, items):
        known.note(item)
    known.letters = letters = _letters(
        session, {each for _, parsed in mails for each in _letters_named(parsed)}
    )
    known.orders = _orders(session, letters, {token for _, parsed in mails for token in _tokens(parsed)})
    links = _links(session, {each.id for group in known.alike.values() for each in group})
    numbers = {ref.removeprefix(_TICKET) for ref in letters.values() if ref.startswith(_TICKET)}
    numbers |= {number for _, parsed in mails if (number := signed_number(parsed.subject))}
    ids = {each.ticket_id for each in known.orders.values()} | {ticket_id for _, ticket_id in links}
    tickets = _locked(session, numbers, ids)
    by_id = {each.id: each for each in tickets}
    known.numbered = {each.number: each for each in tickets}
    for item_id, ticket_id in links:
        known.tickets[item_id].append(by_id[ticket_id])
    return known


def _letters_named(parsed: ParsedMail) -> list[str]:
    """A bounce speaks of our letters too: an answer that came back changes its ticket."""
    return [*answers_to(parsed), *parsed.about_message_ids[:_ANSWERED_AT_MOST]]


def _tokens(parsed: ParsedMail) -> list[str]:
    found: list[str] = _ORDER_TOKEN.findall(parsed.subject.lower())
    return found[:_TOKENS_AT_MOST]


def _mails_alike(session: Session, items: Sequence[MailItem]) -> Sequence[MailItem]:
    prints = {each.fingerprint for each in items if each.fingerprint}
    ids = {each.message_id_index for each in items if each.message_id_index}
    return session.scalars(
        sa.select(MailItem)
        .where(
            sa.or_(MailItem.fingerprint.in_(prints), MailItem.message_id_index.in_(ids)),
            MailItem.id.not_in([each.id for each in items]),
        )
        .order_by(MailItem.id)
    ).all()


def _letters(session: Session, message_ids: Collection[str]) -> dict[str, str]:
    """What each of our letters was about, by its Message-ID."""
    if not message_ids:
        return {}
    rows = session.execute(
        sa.select(OutboxMessage.message_id, OutboxMessage.object_ref).where(
            OutboxMessage.message_id.in_(message_ids)
        )
    )
    return {row.message_id: row.object_ref for row in rows}


def _orders(session: Session, letters: dict[str, str], tokens: Collection[str]) -> dict[str, Order]:
    named = {
        message_id: answering.order_of_letter(session, [message_id])
        for message_id, ref in letters.items()
        if ref.startswith("order/")
    }
    named |= {token: answering.order_of_token(session, token) for token in tokens}
    return {name: session.get_one(Order, order_id) for name, order_id in named.items() if order_id}


def _links(session: Session, item_ids: Collection[int]) -> list[tuple[int, int]]:
    if not item_ids:
        return []
    rows = session.execute(
        sa.select(MailLink.item_id, MailLink.ticket_id).where(
            MailLink.item_id.in_(item_ids), MailLink.role.in_((LinkRole.ORIGIN, LinkRole.REPLY))
        )
    )
    return [(row.item_id, row.ticket_id) for row in rows]


def _locked(session: Session, numbers: Collection[str], ids: Collection[int]) -> Sequence[Ticket]:
    if not numbers and not ids:
        return []
    return session.scalars(
        sa.select(Ticket)
        .where(sa.or_(Ticket.number.in_(numbers), Ticket.id.in_(ids)))
        .order_by(Ticket.id)
        .with_for_update()
    ).all()
