"""The working text: the verbatim text with all that a pattern can know replaced by 〔电话1〕, 〔姓名1〕 …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tickets.masking import names
from tickets.masking.patterns import ADDRESS, BLOT, KINDS, MAIL, NAME, PATTERNS, PHONE, PLACEHOLDER
from tickets.masking.phones import figures, mask_email, mask_name, mask_phone, normalise_phone, spellings_of
from tickets.suggestions.patterns import any_of, fold

__all__ = [
    "Identity",
    "MaskedText",
    "Masker",
    "Replacement",
    "mask",
    "mask_email",
    "mask_name",
    "mask_phone",
    "normalise_phone",
]

OTHER = "信息"
_GAP_IN_KNOWN_NUMBER = r"[\W_]{0,3}"
_LOCAL_PART_TELLS_FROM = 6
_ROUNDS = 4
# A petition has dozens of signers; a mail with thousands of "names" is an attack on our time.
_NAMES_AT_MOST = 120


@dataclass(frozen=True)
class Identity:
    """What the case knows of the person: callers' and senders' names, numbers, addresses, and anything else to hide."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replacement:
    """`number` counts within the kind; one person or telephone keeps its number in every spelling."""

    kind: str
    number: int
    original: str

    @property
    def placeholder(self) -> str:
        return f"〔{self.kind}{self.number}〕"


@dataclass(frozen=True)
class MaskedText:
    text: str
    replaced: tuple[Replacement, ...]


@dataclass(frozen=True)
class Span:
    """A place to hide; `key` is equal for all spellings of one thing; kept: a placeholder or a public word, left as it is."""

    start: int
    end: int
    kind: str
    key: str
    kept: bool = False


@dataclass(frozen=True)
class _Known:
    """A thing to look for; `needle`: what a text must hold, in small letters, before the pattern is worth compiling."""

    kind: str
    key: str
    pattern: str
    needle: str = ""
    flags: re.RegexFlag = re.NOFLAG

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self.flags)


@lru_cache(maxsize=8)
def _left_readable(words: tuple[str, ...]) -> re.Pattern[str] | None:
    folded = tuple(dict.fromkeys(fold(word) for word in words if len(word) >= 2))
    return re.compile(any_of(folded)) if folded else None


