"""Telephone numbers brought to one spelling, and contact data as a screen shows it."""

from __future__ import annotations

import pytest

from tickets.masking.phones import mask_email, mask_name, mask_phone, normalise_phone


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13812345678", "13812345678"),
        ("１３８ １２３４ ５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086138 1234 5678", "13812345678"),
        ("一三八一二三四五六七八", "13812345678"),
        ("幺三八，幺二三四，五六拐八", "13812345678"),
        ("013812345678", "13812345678"),
        ("0595-23236764", "059523236764"),
        ("（0595）2323 6764 转 802", "059523236764"),
        ("+86 595 23236764", "059523236764"),
        ("23236764", "059523236764"),
        ("010-62345678", "01062345678"),
        ("12345", None),
        ("二〇二六年", None),
        ("", None),
    ],
)
def test_one_number_has_one_spelling(written: str, number: str | None) -> None:
    assert normalise_phone(written) == number


def test_a_local_number_gets_the_area_code_of_the_office() -> None:
    assert normalise_phone("62345678", area_code="010") == "01062345678"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("0595-23236764", "0595-2323****"),
        ("01062345678", "010-6234****"),
        ("乱写", "****"),
    ],
)
def test_a_masked_phone(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张明华", "张**"),
        ("李四", "李*"),
        ("欧阳小红", "欧阳**"),
        ("王女士", "王**"),
        ("Zhang", "Z***"),
        ("", ""),
    ],
)
def test_a_masked_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zhang@163.com", "z***@163.com"), ("ａｂ＠ｑｑ．ｃｏｍ", "a***@qq.com"), ("x", "***")],
)
def test_a_masked_address(address: str, shown: str) -> None:
    assert mask_email(address) == shown
