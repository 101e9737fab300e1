"""`make demo`, whole: from nothing to a page on which mails become tickets, and not over another that is running."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from demo.people import PASSWORD
from tests.operations.processes import PROJECT, stopped_within, until

pytestmark = pytest.mark.slow

JOINT_LETTER = "八位家长<mark>联名</mark>反映"
FOUND = "/tickets?" + urlencode({"q": "联名"})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def demonstration(port: int, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as said:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "demo",
                "--port",
                str(port),
                "--folder",
                str(folder),
                "--over-seconds",
                "1",
            ],
            cwd=PROJECT,
            stdout=said,
            stderr=subprocess.STDOUT,
        )


class Visitor:
    """Somebody with a browser that keeps cookies."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def page(self, path: str, **typed: str) -> str:
        data = urlencode(typed).encode() if typed else None
        with self._opener.open(self.address + path, data, timeout=30) as answer:
            return bytes(answer.read()).decode()

    def answers(self) -> bool:
        try:
            return "登录" in self.page("/login")
        except OSError:
            return False

    def sign_in(self, username: str) -> None:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page("/login"))
        assert token
        self.page("/login", username=username, password=PASSWORD, csrf_token=token[1])


def test_a_newcomer_watches_mails_become_tickets(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "said.txt"
    visitor = Visitor(port)
    shown = demonstration(port, tmp_path / "demo", log)
    try:
        until(visitor.answers, 60)
        visitor.sign_in("zhengguo")
        until(lambda: JOINT_LETTER in visitor.page(FOUND), 60)

        second = subprocess.run(
            [sys.executable, "-m", "demo", "--port", str(port), "--folder", str(tmp_path / "demo")],
            cwd=PROJECT,
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 1
        assert f"端口 {port} 已被占用" in second.stderr.decode()
        assert JOINT_LETTER in visitor.page(FOUND)  # the one that runs keeps its folder

        assert stopped_within(shown, 20) < 20
    finally:
        if shown.poll() is None:
            shown.send_signal(signal.SIGKILL)
            shown.wait()
    said = log.read_text(encoding="utf-8")
    assert PASSWORD in said
    assert "Traceback" not in said
