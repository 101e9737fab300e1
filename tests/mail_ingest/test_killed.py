"""The machine dies in the middle: whatever the step, the next polls leave exactly what they would have left without it."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import failpoints
from core.db import db, end_read
from operations import installation
from outbox.models import OutboxMessage
from tests.mail_ingest.killing import BROKEN, Death, Found, Post, a_batch, found
from tests.mail_ingest.post import a_mail
from tests.support.postgres import drop_database, name_of, new_database

pytestmark = [pytest.mark.slow, pytest.mark.engine]

ENGINES = ["sqlite", "postgresql"]
POLLS_TO_QUARANTINE = 3
ORDINARY = ("第一封", "没有编号", "同号甲", "同号乙", "带附件")
STEPS = [
    ("mail.fetched", 1),
    ("mail.blob_written", 4),
    ("mail.blobs_written", 1),
    ("mail.ledger_rows", 1),
    ("mail.ledger_written", 1),
    ("mail.reading", 3),
    ("mail.read", 1),
    ("mail.registered", 2),
    ("mail.acknowledged", 3),
    ("mail.copied", 1),
    ("mail.joined", 1),
    ("mail.in_tray", 1),
    ("mail.before_commit", 5),
    ("mail.after_commit", 1),
    ("mail.after_commit", 4),
    ("mail.try_failed", 1),
    ("mail.poll_noted", 1),
]


@dataclass
class Office:
    """An office with one ticket and its acknowledgement, which a later mail answers."""

    post: Post
    app: Flask
    answers: str

    def settle(self) -> Found:
        """Polls until nothing is left to be tried, and what is there then."""
        for _ in range(POLLS_TO_QUARANTINE):
            self.post.poll(self.app)
        return found(self.app, self.post.mails)


@cache
def _prepared(engine: str) -> tuple[Path, str, bytes]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-killed-"))
    database = new_database() if engine == "postgresql" else ""
    post = Post.of(folder, database)
    app = post.app()
    with app.app_context():
        installation.initialise()
    base = a_mail("起点", sender="家长 <base.0@x.example>", message_id="<base@x.example>")
    post.mails.append(base)
    post.poll(app)
    with app.app_context():
        db.engine.dispose()
    return folder, database, base


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def office(engine: str, tmp_path: Path) -> Iterator[Office]:
    yield from an_office(engine, tmp_path)


def an_office(engine: str, folder: Path) -> Iterator[Office]:
    prepared, database, base = _prepared(engine)
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    url = new_database(name_of(database)) if database else ""
    post = Post.of(folder, url)
    post.mails.append(base)
    app = post.app()
    with app.app_context():
        answers = db.session().scalars(sa.select(OutboxMessage.message_id)).one()
        end_read()
    yield Office(post, app, answers)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if url:
        drop_database(url)


@cache
def _undisturbed(engine: str) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        made = an_office(engine, Path(folder))
        office = next(made)
        office.post.mails += a_batch("甲", answers=office.answers)
        settled = office.settle()
        next(made, None)
        return settled


def test_without_a_death_every_mail_has_its_fate(engine: str) -> None:
    held = _undisturbed(engine)

    assert held.tickets == tuple(
        sorted([("起点", 1), ("（无法自动识别的邮件）", 1), *((f"甲 {name}", 1) for name in ORDINARY)])
    )
    assert dict(held.roles) == {"origin": 7, "copy": 1, "reply": 1}
    assert dict(held.ledger) == {"done": 10}
    assert (held.acknowledged, held.changed, held.chain_ok) == (6, 0, True)


@pytest.mark.parametrize(("step", "passes"), STEPS)
def test_killed_at_any_step_the_office_holds_the_same(
    office: Office, engine: str, step: str, passes: int
) -> None:
    office.post.mails += a_batch("甲", answers=office.answers)

    assert office.post.poll_until_killed(Death(step, passes)), "the failpoint was never reached"

    assert office.settle() == _undisturbed(engine)


def test_killed_while_a_mail_goes_to_a_person_it_goes_there_once(office: Office, engine: str) -> None:
    office.post.mails += a_batch("甲", answers=office.answers)
    assert not office.post.poll_until_killed(Death())
    assert office.post.poll_until_killed(Death("mail.quarantined"))

    assert office.settle() == _undisturbed(engine)


def test_every_failpoint_of_intake_is_killed_at() -> None:
    here = {step for step, _ in STEPS} | {"mail.quarantined"}
    assert here == {name for name in failpoints.declared() if name.startswith("mail.")}
    assert len(here) >= 12


def kill_at_random(office: Office, times: int, seed: int) -> None:
    """New mails before every poll, a death at a random moment of each, nothing between: then all must be there once."""
    rng = random.Random(seed)
    before = found(office.app, office.post.mails)
    died = 0
    for number in range(times):
        office.post.mails += a_batch(f"第{number}轮", answers=office.answers)
        died += office.post.poll_until_killed(Death(after_seconds=rng.uniform(0.0, 0.4)))

    held = office.settle()

    lost = {f"第{number}轮 {name}" for number in range(times) for name in ORDINARY} - dict(
        held.tickets
    ).keys()
    doubled = {title: count for title, count in held.tickets if count > 1 and "无法自动识别" not in title}
    assert (lost, doubled, held.changed) == (set(), {}, 0), f"seed {seed}"
    assert dict(held.tickets)["（无法自动识别的邮件）"] == times
    assert dict(held.roles) == {
        "origin": dict(before.roles)["origin"] + 6 * times,
        "copy": times,
        "reply": times,
    }
    assert dict(held.ledger) == {"done": len(office.post.mails)}
    assert held.acknowledged == before.acknowledged + 5 * times
    assert held.chain_ok
    assert died > times // 3, "most polls were over before they could be killed"


@pytest.mark.parametrize(("engine", "times"), [("sqlite", 80), ("postgresql", 20)])
def test_killed_at_random_moments_nothing_is_lost_or_doubled(office: Office, times: int) -> None:
    kill_at_random(office, times, seed=20261123)


@pytest.mark.long
@pytest.mark.parametrize(("engine", "times"), [("sqlite", 800), ("postgresql", 200)])
def test_killed_a_thousand_times(office: Office, times: int) -> None:
    kill_at_random(office, times, seed=1)


@pytest.mark.parametrize(
    ("broken", "step", "shows"),
    [
        ("forgets what was left", "mail.ledger_written", "lost"),
        ("ticket first", "mail.after_commit", "doubled"),
        ("trusts Message-IDs", "mail.before_commit", "lost"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_broken_design_is_seen(office: Office, engine: str, broken: str, step: str, shows: str) -> None:
    """The harness is not blind: three designs that lose or double mails are caught by it."""
    office.post.mails += a_batch("甲", answers=office.answers)
    assert broken in BROKEN

    assert office.post.poll_until_killed(Death(step, broken=broken))
    for _ in range(POLLS_TO_QUARANTINE):
        assert not office.post.poll_until_killed(Death(broken=broken))

    held, right = found(office.app, office.post.mails), _undisturbed(engine)
    assert held != right
    titles = dict(held.tickets)
    if shows == "lost":
        assert {title for title, _ in right.tickets} - titles.keys()
    else:
        assert any(titles[title] > 1 for title, _ in right.tickets if title in titles)
