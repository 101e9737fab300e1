"""What a browser is sent of style sheets and scripts, and what never leaves compressed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from tests.support.app import end_app, make_app

SHEET = "/static/css/layout.css"
GZIP = {"Accept-Encoding": "gzip, br"}


def get(client: FlaskClient, path: str, **headers: str) -> Response:
    """An answer that has been read; who does not close it leaves a file open."""
    with client.get(path, headers=headers) as answer:
        assert answer.data is not None
        return answer


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app: Flask = make_app(tmp_path)
    yield app.test_client()
    with app.app_context():
        end_app(app)


def test_a_style_sheet_leaves_compressed_and_is_the_same(client: FlaskClient) -> None:
    plain, small = get(client, SHEET), get(client, SHEET, **GZIP)

    assert small.headers["Content-Encoding"] == "gzip"
    assert small.content_length == len(small.data) < len(plain.data) / 2
    assert gzip.decompress(small.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert get(client, SHEET, **GZIP).data == small.data


def test_who_cannot_take_it_gets_it_plain(client: FlaskClient) -> None:
    for headers in ({}, {"Accept-Encoding": "br"}, {**GZIP, "Range": "bytes=0-99"}):
        assert "Content-Encoding" not in get(client, SHEET, **headers).headers


def test_a_page_with_a_form_token_never_is_compressed(client: FlaskClient) -> None:
    assert "Content-Encoding" not in get(client, "/login", **GZIP).headers


def test_a_file_that_is_not_there_stays_an_error_page(client: FlaskClient) -> None:
    answer = get(client, "/static/css/nothing.css", **GZIP)

    assert answer.status_code == 404
    assert "Content-Encoding" not in answer.headers
