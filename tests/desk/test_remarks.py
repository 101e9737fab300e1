"""便签: for the colleagues, no step of the ticket, in no paper; what a pattern knows of a person is hidden in it."""

from __future__ import annotations

from tests.accounts.people import Browser
from tests.desk.office import PHONE, Office, words_of
from tickets.vocabulary import Action


def write(browser: Browser, number: str, text: str) -> int:
    address = f"/tickets/{number}/remarks"
    return browser.post(address, {"text": text}, form="/tickets/new").status_code


def test_a_note_is_there_for_the_colleagues_and_makes_no_page_stale(office: Office) -> None:
    number = office.assigned(to="li")
    before = office.version(number)
    assert write(office.signed_in("chen"), number, "约周四晚上再打，情绪激动。") == 303
    page = words_of(office.signed_in("li").text(f"/tickets/{number}"))
    assert "便签" in page
    assert "约周四晚上再打" in page
    assert "陈小燕" in page
    assert office.version(number) == before


def test_names_and_numbers_are_hidden_and_the_writer_is_told(office: Office) -> None:
    number = office.assigned(to="li")
    li = office.signed_in("li")
    assert write(li, number, f"打 {PHONE} 没人接") == 303
    page = words_of(li.text(f"/tickets/{number}"))
    assert PHONE not in page
    assert "便签里有姓名或电话" in page


def test_a_note_is_on_no_paper(office: Office) -> None:
    number = office.assigned(to="li")
    wang = office.signed_in("wang")
    write(wang, number, "这句话只给同事看")
    for address in ("print/registration", "print/file"):
        assert "这句话只给同事看" not in wang.text(f"/tickets/{number}/{address}")


def test_who_has_no_part_in_it_writes_none_and_nothing_typed_is_lost(office: Office) -> None:
    number = office.ticket()
    assert write(office.signed_in("xu"), number, "别的股室") == 404
    assert write(office.signed_in("ji"), number, "监督") == 403
    office.act(number, Action.ACCEPT, by="li", handler="li")
    assert write(office.signed_in("li"), number, " ") == 422
    answer = office.signed_in("li").post(
        f"/tickets/{number}/remarks", {"text": "长" * 1001}, form="/tickets/new"
    )
    assert answer.status_code == 422
    assert "长" * 1001 in answer.get_data(as_text=True)
