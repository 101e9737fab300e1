"""Pure rules: which folders are read, and when a mailbox that failed is tried again."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from mail_ingest.backoff import next_try
from mail_ingest.folders import Folder, FolderRole, not_there, role_of, watched

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
dice = random.Random
INBOX, JUNK, VIRUS = FolderRole.INBOX, FolderRole.JUNK, FolderRole.VIRUS


@pytest.mark.parametrize(
    ("flags", "name", "role"),
    [
        ([], "INBOX", INBOX),
        ([], "inbox", INBOX),
        ([r"\HasNoChildren", r"\Junk"], "不认识的名字", JUNK),
        ([r"\Spam"], "X", JUNK),
        ([], "垃圾邮件", JUNK),
        ([], "广告邮件", JUNK),
        ([], "订阅邮件", JUNK),
        ([], "INBOX/Spam", JUNK),
        ([], "Junk", JUNK),
        ([], "病毒文件夹", VIRUS),
        ([r"\Sent"], "已发送", FolderRole.SENT),
        ([], "已删除", FolderRole.TRASH),
        ([r"\Trash"], "Junk", FolderRole.TRASH),
        ([], "学校报送材料", FolderRole.OTHER),
    ],
)
def test_a_folder_is_known_by_its_flag_and_then_by_its_name(
    flags: list[str], name: str, role: FolderRole
) -> None:
    assert role_of(flags, name) is role


ALL = [
    Folder("病毒文件夹", VIRUS),
    Folder("垃圾邮件", JUNK),
    Folder("已发送", FolderRole.SENT),
    Folder("归档", FolderRole.OTHER),
    Folder("INBOX", INBOX),
    Folder("广告邮件", JUNK),
]


def test_the_inbox_comes_first_then_junk_and_of_the_virus_folder_only_headers() -> None:
    assert [(folder.name, folder.role.headers_only) for folder in watched(ALL)] == [
        ("INBOX", False),
        ("垃圾邮件", False),
        ("广告邮件", False),
        ("病毒文件夹", True),
    ]


def test_the_settings_may_name_the_folders() -> None:
    assert [folder.name for folder in watched(ALL, ["归档", "inbox"])] == ["归档", "INBOX"]


def test_a_misspelt_folder_is_told() -> None:
    assert not_there(ALL, ["inbox", "归挡"]) == ["归挡"]


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30), (10_000, 30)]
)
def test_it_slows_down_and_never_waits_longer_than_said(failures: int, minutes: int) -> None:
    waits = [next_try(failures, 0, NOW, dice(seed)) - NOW for seed in range(200)]

    assert min(waits) >= timedelta(minutes=minutes) * 0.8
    assert max(waits) <= timedelta(minutes=minutes)
    assert len(set(waits)) > 100  # two mailboxes do not knock in step


@pytest.mark.parametrize("refused", [3, 4, 500])
def test_after_three_refused_logins_it_tries_once_in_two_hours_for_ever(refused: int) -> None:
    waits = [next_try(refused, refused, NOW, dice(seed)) - NOW for seed in range(200)]

    assert min(waits) >= timedelta(hours=2)
    assert max(waits) <= timedelta(hours=2, minutes=12)


def test_a_wrong_code_is_tried_at_most_six_times_in_an_hour() -> None:
    rng, moment, tries = dice(1), NOW, 0
    while moment < NOW + timedelta(hours=1):
        tries += 1
        moment = next_try(tries, tries, moment, rng)

    assert tries == 3


def test_refused_logins_count_although_something_else_failed_last() -> None:
    assert next_try(1, 3, NOW, dice(1)) >= NOW + timedelta(hours=2)


def test_unsafe_login_is_tried_every_fifteen_minutes_as_the_page_says() -> None:
    wait = next_try(1, 0, NOW, dice(1), unsafe_login=True) - NOW

    assert timedelta(minutes=15) <= wait <= timedelta(minutes=17)


def test_without_a_failure_there_is_nothing_to_wait_for() -> None:
    assert next_try(0, 0, NOW, dice(1)) == NOW
