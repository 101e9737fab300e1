"""Real processes of an installation, to be stopped and killed; run as `python -m tests.operations.processes ROLE`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 3


@contextmanager
def process(role: str, environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of a role, killed at the end if it still runs."""
    with log.open("ab") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.operations.processes", role],
            cwd=PROJECT,
            env={**os.environ, **environ},
            stdout=said,
            stderr=said,
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()


def stopped_within(child: subprocess.Popen[bytes], seconds: float) -> float:
    """Asks the process to end; how long it took. Fails if it takes longer."""
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    assert child.wait(seconds) == 0
    return time.monotonic() - began


def until(what: Callable[[], bool], seconds: float = 20) -> float:
    """Waits for something to be so; how long it took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began


def main(role: str) -> None:
    """A worker or a web server with two jobs and a page of its own: one counts in a file, one never ends."""
    from app import create_app
    from config.settings import Settings
    from core.registry import Job, registry
    from operations.logs import log_to_stderr
    from operations.serve import run
    from operations.worker import work

    log_to_stderr()
    settings = Settings.from_environment(os.environ)
    app = create_app(settings)
    jobs = registry(app).jobs
    jobs.clear()
    marks = Path(os.environ["TEST_MARKS"])

    def count() -> None:
        with marks.open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")

    def hang() -> None:
        count()
        time.sleep(600)

    if "hangs" in role:
        jobs.append(Job(name="test.hang", run=hang, seconds=lambda: 1))
    else:
        jobs.append(Job(name="test.count", run=count, seconds=lambda: 1))
    if role.startswith("worker"):
        work(app, lease_seconds=int(os.environ.get("TEST_LEASE", LEASE_SECONDS)))
        return

    def slow() -> str:
        count()
        time.sleep(2)
        return "the whole answer"

    from accounts.access import PUBLIC, allow

    app.add_url_rule("/slow", "slow", slow)
    allow(app, PUBLIC, ["slow"])
    run(app, host=settings.listen_host, port=settings.listen_port, base_url=settings.base_url)


if __name__ == "__main__":
    main(sys.argv[1])
