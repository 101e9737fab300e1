"""Exactly one issue of a period, whoever tries and wherever it is killed; afterwards the same bytes for ever."""

from __future__ import annotations

import os
import signal
import threading
from datetime import date

import pytest
import sqlalchemy as sa

from core import failpoints
from core.audit import AuditEntry, verify_chain
from core.blobs import blob_store
from core.db import db, transaction
from core.errors import DomainError
from core.state import set_fact
from outbox.models import OutboxFile, OutboxMessage
from reports import freezing, periods
from reports.bulletins import Unbalanced
from reports.contents import BulletinKind
from reports.freezing import NotFinished, freeze
from reports.models import Report, ReportDelivery, ReportFile
from reports.records import bulletin_of
from reports.vocabulary import FileFormat
from tests.life.support import person
from tests.reports.support import Months, fresh, set_reports
from tickets.models import Ticket
from tickets.vocabulary import Action, Status

NOVEMBER = periods.parse(BulletinKind.MONTHLY, "2026-11")
POINTS = (
    freezing.COMPOSED,
    freezing.ONE_FILE,
    freezing.FILES_WRITTEN,
    freezing.BEFORE_COMMIT,
    freezing.COMMITTED,
)


def reports() -> list[Report]:
    with fresh():
        return list(db.session.scalars(sa.select(Report).order_by(Report.id)))


def bytes_of(report_id: int) -> list[bytes]:
    with fresh():
        return [file.content for file in freezing.files_of(db.session(), report_id)]


def test_a_finished_period_is_frozen_once_and_gives_the_same_bytes_afterwards(office: Months) -> None:
    number = office.comes("11-02 09:00")
    office.at("12-01 00:40")
    first = freeze(NOVEMBER)
    before = bytes_of(first.id)
    assert len(before) == 3

    office.does("12-01 09:00", number, Action.ACCEPT)
    office.at("2027-03-01 09:00")
    again = freeze(NOVEMBER)

    assert (again.id, again.created) == (first.id, False)
    assert bytes_of(again.id) == before
    assert [row.number for row in reports()] == ["ZB-2026-11"]


def test_the_files_of_one_bulletin_are_the_same_bytes_whenever_they_are_laid_out(office: Months) -> None:
    office.comes("11-02 09:00")
    office.at("12-01 00:40")
    found = office.bulletin()
    first = freezing.rendered(found)
    office.at("2027-03-01 09:00")
    assert freezing.rendered(office.bulletin()) == first


def test_a_period_that_is_not_over_is_refused(office: Months) -> None:
    office.at("11-30 23:59")
    with pytest.raises(NotFinished, match="--draft"):
        freeze(NOVEMBER)


def test_eight_threads_make_one_issue(office: Months) -> None:
    office.comes("11-02 09:00")
    office.at("12-01 00:40")
    start, found, trouble = threading.Barrier(8), [], []

    def build() -> None:
        with office.app.app_context():
            try:
                start.wait()
                found.append(freeze(NOVEMBER))
            except Exception as error:  # noqa: BLE001 - whatever a thread meets fails the test below
                trouble.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not trouble
    assert len({each.id for each in found}) == 1
    assert sum(each.created for each in found) == 1
    assert len(reports()) == 1
    with fresh():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ReportFile)) == 3


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_step_there_is_one_whole_issue_in_the_end(office: Months, point: str) -> None:
    office.comes("11-02 09:00")
    office.at("12-01 00:40")
    set_reports(office.app, recipients=("jw@example.gov.cn",))
    expected = freezing.rendered(office.bulletin())
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        failpoints.arm(point)
        freeze(NOVEMBER)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL

    survived = len(reports())
    assert survived == (1 if point == freezing.COMMITTED else 0)
    found = freeze(NOVEMBER)

    assert len(reports()) == 1
    assert sorted(bytes_of(found.id)) == sorted(expected.values())
    with fresh():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) == 1
        assert verify_chain(db.session()).ok


def test_missed_periods_are_made_up_from_the_first_that_is_due(office: Months) -> None:
    number = office.comes("10-20 09:00")
    set_reports(office.app, kinds=("monthly", "quarterly"))
    office.at("2027-01-04 08:00")

    run = freezing.run_due()

    assert [each.number for each in run.made] == ["ZB-2026-10", "ZB-2026-11", "ZB-2026-12", "ZB-2026-Q4"]
    assert run.ok
    assert freezing.run_due().made == ()
    november = bulletin_of(reports()[1])
    assert november.nothing_came
    assert [row.number for row in november.reconciled] == [number]


def test_nothing_before_since_is_due(office: Months) -> None:
    set_reports(office.app, since=date(2026, 12, 1))
    office.at("2027-01-04 08:00")
    assert [each.period for each in freezing.run_due().made] == ["2026-12", "2026-Q4", "2026"]


def test_figures_that_do_not_agree_make_a_list_and_no_bulletin(office: Months) -> None:
    number = office.comes("11-02 09:00")
    with transaction() as session:
        session.execute(sa.update(Ticket).where(Ticket.number == number).values(status=Status.VOIDED))
    set_reports(office.app, kinds=("monthly",))
    office.at("12-01 00:40")

    run = freezing.run_due()

    assert [(span.name, len(lines)) for span, lines in run.failed] == [("2026-11", 1)]
    assert [each.period for each in run.made] == ["2026-10"]


