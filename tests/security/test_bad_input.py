"""Whatever is sent, the answer is never "the system broke": every form of every page, every address, every parameter."""

from __future__ import annotations

import io
import logging
import os
import random
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_from_bytes, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from tests.access.world import PEOPLE
from tests.security.forms import Form, forms_of
from tests.security.routes import LEAVING, everybody, parts_of, routes, signed_in

# As bytes, because a lone surrogate and half a character can only be sent so.
BAD: tuple[bytes, ...] = (
    b"",
    b" ",
    b"\x00",
    b"a\x00b",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"\xe8",
    b"%00",
    b"\r\nX-Evil: 1",
    b"-1",
    b"0",
    b"+1",
    b"1e309",
    b"NaN",
    b"Infinity",
    b"0x10",
    b"1_000",
    "²".encode(),
    "٣".encode(),
    "９".encode(),
    b"9223372036854775807",
    b"9223372036854775808",
    b"9" * 5000,
    b"0001-01-01",
    b"9999-12-31",
    b"9999-12-31T23:59",
    b"0001-01-01T00:00",
    b"2026-02-30",
    b"2026-11-23T99:99",
    b"10000-01-01",
    b"2026-11-23",
    b"true",
    b"null",
    b"[]",
    b"{}",
    b"__class__",
    b"<script>alert(1)</script>",
    b"{{7*7}}${7*7}%s%n{0}",
    b"' OR 1=1 --",
    b'"',
    b'" OR NEAR( * ^ : - AND',
    b"\\",
    b"%_%",
    b"../../../../etc/passwd",
    "\u202eabc\u2066".encode(),
    ("e" + "\u0301" * 5000).encode(),
    "👨‍👩‍👧‍👦".encode(),
    "一".encode(),
    "诉".encode() * 350_000,
)
SMALL = tuple(value for value in BAD if len(value) < 10_000)
NUMBERS = tuple(value for value in SMALL if value.isdigit() or value[:1] in b"+-")
URLENCODED = "application/x-www-form-urlencoded"
EVERYTHING = os.environ.get("HOTLINE_TEST_EVERYTHING") == "1"


@pytest.fixture
def quiet(app: Flask) -> Flask:
    """An application that answers with its error page, as it does at work."""
    app.testing = False
    return app


def some(values: Sequence[bytes], count: int) -> Sequence[bytes]:
    """All of them on demand, else the same few each time."""
    return values if EVERYTHING else random.Random(20261123).sample(values, min(count, len(values)))


def body(fields: dict[str, str], name: str, value: bytes) -> bytes:
    """The form as it goes over the wire, with one field replaced."""
    sent = [f"{quote(each)}={quote(text)}".encode() for each, text in fields.items() if each != name]
    return b"&".join([*sent, quote(name).encode() + b"=" + quote_from_bytes(value).encode()])


def pages_with_forms(app: Flask, client: FlaskClient) -> Iterator[tuple[str, Form]]:
    seen = set()
    for route in routes(app):
        if route.method != "GET":
            continue
        answer = client.get(route.address, buffered=True)
        if answer.mimetype != "text/html":
            continue
        for form in forms_of(answer.text):
            form.action = urlsplit(form.action).path or route.address
            key = (form.action, form.method, tuple(sorted(form.fields)), form.fields.get("action", ""))
            if form.action != "/logout" and key not in seen:
                seen.add(key)
                yield route.address, form


