"""The table of pages: who may ask for each endpoint at all. What is not in it, nobody may.

A page may refuse more after it has looked at the thing asked for (another section's ticket is 404); it never allows more
than this table. An app with an endpoint that is missing here does not start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, current_app

from accounts.actor import Actor
from accounts.vocabulary import Role


@dataclass(frozen=True)
class Access:
    """Who may ask: everybody, everybody signed in, or the holders of one of some roles."""

    public: bool = False
    roles: frozenset[Role] = frozenset()

    def permits(self, actor: Actor | None) -> bool:
        return self.public or (actor is not None and actor.has(*self.roles))


PUBLIC = Access(public=True)
SIGNED_IN = Access(roles=frozenset(Role))


def roles(*allowed: Role) -> Access:
    """Access for the holders of one of these roles."""
    return Access(roles=frozenset(allowed))


def allow(app: Flask, access: Access, endpoints: Iterable[str]) -> None:
    """Enters endpoints into the table; each exactly once."""
    table = access_table(app)
    for endpoint in endpoints:
        if endpoint in table:
            raise RuntimeError(f"{endpoint} is in the access table twice")
        table[endpoint] = access


def access_table(app: Flask | None = None) -> dict[str, Access]:
    """The whole table, endpoint by endpoint."""
    table: dict[str, Access] = (app or current_app).extensions.setdefault("access", {})
    return table


def check_complete(app: Flask) -> None:
    """Refuses an app with an endpoint that nobody thought about; RuntimeError names it."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    missing = endpoints - set(access_table(app))
    if missing:
        raise RuntimeError(f"not in the access table: {', '.join(sorted(missing))}")
