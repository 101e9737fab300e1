"""A real Dovecot behind the gate that, like 163.com, opens no folder before ID, and an office that reads from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.db import db
from mail_ingest.reading_child import reader
from tests.mail_ingest.post import CHUYOUJIAO, CODE, CODES, ZHONGJIAO, Box, office_text
from tests.support.app import make_app
from tests.support.dovecot import Dovecot
from tests.support.id_gate import IdGate

MakeOffice = Callable[..., Flask]


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot.start({ZHONGJIAO: CODE, CHUYOUJIAO: CODE}) as server:
        yield server


@pytest.fixture
def gate(dovecot: Dovecot) -> Iterator[IdGate]:
    with IdGate(dovecot.port, tls=dovecot.certificate.server_context()) as gate:
        yield gate
        gate.check_order()
        gate.check_nothing_changed()


@pytest.fixture
def make_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeOffice]:
    """Makes an application with these mailboxes; the reader child ends with the test."""
    made: list[Flask] = []

    def make(*boxes: Box, deadline: int = 60, work: str = "[]", **codes: str) -> Flask:
        environ: dict[str, Any] = {**CODES, **codes}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        folder = tmp_path / f"office{len(made)}"
        folder.mkdir()
        app = make_app(folder, office=office_text(*boxes, deadline=deadline, work=work), **environ)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            reader().close()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def office(make_office: MakeOffice, dovecot: Dovecot, gate: IdGate) -> Flask:
    """The bureau with both mailboxes on the Dovecot, behind the gate, over TLS."""
    authority = str(dovecot.certificate.certificate)
    return make_office(
        Box(ZHONGJIAO, "zhongjiao", gate.port, authority),
        Box(CHUYOUJIAO, "chuyoujiao", gate.port, authority),
    )
