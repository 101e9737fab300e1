"""The search finds what is there and nothing else, with the same words on both engines."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, transaction
from tests.support.moments import MONDAY_MORNING
from tickets.intake import NewTicket, register
from tickets.models import Ticket
from tickets.search.index import found_by, put_into_index
from tickets.vocabulary import Channel

TEXTS = (
    "课后服务收费太高，食堂饭菜不好",
    "食堂的饭菜有虫子",
    "老师在课后服务时间上新课",
    "请问 2026 年秋季课后服务怎么报名 APP",
    "云岭二中晚自习到九点半",
    "𠮷田路的托管班",
    "ＡＰＰ 打不开，报名不了",
)


def add(text: str) -> str:
    with transaction() as session:
        return register(
            session, NewTicket(channel=Channel.PHONE, received_at=MONDAY_MORNING, matter=text)
        ).ticket.number


def find(query: str) -> set[str]:
    return {
        number
        for hits in found_by(db.session(), query)
        for number in db.session.scalars(sa.select(Ticket.number).join(hits, hits.c.id == Ticket.id))
    }


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("课后", {0, 2, 3}),
        ("食堂", {0, 1}),
        ("食堂 收费", {0}),
        ("饭菜不好", {0}),
        ("app", {3, 6}),
        ("2026", {3}),  # a ticket's number is one word with its prefix
        ("𠮷田", {5}),
        ("没有这个词", set()),
        ("！？", set()),
    ],
)
def test_two_characters_are_enough(office: Flask, query: str, hits: set[int]) -> None:
    numbers = [add(text) for text in TEXTS]
    assert find(query) == {numbers[hit] for hit in hits}


def test_a_ticket_is_found_by_its_number_and_its_schools_name(office: Flask) -> None:
    number = add("云岭二中的晚自习")
    add("另一件")
    assert find(number) == {number}
    assert number in find("云岭第二中学")


def test_changed_texts_are_found_and_old_words_are_not(office: Flask) -> None:
    number = add("食堂的饭菜")
    with transaction() as session:
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        ticket.title = ticket.matter = "操场的灯坏了"
        put_into_index(session, ticket)
    assert find("操场") == {number}
    assert find("食堂") == set()


@pytest.mark.parametrize("query", ['"', "a AND b", "NEAR(", "'; DROP TABLE ticket; --", "a:*", "\\", "%_"])
def test_whatever_is_typed_is_only_words(office: Flask, query: str) -> None:
    add("课后服务")
    assert find(query) == set()
