"""What goes out with every answer of every page to everybody, and what a request must be to be answered at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from core.db import db
from tests.security.routes import everybody, routes, signed_in
from tests.support.app import make_app

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
)
EXACT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FILES = {"static", "bootstrap.static"}
# These answer with what somebody else wrote, or made for somebody else's eyes; each has a stricter policy of its own.
OWN_POLICY = {
    "tickets.attachment",
    "tickets.snapshot_file",
    "mail.item_raw",
    "mail.item_html",
    "reports.file",
    "reports.scan",
    "reports.situation_scan",
}


def wrong_with(answer: TestResponse, *, own_policy: bool, kept: bool) -> list[str]:
    headers = answer.headers
    wrong = [name for name, value in EXACT.items() if headers.getlist(name) != [value]]
    (policy,) = headers.getlist("Content-Security-Policy") or [""]
    if policy != POLICY and not (own_policy and "sandbox" in policy and "default-src 'none'" in policy):
        wrong.append(f"policy: {policy}")
    if not kept and "no-store" not in headers.get("Cache-Control", ""):
        wrong.append("kept by the browser")
    if "Server" in headers or "X-Powered-By" in headers:
        wrong.append("tells what it is made of")
    if headers.get("Access-Control-Allow-Origin"):
        wrong.append("open to other sites")
    return wrong


def test_every_answer_to_everybody_carries_every_header(app: Flask) -> None:
    wrong = []
    clients = {"nobody": app.test_client(), **everybody(app)}
    asked = 0
    for name, client in clients.items():
        for route in routes(app):
            answer = client.open(
                route.address, method=route.method, data={"reason": "handling"}, buffered=True
            )
            asked += 1
            found = wrong_with(answer, own_policy=route.endpoint in OWN_POLICY, kept=route.endpoint in FILES)
            wrong += [
                f"{name} {route.method} {route.address} ({answer.status_code}): {each}" for each in found
            ]
    assert wrong == []
    assert asked > 300


def test_no_page_of_a_case_tells_anything_of_it_in_its_title_or_address(app: Flask) -> None:
    for client in everybody(app).values():
        for route in routes(app):
            if route.method != "GET":
                continue
            answer = client.get(route.address, buffered=True)
            if answer.mimetype == "text/html":
                title = answer.text.partition("<title>")[2].partition("</title>")[0]
                assert not [word for word in ("李晓兰", "lixiaolan", "4321") if word in title + route.address]


STRANGE_HOSTS = (
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "127.0.0.1:8000, evil.example",
    "[::2]",
    "xn--fsq.example",
    "-",
)


@pytest.mark.parametrize("host", STRANGE_HOSTS)
@pytest.mark.parametrize(
    "address", ["/login", "/tickets", "/static/favicon.svg", "/no-such-page", "/healthz"]
)
def test_a_request_under_another_name_is_not_answered(app: Flask, host: str, address: str) -> None:
    answer = app.test_client().get(address, headers={"Host": host}, buffered=True)
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "http://127.0.0.1:8000" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("base_url", "host", "status"),
    [
        ("https://hotline.example.gov.cn", "hotline.example.gov.cn", 200),
        ("https://hotline.example.gov.cn", "HOTLINE.example.gov.cn.", 200),
        ("https://hotline.example.gov.cn", "hotline.example.gov.cn:443", 200),
        (
            "https://hotline.example.gov.cn",
            "127.0.0.1:8000",
            200,
        ),  # the handbook's check on the server itself
        ("https://hotline.example.gov.cn", "example.gov.cn", 400),
        ("https://hotline.example.gov.cn", "hotline.example.gov.cn.evil.example", 400),
        ("http://[::1]:8123", "[::1]:8123", 200),
    ],
)
def test_the_name_in_the_settings_is_the_name(tmp_path: Path, base_url: str, host: str, status: int) -> None:
    app = make_app(tmp_path, HOTLINE_BASE_URL=base_url)
    assert app.test_client().get("/login", headers={"Host": host}).status_code == status
    with app.app_context():
        db.engine.dispose()


FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Original-Url": "/admin/accounts",
    "X-Rewrite-Url": "/admin/accounts",
    "Forwarded": "host=evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Http-Method-Override": "POST",
    "X-Http-Method": "DELETE",
    "X-Method-Override": "PUT",
}


def test_headers_that_rewrite_a_request_are_not_believed(app: Flask) -> None:
    head = signed_in(app, "head")
    plain = head.get("/tickets", buffered=True)
    for name, value in FORWARDED.items():
        answer = head.get("/tickets", headers={name: value}, buffered=True)
        assert answer.status_code == plain.status_code, name
        assert "evil" not in answer.text, name


def test_a_method_is_what_it_is(app: Flask) -> None:
    admin = signed_in(app, "admin")
    assert admin.get("/logout?_method=POST").status_code == 405
    assert admin.post("/account/sessions?_method=DELETE", data={"_method": "GET"}).status_code != 500
    for route in routes(app):
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"):
            answer = admin.open(route.address, method=method, buffered=True)
            assert answer.status_code in {403, 404, 405}, (method, route.address)
            assert "PROPFIND" not in answer.text


ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%09/evil.example",
    "/\t/evil.example",
    "/%5cevil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aSet-Cookie: a=b",
    "@evil.example",
    "http://127.0.0.1:8000@evil.example",
    "/./\\evil.example",
    "\u2028//evil.example",
    "/\u200b/evil.example",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_signing_in(app: Flask, target: str) -> None:
    from tests.access.world import PASSWORD

    answer = app.test_client().post(
        "/login",
        query_string={"next": target},
        data={"username": "clerk", "password": PASSWORD, "next": target},
    )
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert place.startswith("/")
    assert place[1:2] not in {"/", "\\"}
    assert not [sign for sign in "\\\r\n\t" if sign in place]
    assert "a=b" not in answer.headers.get("Set-Cookie", "")


def test_a_form_without_its_token_changes_nothing_anywhere(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    anybody = app.test_client()
    for route in routes(app):
        if route.method == "POST":
            assert anybody.post(route.address, data={}).status_code in {303, 400, 401}, route
    app.config["WTF_CSRF_ENABLED"] = False
    clients = everybody(app)
    app.config["WTF_CSRF_ENABLED"] = True
    for client in clients.values():
        for route in routes(app):
            if route.method == "POST":
                for headers in ({}, {"Origin": "https://evil.example", "Referer": "https://evil.example/"}):
                    assert client.post(route.address, data={}, headers=headers).status_code in {400, 403}, (
                        route
                    )
