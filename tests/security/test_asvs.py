"""docs/asvs.md names every requirement of level 1 and only tests that exist; and what no other test proves of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flask import Flask

from tests.security.routes import everybody, routes

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "config", "accounts", "outbox", "tickets", "mail_ingest", "reports", "operations")
LEVEL_1 = frozenset(
    [
        "1.2.1",
        "1.2.2",
        "1.2.3",
        "1.2.4",
        "1.2.5",
        "1.3.1",
        "1.3.2",
        "1.5.1",
        "2.1.1",
        "2.2.1",
        "2.2.2",
        "2.3.1",
        "3.2.1",
        "3.2.2",
        "3.3.1",
        "3.4.1",
        "3.4.2",
        "3.5.1",
        "3.5.2",
        "3.5.3",
        "4.1.1",
        "4.4.1",
        "5.2.1",
        "5.2.2",
        "5.3.1",
        "5.3.2",
        "6.1.1",
        "6.2.1",
        "6.2.2",
        "6.2.3",
        "6.2.4",
        "6.2.5",
        "6.2.6",
        "6.2.7",
        "6.2.8",
        "6.3.1",
        "6.3.2",
        "6.4.1",
        "6.4.2",
        "7.2.1",
        "7.2.2",
        "7.2.3",
        "7.2.4",
        "7.4.1",
        "7.4.2",
        "8.1.1",
        "8.2.1",
        "8.2.2",
        "8.3.1",
        "9.1.1",
        "9.1.2",
        "9.1.3",
        "9.2.1",
        "10.4.1",
        "10.4.2",
        "10.4.3",
        "10.4.4",
        "10.4.5",
        "11.3.1",
        "11.3.2",
        "11.4.1",
        "12.1.1",
        "12.2.1",
        "12.2.2",
        "13.4.1",
        "14.2.1",
        "14.3.1",
        "15.1.1",
        "15.2.1",
        "15.3.1",
    ]
)
# Made of names of the program's own; what was typed is bound.
MAKES_QUESTIONS = frozenset({"tickets/search/index.py", "operations/overview.py"})
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(heading: str) -> dict[str, str]:
    """The lines of one of the two tables, by number."""
    text = (PROJECT / "docs" / "asvs.md").read_text(encoding="utf-8")
    part = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {number: proof for number, _, proof in _ROW.findall(part)}


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_of_level_one_has_its_line() -> None:
    assert len(LEVEL_1) == 70
    assert rows("Level 1").keys() == LEVEL_1


def test_every_line_names_a_test_or_a_reason_and_every_test_exists() -> None:
    everything = {**rows("Level 1"), **rows("Level 2 that changed code")}
    for number, proof in everything.items():
        named = _TEST.findall(proof)
        assert named or proof.startswith("Reason: "), number
        for path, name in named:
            assert name in functions_of(path), f"{number}: {path}::{name}"


def test_every_known_failure_of_such_systems_has_a_test_that_exists() -> None:
    text = (PROJECT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    part = text.partition("## Known failures of such systems\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ") and "`tests/" in line]
    assert len(lines) >= 12
    for path, name in _TEST.findall(part):
        assert name in functions_of(path), f"{path}::{name}"
    assert all(_TEST.search(line) for line in lines)


# What no other test proves


def code() -> Iterator[tuple[str, ast.AST]]:
    """Every node of the program itself."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield path.relative_to(PROJECT).as_posix(), node


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_no_code_runs_a_text_as_program_or_question() -> None:
    wrong = []
    for path, node in code():
        if not isinstance(node, ast.Call):
            continue
        name = called(node)
        shell = any(each.arg == "shell" for each in node.keywords)
        if name in {"eval", "exec", "compile", "os.system", "os.popen", "pickle.loads", "yaml.load"} or shell:
            wrong.append(f"{path}:{node.lineno} {name}")
        made_up = bool(node.args) and isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))
        if name in {"sa.text", "text"} and made_up and path not in MAKES_QUESTIONS:
            wrong.append(f"{path}:{node.lineno} {name}")
    assert wrong == []


def test_no_code_reads_foreign_xml() -> None:
    """What opens spreadsheets and documents is for our own files; nothing here parses XML by itself."""
    parsers = ("xml.", "lxml", "defusedxml")
    found = [
        path
        for path, node in code()
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if name.startswith(parsers) and not name.startswith(("xml.sax.saxutils", "lxml.etree"))
    ]
    assert found == []


def test_only_known_ciphers_and_hashes_are_used() -> None:
    weak = {"md5", "sha1", "DES", "TripleDES", "ARC4", "Blowfish", "ECB", "PKCS1v15"}
    found = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, node in code()
        if (isinstance(node, ast.Attribute) and node.attr in weak)
        or (isinstance(node, ast.ImportFrom) and weak & {each.name for each in node.names})
    ]
    assert found == []


def test_every_text_names_its_charset(app: Flask) -> None:
    clients = {"nobody": app.test_client(), **everybody(app)}
    wrong = []
    for name, client in clients.items():
        for route in routes(app):
            answer = client.open(route.address, method=route.method, buffered=True)
            kind = answer.headers.get("Content-Type", "")
            if answer.data and (
                not kind or (kind.startswith("text/html") and "charset=utf-8" not in kind.lower())
            ):
                wrong.append(f"{name} {route.method} {route.address}: {kind!r}")
    assert wrong == []


def test_a_password_is_masked_and_may_be_pasted(app: Flask) -> None:
    page = app.test_client().get("/login").text
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)
    assert field
    assert 'type="password"' in field[0]
    assert 'autocomplete="current-password"' in field[0]
    scripts = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "static").rglob("*.js"))
    assert "paste" not in scripts


def test_nothing_but_static_files_is_served_from_the_disk(app: Flask) -> None:
    client = app.test_client()
    for path in (
        "/.git/HEAD",
        "/.git/config",
        "/app.py",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fpyproject.toml",
        "/static/../../etc/passwd",
        "/var/hotline.sqlite3",
        "/keys.json",
    ):
        answer = client.get(path)
        assert answer.status_code in {303, 404}, path
        assert b"[core]" not in answer.data
        assert b"create_app" not in answer.data