def broken_by(client: FlaskClient, form: Form, name: str, value: bytes) -> str:
    data = body(form.untouched(), name, value)
    if form.method == "GET":
        answer = client.get(f"{form.action}?{data.decode()}", buffered=True) if len(data) < 60_000 else None
    else:
        answer = client.post(form.action, data=data, content_type=URLENCODED, buffered=True)
    if answer is None or answer.status_code < 500:
        return ""
    return f"{form.method} {form.action} {name}={value[:40]!r}"


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_no_field_of_any_form_breaks_the_system(
    quiet: Flask, person: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    client = signed_in(quiet, person)
    tries = [
        (form, name, value)
        for _, form in list(pages_with_forms(quiet, client))
        for name in form.fields
        for value in BAD
    ]
    assert len(tries) > 200
    chosen = tries if EVERYTHING else random.Random(20261123).sample(tries, min(120, len(tries)))
    broken = []
    for form, name, value in chosen:
        found = broken_by(client, form, name, value)
        if found:
            broken.append(found)
        if client.get("/account").status_code != 200:
            client = signed_in(quiet, person)
    assert broken == []


def places(rule: Rule) -> Iterator[dict[str, object]]:
    """The rule's places filled in wrongly, one after the other."""
    right = parts_of(rule)
    for name in rule.arguments:
        numbered = isinstance(right[name], int)
        for value in NUMBERS if numbered else some(SMALL, 10):
            if value.strip(b"./") and b"/" not in value:
                yield {**right, name: value}


def test_no_address_breaks_the_system(quiet: Flask) -> None:
    clients = {name: signed_in(quiet, name) for name in ("head", "admin")}
    broken = []
    for rule in quiet.url_map.iter_rules():
        for parts in places(rule):
            path = rule.rule
            for name, value in parts.items():
                as_bytes = value if isinstance(value, bytes) else str(value).encode()
                for written in (f"<{name}>", f"<int:{name}>", f"<path:{name}>"):
                    path = path.replace(written, quote_from_bytes(as_bytes, safe=""))
            for name, client in clients.items():
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    if rule.endpoint != LEAVING:
                        status = client.open(path[:20_000], method=method, buffered=True).status_code
                        if status >= 500:
                            broken.append(f"{name} {method} {path[:120]}: {status}")
    assert broken == []


PARAMETERS = [
    "q",
    "view",
    "status",
    "section",
    "category",
    "school",
    "after",
    "before",
    "page",
    "next",
    "number",
    "action",
    "verb",
    "version",
    "reason",
    "message",
    "all",
    "kind",
    "period",
    "year",
    "month",
    "day",
    "from",
    "to",
    "act",
    "about",
    "by",
    "tickets",
    "v",
    "id",
    "way",
    "ways",
    "files",
    "since",
    "look",
    "answer_now",
    "occurred_at",
]


def test_no_parameter_breaks_a_page(quiet: Flask) -> None:
    broken = []
    clients = everybody(quiet)
    for route in routes(quiet):
        if route.method != "GET":
            continue
        for value in some(SMALL, 12):
            query = "&".join(f"{name}={quote_from_bytes(value)}" for name in PARAMETERS)
            for person in ("head", "supervisor"):
                if person != "head" and route.path.startswith(("/static", "/bootstrap")):
                    continue
                status = clients[person].get(f"{route.address}?{query}", buffered=True).status_code
                if status >= 500:
                    broken.append(f"{person} {route.address} {value[:40]!r}: {status}")
    assert broken == []


BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"matter": "\\ud800", "version": 1e400, "action": ["accept"]}'),
    ("application/json", b"[" * 100_000),
    ("application/json", b"{"),
    ("text/plain", b"\x00\xff"),
    ("", b"matter=x"),
    ("multipart/form-data", b"--"),
    ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=\r\n\r\nx\r\n--b"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="\xff"; filename="\x00"\r\n\r\nx\r\n--b--'),
    ("multipart/form-data; boundary=" + "b" * 5000, b"x" * 10_000),
    (URLENCODED, b"&".join(b"f%d=x" % n for n in range(20_000))),
    (URLENCODED, b"matter=" + b"x" * (5 * 1024 * 1024)),
    (URLENCODED, b"=&=&&=%%%=;;"),
    (URLENCODED + "; charset=utf-16", b"matter=\xff\xfe"),
    (URLENCODED + "; charset=no-such", b"matter=x"),
)  # fmt: skip


def test_no_body_breaks_a_page(quiet: Flask) -> None:
    broken = []
    clients = everybody(quiet)
    for route in routes(quiet):
        if route.method != "POST":
            continue
        for kind, content in BODIES:
            for person in ("head", "admin", "supervisor"):
                answer = clients[person].post(
                    route.address, data=content, content_type=kind or None, buffered=True
                )
                if answer.status_code >= 500:
                    broken.append(
                        f"{person} {route.address} {kind[:40]} {content[:30]!r}: {answer.status_code}"
                    )
    assert broken == []


def test_text_where_a_file_is_meant_and_a_file_where_text_is_meant(quiet: Flask) -> None:
    broken = []
    for person in ("head", "assigned", "leader", "admin", "clerk"):
        client = signed_in(quiet, person)
        for _, form in list(pages_with_forms(quiet, client)):
            if form.method != "POST":
                continue
            as_files: MultiDict[str, object] = MultiDict()
            for name, (kind, value) in form.fields.items():
                if kind == "file":
                    as_files[name] = "text"
                else:
                    as_files[name] = (
                        io.BytesIO(value.encode() + b"\xff\x00"),
                        "a\u202e/../\x00名.png",
                        "text/html",
                    )
            status = client.post(form.action, data=as_files, buffered=True).status_code
            if status >= 500:
                broken.append(f"{person} {form.action}: {status}")
            if client.get("/account").status_code != 200:
                client = signed_in(quiet, person)
    assert broken == []


def test_a_request_that_is_too_large_is_refused_before_it_is_read(quiet: Flask) -> None:
    client = signed_in(quiet, "clerk")
    for content_type in (URLENCODED, "multipart/form-data; boundary=b"):
        answer = client.post(
            "/tickets/new",
            data=b"matter=" + b"x" * (41 * 1024 * 1024),
            content_type=content_type,
        )
        assert answer.status_code == 413
