"""A mail server with TLS and accounts, and an office that sends through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.outbox.desk import Desk, an_office, office_text
from tests.outbox.mail_server import MailServer
from tests.support.certificates import Certificate, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def running_server(certificate: Certificate) -> Iterator[MailServer]:
    with MailServer(certificate) as server:
        yield server


@pytest.fixture
def server(running_server: MailServer) -> MailServer:
    """The module's server, with nothing received and nothing refused."""
    running_server.forget()
    return running_server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Iterator[Callable[..., Desk]]:
    """Makes an office that sends through the server; `outbox` are the lines of its [outbox]."""
    made: list[Desk] = []

    def make(*, outbox: str = "seconds_between = 0", extra: str = "", **more: object) -> Desk:
        text = office_text(server.port, server.certificate.certificate, outbox=outbox, extra=extra)
        desk = Desk(an_office(tmp_path / f"office-{len(made)}", text, **more))  # type: ignore[arg-type]  # passed on as they are
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(office: Callable[..., Desk]) -> Desk:
    return office()
