"""Who acts: a snapshot of an account, never the row itself, so that it outlives the transaction it was read in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.vocabulary import Role

if TYPE_CHECKING:
    from accounts.models import Account


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, or the system itself (id None), with the rights held at the start of the request."""

    id: int | None
    username: str
    display_name: str
    roles: frozenset[Role] = frozenset()
    section_ids: frozenset[int] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]


SYSTEM = Actor(id=None, username="system", display_name="系统")


def actor_of(account: Account) -> Actor:
    """The snapshot of an account with its roles and sections."""
    return Actor(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        roles=frozenset(row.role for row in account.roles),
        section_ids=frozenset(section.id for section in account.sections),
    )