def test_what_the_last_bulletin_left_open_must_be_what_this_one_begins_with(office: Months) -> None:
    office.comes("10-20 09:00")
    office.at("11-02 08:00")
    freeze(periods.parse(BulletinKind.MONTHLY, "2026-10"))
    with transaction() as session:
        session.execute(sa.text("DROP TRIGGER ticket_event_no_update"))
        session.execute(sa.text("UPDATE ticket SET recorded_at = '2026-11-03 01:00:00.000000'"))
        session.execute(sa.text("UPDATE ticket_event SET recorded_at = '2026-11-03 01:00:00.000000'"))
    office.at("12-01 08:00")
    with pytest.raises(Unbalanced, match="上期（ZB-2026-10）列为在办，本期期初没有"):
        freeze(NOVEMBER)


def test_a_correction_is_a_new_number_that_names_the_old_one(office: Months) -> None:
    school = office.school("云岭中学")
    office.comes("11-02 09:00", school_ids=(school,))
    office.at("12-01 00:40")
    first = freeze(NOVEMBER)
    old = bytes_of(first.id)

    second = freezing.correct(first.id, "学校登记有误，已更正", actor=person("leader"))

    assert (second.number, second.issue_no) == ("ZB-2026-11-2", 2)
    row = reports()[1]
    assert (row.corrects, row.correction_reason) == ("ZB-2026-11", "学校登记有误，已更正")
    text = "".join(p for each in bulletin_of(row).chapters[0].passages for p in each.paragraphs)
    assert "代替 ZB-2026-11" in text
    assert bytes_of(first.id) == old
    assert freeze(NOVEMBER).number == "ZB-2026-11"
    with pytest.raises(DomainError, match="原因"):
        freezing.correct(first.id, " ", actor=person("leader"))


def test_a_frozen_bulletin_cannot_be_changed_in_the_database(office: Months) -> None:
    office.at("12-01 00:40")
    freeze(NOVEMBER)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.update(Report).values(contents="{}"))


def test_the_audit_chain_carries_the_digests_of_the_files(office: Months) -> None:
    office.at("12-01 00:40")
    found = freeze(NOVEMBER)
    with fresh():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "report.frozen")).one()
        rows = db.session.scalars(sa.select(ReportFile).where(ReportFile.report_id == found.id)).all()
        assert all(row.sha256 in entry.data for row in rows)
        assert all(blob_store().exists(row.blob) for row in rows)


def test_the_bulletin_holds_the_end_of_the_audit_chain_at_its_cut_off(office: Months) -> None:
    office.comes("11-02 09:00")
    with fresh():
        head = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
        seq, mac = head.seq, head.mac
    office.comes("12-01 00:10")
    office.at("12-01 00:40")
    complete = office.bulletin().integrity
    assert (complete.anchor_seq, complete.anchor_mac) == (seq, mac)


def test_each_recipient_gets_one_mail_without_a_figure_in_it(office: Months) -> None:
    set_reports(office.app, recipients=("jw@example.gov.cn", "ju@example.gov.cn", "jw@example.gov.cn"))
    office.at("12-01 00:40")
    freeze(NOVEMBER)
    freeze(NOVEMBER)
    with fresh():
        mails = db.session.scalars(sa.select(OutboxMessage)).all()
        assert [mail.kind.value for mail in mails] == ["report", "report"]
        assert all("ZB-2026-11" in mail.subject for mail in mails)
        rows = db.session.scalars(sa.select(ReportDelivery)).all()
        assert {row.recipient for row in rows} == {"jw@example.gov.cn", "ju@example.gov.cn"}
        assert all(row.sent_at is None for row in rows)
        mail = mails[0]
        ref = mail.object_ref
    from outbox.verbs import followers
    from outbox.vocabulary import OutboxKind

    with transaction() as session:
        for follow in followers(OutboxKind.REPORT):
            follow(session, mail, office.clock.moment)
    with fresh():
        sent = db.session.scalars(sa.select(ReportDelivery).where(ReportDelivery.sent_at.is_not(None))).all()
        assert [row.mail_ref for row in sent] == [ref]


@pytest.mark.parametrize("attach", [False, True])
def test_the_files_go_along_only_where_the_settings_say_so(office: Months, attach: bool) -> None:
    set_reports(office.app, recipients=("jw@example.gov.cn",), attach=attach)
    office.at("12-01 00:40")
    frozen = freeze(NOVEMBER)
    with fresh():
        kept = {row.format: row for row in db.session.scalars(sa.select(ReportFile))}
        along = [row.blob for row in db.session.scalars(sa.select(OutboxFile).order_by(OutboxFile.position))]
        wanted = [kept[FileFormat.DOCX].blob, kept[FileFormat.XLSX].blob]
        assert along == (wanted if attach else [])
        delivery = db.session.scalars(sa.select(ReportDelivery)).one()
        assert ("Excel" in delivery.note) is attach
        assert delivery.report_id == frozen.id


def test_the_installation_remembers_its_first_month(office: Months) -> None:
    with transaction() as session:
        set_fact(session, "reports_since", "2026-11-01")
    office.at("12-01 00:40")
    assert [each.period for each in freezing.run_due().made] == ["2026-11"]
