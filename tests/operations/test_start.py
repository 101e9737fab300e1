"""`python app.py` as an office starts it: what keeps it from starting is one sentence, never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def start(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=PROJECT,
        env={**os.environ, "HOTLINE_DATA_DIR": str(folder / "data"), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(result: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_said_in_a_sentence(tmp_path: Path) -> None:
    refused(start(tmp_path, HOTLINE_LISTEN="anywhere"), "HOTLINE_LISTEN")


def test_a_port_that_another_program_has_is_said_in_a_sentence(tmp_path: Path, taken_port: int) -> None:
    refused(start(tmp_path, HOTLINE_LISTEN=f"127.0.0.1:{taken_port}"), f"端口 {taken_port} 已被占用")


def test_a_database_that_does_not_answer_is_said_without_its_address(tmp_path: Path) -> None:
    result = start(tmp_path, DATABASE_URL="postgresql://somebody:geheim@127.0.0.1:1/hotline")
    refused(result, "数据库打不开")
    assert "geheim" not in result.stdout + result.stderr
    assert "somebody" not in result.stdout + result.stderr