class Finder:
    """Finds what must be hidden; knows nothing of numbering. Shared by the masker and the leak check."""

    def __init__(
        self,
        identity: Identity,
        *,
        public_phones: Iterable[str] = (),
        public_emails: Iterable[str] = (),
        protected: Iterable[str] = (),
    ) -> None:
        self._public_phones = {_phone_key(phone) for phone in public_phones}
        self._public_emails = {_mail_key(address) for address in public_emails}
        self._protected = _left_readable(tuple(protected))
        self._known = tuple(_known_things(identity))
        self._names: dict[str, re.Pattern[str] | None] = {}  # None: not compiled yet
        for name in identity.names:
            if not names.is_nobody(name):
                self._names[name] = None

    def learn_names(self, text: str) -> None:
        """Names the text introduces itself are looked for from now on, in this and in later texts."""
        for name in names.given_away(text):
            if len(self._names) < _NAMES_AT_MOST and not any(
                regex.fullmatch(name) for _, regex in self._sought(name)
            ):
                self._names[name] = None

    def _sought(self, folded: str) -> Iterator[tuple[str, re.Pattern[str]]]:
        """The names that may stand in a text, each with its pattern, compiled when it is first worth it."""
        for name in list(self._names):
            if self._names[name] is None and names.may_recur(name, folded):
                found = names.recurrences(name)
                if found is None:
                    del self._names[name]  # too general to be looked for
                    continue
                self._names[name] = found
            regex = self._names[name]
            if regex is not None:
                yield name, regex

    def find(self, text: str) -> list[Span]:
        """Every span in order, none overlapping."""
        spans: list[Span] = []
        folded = fold(text)
        hidden = self._hide(
            folded, (Span(m.start(), m.end(), "", "", kept=True) for m in PLACEHOLDER.finditer(folded)), spans
        )
        # What one pattern hides may free another to match (a figure in front is gone): until nothing new is found.
        for _ in range(_ROUNDS):
            before = len(spans)
            hidden = self._one_round(text, hidden, spans)
            if len(spans) == before:
                break
        return sorted(spans, key=lambda span: span.start)

    def _one_round(self, text: str, hidden: str, spans: list[Span]) -> str:
        lowered = names.small(hidden) if self._known else ""
        for known in self._known:
            if known.needle not in lowered:
                continue
            hits = (Span(m.start(), m.end(), known.kind, known.key) for m in known.regex.finditer(hidden))
            hidden = self._hide(hidden, (self._public(text, hit) for hit in hits), spans)
        chinese = figures(hidden)
        for pattern in PATTERNS:
            if pattern.kind == ADDRESS and self._protected is not None:
                kept = (Span(m.start(), m.end(), "", "", kept=True) for m in self._protected.finditer(hidden))
                hidden = self._hide(hidden, kept, spans)
            where = chinese if pattern.figures else hidden
            found = [
                self._public(text, Span(m.start(pattern.group), m.end(pattern.group), pattern.kind, ""))
                for m in pattern.regex.finditer(where)
                if pattern.believes(hidden[m.start() : m.end()], m.group(pattern.group))
            ]
            if found:
                hidden = self._hide(hidden, found, spans)
                chinese = figures(hidden)
        for name, regex in self._sought(hidden):
            hits = (Span(m.start(), m.end(), NAME, name) for m in regex.finditer(hidden))
            hidden = self._hide(hidden, hits, spans)
        return hidden

    def _public(self, text: str, span: Span) -> Span:
        """The same span with its key, kept in sight if it is the office's own number or address."""
        words = text[span.start : span.end]
        if span.kind == PHONE:
            key = span.key or _phone_key(words)
            return Span(span.start, span.end, span.kind, key, kept=key in self._public_phones)
        if span.kind == MAIL:
            key = span.key or _mail_key(words)
            return Span(span.start, span.end, span.kind, key, kept=key in self._public_emails)
        return Span(span.start, span.end, span.kind, span.key or fold(words).upper())

    @staticmethod
    def _hide(hidden: str, found: Iterable[Span], spans: list[Span]) -> str:
        parts: list[str] = []
        done = 0
        for span in found:
            if span.start < done or span.end <= span.start or BLOT in hidden[span.start : span.end]:
                continue
            parts += (hidden[done : span.start], BLOT * (span.end - span.start))
            done = span.end
            spans.append(span)
        return "".join((*parts, hidden[done:])) if parts else hidden


