"""Beside the form: the school and its facts, the earlier tickets of a caller for those who may know him, nothing of it saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from accounts.actor import SYSTEM
from core.clock import FixedClock
from core.db import transaction
from demo.filling import SCHOOLS
from tests.accounts.people import Browser
from tests.desk.office import PHONE, Office, words_of
from tickets.identity import Person
from tickets.schools import load_schools, read_schools
from tickets.vocabulary import Secrecy

MATTER = "课后服务另收材料费，不交不让参加社团。"


@pytest.fixture(autouse=True)
def schools(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        load_schools(session, read_schools(Path(SCHOOLS).read_text(encoding="utf-8")), actor=SYSTEM)


def advice(browser: Browser, **fields: str) -> str:
    answer = browser.post("/tickets/new/advice", {"matter": MATTER, **fields}, form="/tickets/new")
    assert answer.status_code == 200
    return words_of(answer.get_data(as_text=True))


@pytest.mark.parametrize("typed", ["ylyz", "云岭一中", "云岭中学", "axxyldyzx", "安溪县云岭第一中学"])
def test_a_school_is_known_by_initials_and_every_name(office: Office, chen: Browser, typed: str) -> None:
    told = advice(chen, school_text=typed)
    assert "安溪县云岭第一中学" in told

    answer = chen.post("/tickets/new", {"matter": MATTER, "school_text": typed})
    number = answer.location.rsplit("/", 1)[-1]
    assert "安溪县云岭第一中学" in chen.text(answer.location)
    assert office.stored(number).school_text != "ylyz"


def test_initials_of_several_schools_list_them_all(chen: Browser) -> None:
    told = advice(chen, school_text="cwxx")

    assert "安溪县茶山崇文小学" in told
    assert "安溪县溪尾崇文小学" in told


def test_the_first_letters_are_enough_to_be_offered_a_school(chen: Browser) -> None:
    assert "安溪县小太阳幼儿园" in advice(chen, school_text="xty")


def test_a_school_taken_over_stands_in_the_form(chen: Browser) -> None:
    page = chen.post("/tickets/new", {"matter": MATTER, "adopt_school": "安溪县云岭第一中学"}).text

    assert 'value="安溪县云岭第一中学"' in page
    assert MATTER in page


def test_the_schools_facts_stand_beside_the_form(app: Flask, office: Office, chen: Browser) -> None:
    text = Path(SCHOOLS).read_text(encoding="utf-8").splitlines()
    told = [
        text[0] + ",contact,care_hours,care_fee",
        text[1] + ",吴老师 0595-23000000,周一至周五 16:30,每学期 300 元",
    ]
    with app.app_context(), transaction() as session:
        load_schools(session, read_schools("\n".join(told)), actor=SYSTEM)
    office.ticket(MATTER, school_text="云岭一中")
    office.ticket(MATTER, school_text="云岭一中", secrecy=Secrecy.RESTRICTED)

    card = advice(chen, school_text="云岭一中")

    assert "高中 · 公办" in card
    assert "吴老师 0595-23000000" in card
    assert "每学期 300 元" in card
    assert "1 件" in card  # what he may not see is not counted either


def test_a_village_school_tells_its_central_school(chen: Browser) -> None:
    assert "安溪县石鼓中心学校" in advice(chen, school_text="上林小学")


def test_earlier_tickets_of_a_number_are_for_those_who_may_open_it(office: Office, clock: FixedClock) -> None:
    number = office.assigned("学校收费的事", to="li", people=(Person(name="苏", phone=PHONE),))
    typed = {"caller_phone": "139 0595 1234", "matter": "另一件事"}

    assert number in advice(office.signed_in("li"), **typed)
    assert number in advice(office.signed_in("wang"), **typed)
    for who in ("chen", "lin", "xu", "zhou"):
        assert number not in advice(office.signed_in(who), **typed), who
    assert "这个号码以前的件" not in advice(office.signed_in("li"), caller_phone="13905951235")


def test_recognising_a_caller_is_logged_once_in_half_an_hour(office: Office) -> None:
    number = office.assigned("学校收费的事", to="li", people=(Person(name="苏", phone=PHONE),))
    li = office.signed_in("li")
    for _ in range(3):
        advice(li, caller_phone=PHONE)

    logged = [action for action in office.desk.actions() if action == "ticket.caller_recognised"]
    assert len(logged) == 1
    assert "登记来电时按号码认出" in office.signed_in("wang").text(f"/tickets/{number}")


def test_a_suggested_category_is_taken_over_with_one_button(chen: Browser) -> None:
    matter = "家委会代收课后服务材料费"
    assert "B5" in advice(chen, matter=matter)

    page = chen.post("/tickets/new", {"matter": matter, "adopt_category": "B5"}).text
    assert '<option selected value="B5"' in page


def test_nothing_that_is_asked_stands_in_an_address(chen: Browser) -> None:
    """Suggestions are asked by POST; a GET of the same address is none."""
    assert chen.get(f"/tickets/new/advice?caller_phone={PHONE}").status_code == 405


@pytest.mark.parametrize("field", ["adopt_policy", "adopt_school", "adopt_category", "policy_used", "draft"])
@pytest.mark.parametrize("value", ["x" * 3000, "999999999999", "-1", "\x00", "1e5"])
def test_whatever_a_button_sends_loses_no_word(chen: Browser, field: str, value: str) -> None:
    answer = chen.post("/tickets/new", {"matter": MATTER, "look": "1", field: value})

    assert answer.status_code == 200
    assert MATTER in answer.text


def test_the_blank_form_can_be_printed(chen: Browser) -> None:
    page = chen.text("/paper/registration")

    assert "群众诉求登记表" in page
    assert "方便联系的时间、禁忌" in page
