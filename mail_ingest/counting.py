"""What became of the mails of one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Tell = Callable[[str], object]  # hears, in a sentence, how far a long run is


def silent(_words: str) -> None:
    """For a run that nobody watches."""


@dataclass
class Counts:
    """What became of the mails of one run, as `mail poll` and `mail import` report it."""

    fetched: int = 0
    tickets: int = 0
    linked: int = 0
    machine: int = 0
    quarantined: int = 0
    duplicates: int = 0
    errors: int = 0
    numbers: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        for name in ("fetched", "tickets", "linked", "machine", "quarantined", "duplicates", "errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.numbers += other.numbers

    def as_json(self) -> dict[str, int]:
        return {
            "fetched": self.fetched,
            "tickets": self.tickets,
            "linked": self.linked,
            "machine": self.machine,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
            "errors": self.errors,
        }
