"""What goes out with every page, and how long a browser may keep what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, Response
from jinja2 import UndefinedError
from werkzeug.test import TestResponse

from core.templating import asset
from tests.looks.sample import PAGES, sample_app


@pytest.fixture
def app() -> Flask:
    return sample_app()


def _answer(app: Flask, address: str) -> TestResponse:
    """A whole answer, its file closed."""
    return app.test_client().get(address, buffered=True)


def test_the_policy_lets_nothing_in_from_outside(app: Flask) -> None:
    response = app.test_client().get("/login")
    rules = dict(rule.split(" ", 1) for rule in response.headers["Content-Security-Policy"].split("; "))

    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert {rules[f"{kind}-src"] for kind in ("script", "style", "font", "connect", "frame")} == {"'self'"}
    assert rules["form-action"] == "'self'"
    assert rules["img-src"] == "'self' data:"  # the tick of a checkbox is a data: picture


@pytest.mark.parametrize("address", ["/login", "/fail/404", "/fail/bug", "/nowhere", "/static/favicon.svg"])
def test_every_answer_carries_the_headers(app: Flask, address: str) -> None:
    headers = _answer(app, address).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_https_is_asked_for_only_where_it_is_spoken(app: Flask) -> None:
    client = app.test_client()

    assert "Strict-Transport-Security" not in client.get("/login").headers
    assert "max-age" in client.get("/login", base_url="https://desk").headers["Strict-Transport-Security"]


def test_a_view_may_be_stricter(app: Flask) -> None:
    @app.get("/attachment")
    def attachment() -> Response:
        return Response("", headers={"Content-Security-Policy": "sandbox; default-src 'none'"})

    headers = app.test_client().get("/attachment").headers

    assert headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]


def test_pages_are_not_kept_and_files_are_kept_by_their_content(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/login")
    address = re.search(r'href="(/static/css/tokens\.css\?v=\w{12})"', page.text)
    assert address is not None

    assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/fail/404").headers["Cache-Control"] == "no-store"
    assert _answer(app, address[1]).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in _answer(app, "/static/css/tokens.css").headers["Cache-Control"]
    assert "immutable" not in _answer(app, "/static/css/absent.css?v=1").headers.get("Cache-Control", "")


def test_a_changed_file_gets_a_new_address(tmp_path: Path) -> None:
    app = Flask("changing", static_folder=str(tmp_path))
    with app.test_request_context():
        (tmp_path / "a.css").write_text("a {}")
        before = asset("a.css")
        (tmp_path / "a.css").write_text("a { color: red }")

        assert asset("a.css") != before
        with pytest.raises(FileNotFoundError):
            asset("b.css")


@pytest.mark.parametrize("name", PAGES)
def test_every_file_a_page_names_is_there(app: Flask, name: str) -> None:
    client = app.test_client()
    files = re.findall(r'(?:href|src)="(/(?:static|bootstrap)/[^"]+)"', client.get(f"/{name}").text)

    assert len(files) >= 6
    assert {_answer(app, file).status_code for file in files} == {200}


def test_a_misspelt_name_fails_the_page(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ tickt.number }}").render(ticket={})
