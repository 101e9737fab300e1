"""`accounts create`, `reset` and `list` at the terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result

from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Desk


def run(desk: Desk, *arguments: str, stdin: str = "") -> Result:
    return desk.app.test_cli_runner().invoke(args=["accounts", *arguments], input=stdin)


def create(desk: Desk, *more: str, username: str = "linfang", password: str = PASSWORD) -> Result:
    return run(desk, "create", "--username", username, "--password-stdin", *more, stdin=password + "\n")


def listed(desk: Desk) -> list[dict[str, Any]]:
    result = run(desk, "list", "--json")
    assert result.exit_code == 0
    accounts: list[dict[str, Any]] = json.loads(result.stdout)["accounts"]
    return accounts


def test_an_account_made_at_the_terminal_can_work_at_once(desk: Desk) -> None:
    result = create(desk, "--role", "clerk", "--role", "handler", "--section", "zhongjiao", "--no-change")

    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert desk.signed_in("linfang").get("/account").status_code == 200
    assert listed(desk) == [
        {
            "username": "linfang",
            "display_name": "linfang",
            "roles": ["clerk", "handler"],
            "sections": ["zhongjiao"],
            "disabled": False,
            "must_change_password": False,
            "totp": False,
            "waiting": False,
        }
    ]
    assert desk.actions().count("account.role_granted") == 2


def test_without_no_change_the_first_sign_in_asks_for_a_new_password(desk: Desk) -> None:
    create(desk, "--role", "clerk", "--section", "zhongjiao")

    assert listed(desk)[0]["must_change_password"] is True


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "sentence"),
    [
        pytest.param(["--role", "boss", "--password-stdin"], PASSWORD, 2, "没有名为 boss 的角色", id="role"),
        pytest.param(
            ["--role", "clerk", "--section", "x", "--password-stdin"],
            PASSWORD,
            2,
            "没有代号为 x",
            id="section",
        ),
        pytest.param(["--role", "clerk", "--password-stdin"], "", 2, "没有密码", id="no password"),
        pytest.param(["--role", "clerk"], PASSWORD, 2, "--password-stdin", id="no stdin"),
        pytest.param(
            ["--role", "clerk", "--password-stdin"], "short", 1, "至少 12 个字符", id="weak password"
        ),
        pytest.param([], PASSWORD, 2, "--role", id="no role"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    desk: Desk, arguments: list[str], stdin: str, code: int, sentence: str
) -> None:
    result = run(desk, "create", "--username", "linfang", *arguments, stdin=stdin)

    assert result.exit_code == code, result.output
    assert sentence in result.output
    assert listed(desk) == []


def test_a_name_is_given_once(desk: Desk) -> None:
    create(desk, "--role", "clerk")

    again = create(desk, "--role", "clerk", username="LINFANG")

    assert again.exit_code == 1
    assert "已经有人使用" in again.output


def test_the_operator_helps_the_last_admin_back_in(desk: Desk) -> None:
    create(desk, "--role", "admin", "--no-change")
    before = desk.signed_in("linfang")

    result = run(
        desk, "reset", "--username", "linfang", "--password-stdin", "--no-change", stdin=OTHER_PASSWORD
    )

    assert result.exit_code == 0, result.output
    assert before.get("/account").status_code == 303
    assert listed(desk)[0]["totp"] is False
    assert desk.signed_in("linfang", OTHER_PASSWORD).get("/admin/accounts").status_code == 200


def test_resetting_nobody_says_so(desk: Desk) -> None:
    result = run(desk, "reset", "--username", "nobody", "--password-stdin", stdin=PASSWORD)

    assert result.exit_code == 1
    assert "nobody" in result.output


def test_the_plain_list_is_for_reading(desk: Desk) -> None:
    create(desk, "--role", "clerk", "--section", "zhongjiao", "--name", "林芳")

    assert "林芳\t接听登记\tzhongjiao" in run(desk, "list").output
