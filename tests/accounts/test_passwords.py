"""Which passwords are refused, and how they are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import passwords


@pytest.mark.parametrize(
    "password",
    [
        "Passw0rd!2026",
        "password1234",
        "P@ssw0rd2026!!",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "123456789012",
        "abcdefghijklmn",
        "AnXi@2026anxi",
        "anxijiaoyuju2026",
        "jiaoyuju@123456",
        "安溪县教育局2026",
        "tieguanyin8888",
        "woaini1314520",
        "zhangwei1990",
        "wangfang19900101",
        "aaaaaaaaaaaaaa",
        "abababababab",
        "linfanglinfang",
        "admin_admin_1",
        "Welcome to 2026",
        "短密码",
        "x7!Kp",
    ],
)
def test_what_people_really_choose_is_refused(password: str) -> None:
    assert passwords.trouble_with(password, about=("linfang", "林芳"))


@pytest.mark.parametrize(
    "password",
    [
        "窗台上有三盆绿萝和旧雨伞",
        "moss under the seventh lamp",
        "correct horse battery staple",
        "kV9#tRw2-mZq8",
        "雨天骑车送豆腐去西坪的人",
        "7e2b0c91d4f3aa68",
    ],
)
def test_a_sentence_or_a_random_string_is_good(password: str) -> None:
    assert passwords.trouble_with(password, about=("linfang", "林芳")) is None


def test_the_list_is_long_enough_to_matter() -> None:
    assert len(passwords._common_words()) >= 3000


def test_the_own_name_with_a_year_is_refused() -> None:
    assert passwords.trouble_with("ouyangqingfeng1987", about=("ouyangqingfeng",))
    assert passwords.trouble_with("ouyangqingfeng1987") is None


def test_the_refusal_never_repeats_the_password() -> None:
    assert "password1234" not in (passwords.trouble_with("password1234") or "")


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    passwords.trouble_with(text, about=("linfang", ""))


def test_hashes_are_argon2id_with_the_parameters_meant_and_salted() -> None:
    first, second = passwords.hashed("窗台上有三盆绿萝和旧雨伞"), passwords.hashed("窗台上有三盆绿萝和旧雨伞")

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert passwords.verify(first, "窗台上有三盆绿萝和旧雨伞")
    assert not passwords.verify(first, "窗台上有三盆绿萝和旧雨衣")


def test_what_an_input_method_writes_in_two_ways_is_one_password() -> None:
    assert passwords.verify(passwords.hashed("moss under the ７ lamp"), "moss under the 7 lamp")


@pytest.mark.parametrize("stored", [None, "", "!", "!0123", "not a hash", "$argon2id$v=19$broken"])
def test_no_password_opens_what_has_no_hash(stored: str | None) -> None:
    for attempt in ("", "!", stored or "x"):
        assert not passwords.verify(stored, attempt)


def test_an_old_hash_is_known_as_old() -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("moss under the seventh lamp")

    assert passwords.needs_rehash(weak)
    assert not passwords.needs_rehash(passwords.hashed("moss under the seventh lamp"))
