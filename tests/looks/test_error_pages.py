"""Every refusal and failure says what happened, what to do, and that nothing was lost."""

from __future__ import annotations

import logging
import re

import pytest
from flask.testing import FlaskClient

from tests.looks.sample import ERRORS, sample_app


@pytest.fixture
def client() -> FlaskClient:
    return sample_app().test_client()


@pytest.mark.parametrize("code", ERRORS)
def test_each_page_says_what_happened_and_what_to_do(client: FlaskClient, code: int) -> None:
    response = client.get(f"/fail/{code}")

    assert response.status_code == code
    assert "发生了什么" in response.text
    assert "现在怎么办" in response.text


def test_an_unknown_refusal_still_gets_a_page(client: FlaskClient) -> None:
    response = client.get("/fail/415")

    assert (response.status_code, "现在怎么办" in response.text) == (415, True)


def test_the_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.post("/login")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_redirect_is_no_error(client: FlaskClient) -> None:
    response = client.get("/folder")

    assert (response.status_code, response.headers["Location"]) == (308, "http://localhost/folder/")


def test_a_rule_speaks_its_own_sentence(client: FlaskClient) -> None:
    response = client.get("/fail/forbidden")

    assert response.status_code == 403
    assert "这件是您本人报请办结的，不能由您审核。" in response.text


def test_that_something_hidden_exists_is_not_told(client: FlaskClient) -> None:
    response = client.get("/fail/hidden")

    assert response.status_code == 404
    assert "城东中学" not in response.text
    assert response.text.replace("/fail/hidden", "") == client.get("/fail/404").text.replace("/fail/404", "")


def test_a_conflict_gives_the_typed_text_back(client: FlaskClient) -> None:
    response = client.post(
        "/fail/stale", data={"matter": "孩子说<b>食堂</b>的饭是凉的", "password": "1234567890"}
    )

    assert response.status_code == 409
    assert "孩子说&lt;b&gt;食堂&lt;/b&gt;的饭是凉的" in response.text
    assert "1234567890" not in response.text


def test_an_expired_form_gives_the_typed_text_back() -> None:
    client = sample_app(WTF_CSRF_ENABLED=True).test_client()
    response = client.post(
        "/form", data={"matter": "退费两个月没有到账", "csrf_token": "an-old-token-of-before"}
    )

    assert response.status_code == 400
    assert "这一次没有保存" in response.text
    assert "退费两个月没有到账" in response.text
    assert "an-old-token-of-before" not in response.text


def test_a_text_that_begins_with_an_empty_line_keeps_it(client: FlaskClient) -> None:
    """HTML swallows the first line break of a text area."""
    response = client.post("/fail/stale", data={"matter": "\n第二行开始写的"})

    assert re.search(r"readonly>\n\n第二行开始写的</textarea>", response.text)


def test_an_opinion_is_not_taken_for_a_secret(client: FlaskClient) -> None:
    response = client.post("/fail/stale", data={"opinion": "同意延期五个工作日", "query_code": "3852161"})

    assert "同意延期五个工作日" in response.text
    assert "3852161" not in response.text


def test_what_is_too_large_is_not_read_again() -> None:
    client = sample_app(MAX_CONTENT_LENGTH=100).test_client()
    response = client.post("/form", data={"matter": "很长" * 100})

    assert response.status_code == 413
    assert "文件太大" in response.text


def test_a_failure_has_a_number_that_is_also_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = client.get("/fail/bug")
    shown = re.search(r'<strong class="figure">(\w{8})</strong>', response.text)

    assert response.status_code == 500
    assert "RuntimeError" not in response.text
    assert shown is not None
    assert shown[1] in caplog.text


def test_the_page_for_failures_needs_nothing_that_may_be_broken() -> None:
    app = sample_app()

    @app.context_processor
    def broken() -> dict[str, str]:
        raise RuntimeError("the database is gone")

    client = app.test_client()

    for address in ("/fail/bug", "/fail/503", "/fail/404", "/login"):
        response = client.get(address)
        assert response.status_code in (500, 503)
        assert "以前保存的内容都在" in response.text
