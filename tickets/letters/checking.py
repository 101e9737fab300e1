"""The leak check before a letter: nobody but the one it is for may be known by what was typed, or by a file that goes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from core.blobs import blob_store
from core.errors import DomainError
from tickets import identity, registers, released
from tickets.masking.file_words import words_of
from tickets.masking.leak_check import Leak, leaks, summary
from tickets.masking.mask import OTHER
from tickets.masking.patterns import MAIL
from tickets.masking.phones import normalise_phone
from tickets.messages import NewAttachment
from tickets.models import Ticket
from tickets.released import Known
from tickets.vocabulary import Action

# What a person types into the letters of these acts.
_TYPED: Mapping[Action, str] = {
    Action.REPORT_DONE: "answer",
    Action.REFUSE: "reason",
    Action.TRANSFER_OUT: "to",
    Action.EXTEND: "reason",
}
_MOBILE_DIGITS = 11


def check(
    session: Session,
    ticket: Ticket,
    action: Action,
    fields: Mapping[str, str],
    files: Sequence[NewAttachment] = (),
) -> None:
    """DomainError with what could expose whom. After the act was allowed: its answer would tell a stranger something.

    The complainant's own name may stand in the own letter; other numbers of offices may, too. A file goes to everybody behind
    the ticket, so neither its name nor what it says of itself may name anybody.
    """
    typed = fields.get(_TYPED.get(action, ""), "")
    if not typed and not files:
        return
    known, public = released.known_of(session, ticket), registers.public_words(session)
    own = identity.open_complainants(session, ticket)
    mine = [word for each in own for word in (each.name, each.phone, each.email, each.address) if word]

    def found_in(text: str, allowed: Sequence[str]) -> list[Leak]:
        return [
            leak
            for leak in leaks(
                text,
                identity=known.identity,
                names_of_case=known.names,
                allowed=allowed,
                public_phones=public.phones,
                public_emails=public.emails,
                schools=public.schools,
            )
            if not _is_an_offices(leak, known)
        ]

    if typed and (found := found_in(typed, [*mine, *(file.name for file in files)])):
        raise DomainError(summary(found))
    for place, file in enumerate(files, start=1):
        words = [file.name.rpartition(".")[0], *words_of(blob_store().get(file.blob))]
        # Not line by line: a name alone at the end would be taken for the signature of a letter.
        if found_in(f"属性：{'｜'.join(words)}｜完", []):
            raise DomainError(
                f"第 {place} 个附件的文件名或文件属性（作者、标题、批注等）里有反映人或相关人员的信息，"
                "请改名、清除属性后再选。"
            )


def _is_an_offices(leak: Leak, known: Known) -> bool:
    """A landline or an address that belongs to nobody of the case: where to turn has to be said.

    What was typed just now is known to the ticket as well, so it may be found as something registered.
    """
    if leak.excerpt in known.said:
        return False
    number = normalise_phone(leak.excerpt)
    if number is not None:
        mobile = len(number) == _MOBILE_DIGITS and number.startswith("1")
        return not mobile and number not in {normalise_phone(each) for each in known.identity.phones}
    addresses = {each.casefold() for each in known.identity.emails}
    return leak.kind in {MAIL, OTHER} and "@" in leak.excerpt and leak.excerpt.casefold() not in addresses
