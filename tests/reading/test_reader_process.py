"""The reader child: it reads, it is killed at its limits, and the next mail gets a fresh one."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mail_ingest.reader_process import Reader, ReaderFailed
from mail_ingest.reading import read_mail
from tests.reading.samples import file_part, mail, multipart, text_part


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def _with_photo() -> bytes:
    return mail(
        *multipart(text_part("见照片"), file_part(b"\xff\xd8\xff\x00\n\x04", 'attachment; filename="a.jpg"'))
    )


def test_the_child_reads_what_the_parent_would_read(reader: Reader) -> None:
    for raw in (mail(), _with_photo(), b"", b"\x00\xff" * 100):
        assert reader.read(raw) == read_mail(raw)


def test_a_child_serves_so_many_mails_and_is_replaced() -> None:
    reader = Reader(mails_per_child=2)
    try:
        seen = []
        for _ in range(4):
            reader.read(mail())
            seen.append(reader.child_pid)
        assert seen[1] is None
        assert seen[3] is None
        assert seen[0] != seen[2]
    finally:
        reader.close()


def _child(tmp_path: Path, body: str) -> tuple[str, ...]:
    program = tmp_path / "child.py"
    program.write_text(body, encoding="utf-8")
    return (sys.executable, str(program))


def test_a_child_that_hangs_is_killed_at_the_limit(tmp_path: Path) -> None:
    reader = Reader(wall_seconds=0.3, command=_child(tmp_path, "import time; time.sleep(60)"))
    with pytest.raises(ReaderFailed, match=r"超过 0\.3 秒"):
        reader.read(mail())
    reader.close()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("import os; os.abort()", id="dies"),
        pytest.param("pass", id="leaves"),
        pytest.param(
            "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\xff' * 8)", id="announces 4 GB"
        ),
        pytest.param(
            "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\0\\0\\0\\2{}')",
            id="says nothing",
        ),
        pytest.param(
            "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\0\\0\\0\\2[')", id="breaks off"
        ),
    ],
)
def test_a_child_that_breaks_down_fails_only_this_mail(tmp_path: Path, body: str) -> None:
    reader = Reader(command=_child(tmp_path, body))
    for _ in range(2):
        with pytest.raises(ReaderFailed):
            reader.read(mail())
        assert reader.child_pid is None
    reader.close()


def test_a_child_killed_between_two_mails_does_not_cost_the_next_one(reader: Reader) -> None:
    reader.read(mail())
    for _ in range(5):
        assert reader.child_pid is not None
        os.kill(reader.child_pid, 9)
        assert reader.read(mail()).text == "食堂有虫。"


@pytest.mark.skipif(sys.platform == "win32", reason="limits by resource exist on POSIX only")
def test_a_mail_that_eats_time_is_cut_off_by_the_childs_own_limit(tmp_path: Path) -> None:
    body = (
        "from mail_ingest import reader\n"
        "def forever(raw):\n    while True: pass\n"
        "reader.read_mail = forever; reader.CPU_SECONDS = 1; reader.main()\n"
    )
    reader = Reader(command=_child(tmp_path, body))
    with pytest.raises(ReaderFailed, match="意外结束"):
        reader.read(mail())
    reader.close()


def test_the_child_knows_nothing_of_the_parents_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    told = tmp_path / "environment.txt"
    body = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(repr(dict(os.environ)), encoding='utf-8')"
    reader = Reader(command=_child(tmp_path, body))
    with pytest.raises(ReaderFailed):
        reader.read(mail())
    reader.close()

    assert "do-not-tell" not in told.read_text(encoding="utf-8")


def test_the_child_loads_neither_web_nor_database() -> None:
    import subprocess

    program = "import sys, mail_ingest.reader; print(sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"flask", "sqlalchemy", "cryptography", "imapclient"} & set(eval(run.stdout))  # noqa: S307 - our own output


@pytest.mark.skipif(sys.platform == "win32", reason="limits by resource exist on POSIX only")
def test_a_mail_that_eats_memory_does_not_take_the_machine_with_it(reader: Reader) -> None:
    enormous = mail(b"A" * (400 * 1024 * 1024))
    with contextlib.suppress(ReaderFailed):
        reader.read(enormous)

    assert reader.read(mail()).text == "食堂有虫。"


def test_threads_take_turns(reader: Reader) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        texts = [reader.read(mail(f"第{number}封")).text for _ in range(20)]
        wrong.extend(text for text in texts if text != f"第{number}封")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
