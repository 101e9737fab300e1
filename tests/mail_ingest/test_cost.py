"""What a mail costs: statements, commits, syncs. A disk in an office takes ten milliseconds for each sync."""

from __future__ import annotations

import os

import pytest
from flask import Flask

from tests.mail_ingest.post import ZHONGJIAO, a_mail, poll, statements
from tests.support.dovecot import Dovecot

pytestmark = pytest.mark.dovecot

MAILS = 20
FSYNCS_A_MAIL = 4
STATEMENTS_A_MAIL = 30


def test_a_mail_costs_few_statements_commits_and_syncs(
    office: Flask, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail("第一封，让各处先热起来"))
    poll(office)
    with statements(office) as empty:
        poll(office)
    for number in range(MAILS):
        sender = f"p{number} <p{number}@x.example>"
        dovecot.deliver(
            ZHONGJIAO, a_mail(f"第 {number} 封", sender=sender, message_id=f"<{number}@x.example>")
        )
    synced: list[int] = []
    really = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(descriptor)
        really(descriptor)

    monkeypatch.setattr(os, "fsync", noted)

    with statements(office) as sent:
        poll(office)

    more = len(sent) - len(empty)
    commits = sent.count("COMMIT") - empty.count("COMMIT")
    assert (
        commits <= 4
    )  # one for the batch in the store and the ledger, one for what waits, one for ten tickets
    assert (len(synced) + commits) / MAILS <= FSYNCS_A_MAIL
    assert more / MAILS <= STATEMENTS_A_MAIL