class Masker:
    """Masks the texts of one ticket with one numbering: the caller is 〔姓名1〕 in the title and in the matter alike.

    `known` are the replacements of texts masked earlier, so that a later message goes on counting.
    """

    def __init__(
        self,
        identity: Identity,
        public_phones: Iterable[str] = (),
        *,
        public_emails: Iterable[str] = (),
        protected: Iterable[str] = (),
        known: Iterable[Replacement] = (),
    ) -> None:
        self._finder = Finder(
            identity, public_phones=public_phones, public_emails=public_emails, protected=protected
        )
        self._numbers: dict[tuple[str, str], int] = {}
        self._learned: set[str] = set()
        self._done: dict[str, MaskedText] = {}
        self._last: dict[str, int] = dict.fromkeys(KINDS, 0)
        for replacement in known:
            self._remember(replacement, identity)

    def mask(self, text: str) -> MaskedText:
        """The text as everyone may work with it; what was replaced comes back apart and belongs into the vault."""
        return self.mask_all(text)[0]

    def mask_all(self, *texts: str) -> tuple[MaskedText, ...]:
        """Several texts at once: a name introduced in one of them is masked in all, the title before the signature too."""
        self.learn(*texts)
        return tuple(self._masked(text) for text in texts)

    def learn(self, *texts: str) -> None:
        """Looks for the names these texts introduce in all that is masked from now on."""
        for text in texts:
            if text not in self._learned:
                self._learned.add(text)
                self._finder.learn_names(text)
                self._done.clear()  # a text masked before may hold a name that is known now

    def _masked(self, text: str) -> MaskedText:
        found = self._done.get(text)
        if found is None:
            found = self._done[text] = self._work_out(text)
        return found

    def _work_out(self, text: str) -> MaskedText:
        parts: list[str] = []
        replaced: list[Replacement] = []
        done = 0
        for span in self._finder.find(text):
            if span.kept:
                continue
            replacement = Replacement(
                span.kind, self._number(span.kind, span.key), text[span.start : span.end]
            )
            parts += (text[done : span.start], replacement.placeholder)
            done = span.end
            replaced.append(replacement)
        return MaskedText("".join((*parts, text[done:])), tuple(dict.fromkeys(replaced)))

    def _number(self, kind: str, key: str) -> int:
        if (kind, key) not in self._numbers:
            self._last[kind] += 1
            self._numbers[kind, key] = self._last[kind]
        return self._numbers[kind, key]

    def _remember(self, replacement: Replacement, identity: Identity) -> None:
        self._last[replacement.kind] = max(self._last.get(replacement.kind, 0), replacement.number)
        self._numbers.setdefault((replacement.kind, _key_of(replacement, identity)), replacement.number)


def mask(text: str, identity: Identity, *, public_phones: frozenset[str] = frozenset()) -> MaskedText:
    """One text alone; the texts of one ticket want one Masker."""
    return Masker(identity, public_phones).mask(text)


def _key_of(replacement: Replacement, identity: Identity) -> str:
    if replacement.kind == PHONE:
        return _phone_key(replacement.original)
    if replacement.kind == MAIL:
        return _mail_key(replacement.original)
    if replacement.kind == NAME:
        for name in identity.names:
            regex = names.recurrences(name)
            if regex is not None and regex.search(fold(replacement.original)):
                return name
        return replacement.original
    return fold(replacement.original).upper()


def _phone_key(words: str) -> str:
    return normalise_phone(words) or re.sub(r"\D", "", figures(words)) or words


def _mail_key(words: str) -> str:
    return re.sub(r"\s", "", fold(words)).lower()


def _known_things(identity: Identity) -> Iterator[_Known]:
    """What the case knows already is found in spellings no pattern would dare: split by any sign, or without its area code."""
    for phone in identity.phones:
        number = normalise_phone(phone)
        if number is not None:
            for digits in dict.fromkeys((number, number[-8:] if number.startswith("0") else number)):
                spelt = _GAP_IN_KNOWN_NUMBER.join(map(spellings_of, digits))
                yield _Known(PHONE, number, rf"(?<!\d){spelt}(?!\d)")
    for address in identity.emails:
        folded = fold(address).strip()
        local = folded.partition("@")[0]
        # The address itself before its first half: a nickname is often the same word.
        yield _Known(MAIL, _mail_key(address), re.escape(folded), names.small(folded), re.IGNORECASE)
        if len(local) >= _LOCAL_PART_TELLS_FROM and not local.isdigit():
            yield _Known(
                MAIL,
                _mail_key(address),
                rf"(?<![A-Za-z0-9]){re.escape(local)}(?![A-Za-z0-9@])",
                names.small(local),
                re.IGNORECASE,
            )
    for kind, things in ((ADDRESS, identity.addresses), (OTHER, identity.others)):
        for thing in things:
            folded = re.sub(r"\s+", "", fold(thing))
            if len(folded) >= 2:
                yield _Known(kind, folded.upper(), r"\s?".join(map(re.escape, folded)), flags=re.IGNORECASE)
