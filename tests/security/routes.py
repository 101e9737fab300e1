"""Every address of the application, filled with what the small office of the access tests has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.access.world import PASSWORD, PEOPLE, made_once

LEAVING = "accounts.logout"
SAFE = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Route:
    """One rule with one of its methods, and an address that leads to something that is there."""

    endpoint: str
    method: str
    address: str
    path: str


def routes(app: Flask, thing: str = "own") -> Iterator[Route]:
    """Everything that can be asked for, but the way out: asked first, it would end every other question."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        address = adapter.build(rule.endpoint, parts_of(rule, thing), append_unknown=False)
        for method in sorted((rule.methods or set()) - SAFE):
            if rule.endpoint != LEAVING:
                yield Route(rule.endpoint, method, address, rule.rule)


def parts_of(rule: Rule, thing: str = "own") -> dict[str, object]:
    """What stands in a rule's places; what the small office does not have is number one of its kind."""
    known = made_once().things[thing]
    if rule.endpoint == "bootstrap.static":
        return {"filename": "css/bootstrap.min.css"}
    return {name: known.get(name, 1) for name in rule.arguments}


def signed_in(app: Flask, username: str) -> FlaskClient:
    """A client that is this person of the small office."""
    client = app.test_client()
    answer = client.post("/login", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 303, username
    return client


def everybody(app: Flask) -> dict[str, FlaskClient]:
    """One client for each person of the small office."""
    return {name: signed_in(app, name) for name in PEOPLE}
