"""Real processes: they end when asked, finish what people wait for, and take over from one that was killed."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.processes import LEASE_SECONDS, process, stopped_within, until
from tests.operations.support import installation_on

pytestmark = pytest.mark.slow


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    with installation_on("sqlite", tmp_path / "data"):
        yield _environ(tmp_path, "")


@pytest.fixture
def on_postgresql(tmp_path: Path) -> Iterator[dict[str, str]]:
    with installation_on("postgresql", tmp_path / "data") as app:
        yield _environ(tmp_path, app.extensions["settings"].database_url)


def _environ(folder: Path, url: str) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "HOTLINE_DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "a secret key for tests only 0123456789",
        "HOTLINE_LISTEN": f"127.0.0.1:{port}",
        "TEST_MARKS": str(folder / "marks"),
        "DATABASE_URL": url,
    }


def marks(environ: dict[str, str]) -> list[int]:
    path = Path(environ["TEST_MARKS"])
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_a_worker_ends_soon_after_it_is_asked(environ: dict[str, str], tmp_path: Path) -> None:
    with process("worker", environ, tmp_path / "log") as worker:
        until(lambda: bool(marks(environ)))
        assert stopped_within(worker, 10) < 5


def test_a_worker_ends_within_ten_seconds_even_if_a_job_does_not(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with process("worker hangs", environ, tmp_path / "log") as worker:
        until(lambda: bool(marks(environ)))
        stopped_within(worker, 10)
    assert "did not end in time" in (tmp_path / "log").read_text()


def test_the_web_server_finishes_a_running_request_before_it_ends(
    environ: dict[str, str], tmp_path: Path
) -> None:
    answers: list[str] = []

    def ask() -> None:
        with urllib.request.urlopen(f"http://{environ['HOTLINE_LISTEN']}/slow", timeout=20) as answer:
            answers.append(answer.read().decode())

    with process("web", environ, tmp_path / "log") as web:
        until(lambda: "系统已启动" in (tmp_path / "log").read_text())
        asking = threading.Thread(target=ask)
        before = len(marks(environ))
        asking.start()
        until(lambda: len(marks(environ)) > before)
        took = stopped_within(web, 15)
        asking.join()
    assert answers == ["the whole answer"]
    assert took < 10


@pytest.mark.engine
def test_two_workers_share_the_leases_and_one_goes_on_when_the_other_is_killed(
    on_postgresql: dict[str, str], tmp_path: Path
) -> None:
    with (
        process("worker", on_postgresql, tmp_path / "log") as one,
        process("worker", on_postgresql, tmp_path / "log") as other,
    ):
        until(lambda: len(marks(on_postgresql)) >= 4)
        time.sleep(2)
        at_work = marks(on_postgresql)[-1]
        assert set(marks(on_postgresql)[2:]) == {at_work}, "only the holder of the lease works"
        assert at_work in {one.pid, other.pid}
        killed, survivor = (one, other) if at_work == one.pid else (other, one)
        killed.kill()
        killed.wait()
        took = until(lambda: marks(on_postgresql)[-1] == survivor.pid)

        assert took <= LEASE_SECONDS + 2
        assert stopped_within(survivor, 10) < 5


@pytest.mark.engine
def test_a_stopped_worker_gives_its_leases_back_at_once(
    on_postgresql: dict[str, str], tmp_path: Path
) -> None:
    with (
        process("worker", on_postgresql, tmp_path / "log") as one,
        process("worker", on_postgresql, tmp_path / "log") as other,
    ):
        until(lambda: len(marks(on_postgresql)) >= 2)
        at_work = marks(on_postgresql)[-1]
        first, second = (one, other) if at_work == one.pid else (other, one)
        stopped_within(first, 10)
        assert until(lambda: marks(on_postgresql)[-1] == second.pid) < LEASE_SECONDS
