"""Figures for Prometheus: how much of what there is, how old, how quick. No case content, no names, no addresses."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from accounts.models import Section
from core.audit import AuditHead
from core.clock import now
from core.db import db, end_read
from mail_ingest.models import MailboxState, MailItem, MailLedger
from operations import alive
from operations.backup import keeping
from outbox.models import OutboxMessage
from outbox.queries import STUCK, WAITING
from tickets.models import Deadline, Ticket

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_REGISTRY, _LATENCY = "metrics_registry", "metrics_latency"


def init_app(app: Flask) -> None:
    """Measures every request of this process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Database())
    app.extensions[_REGISTRY] = registry
    app.extensions[_LATENCY] = Histogram(
        "hotline_request_seconds",
        "Time to answer a request",
        ("endpoint", "method", "status"),
        buckets=_BUCKETS,
        registry=registry,
    )
    app.before_request(_begin)
    app.after_request(_measure)


def _begin() -> None:
    g.request_began = time.perf_counter()


def _measure(response: Response) -> Response:
    began = g.get("request_began")
    if began is not None:
        latency: Histogram = current_app.extensions[_LATENCY]
        endpoint = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "other"
        latency.labels(endpoint, method, f"{response.status_code // 100}xx").observe(
            time.perf_counter() - began
        )
    return response


def page() -> bytes:
    """All figures in Prometheus' text format."""
    registry: CollectorRegistry = current_app.extensions[_REGISTRY]
    return generate_latest(registry)


class _Database(Collector):
    """Asked anew at every scrape, so that every process tells the same."""

    def collect(self) -> Iterator[Metric]:
        session, moment = db.session(), now()
        try:
            yield from _tickets(session, moment)
            yield from _mail(session, moment)
            yield from _outbox(session, moment)
            yield from _keeping(session, moment)
        finally:
            end_read()


def _counted(name: str, words: str, label: str, rows: Iterable[sa.Row[Any, int]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in rows:
        family.add_metric([str(value)], count)
    return family


def _tickets(session: Session, moment: datetime) -> Iterator[Metric]:
    yield _counted(
        "hotline_tickets",
        "Tickets by status",
        "status",
        session.execute(sa.select(Ticket.status, sa.func.count()).group_by(Ticket.status)),
    )
    running = (Deadline.met_at.is_(None), Deadline.ended_at.is_(None), Deadline.due_at < moment)
    yield _counted(
        "hotline_deadlines_overdue",
        "Running deadlines past their due moment, by kind",
        "kind",
        session.execute(sa.select(Deadline.kind, sa.func.count()).where(*running).group_by(Deadline.kind)),
    )


def _mail(session: Session, moment: datetime) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "hotline_mail_poll_age_seconds", "Since the last successful poll", labels=["mailbox", "section"]
    )
    waiting = GaugeMetricFamily(
        "hotline_mail_waiting", "Mails seen on the server and not fetched yet", labels=["mailbox", "section"]
    )
    rows = session.execute(
        sa.select(MailboxState.id, Section.slug, MailboxState.last_ok_at, MailboxState.waiting).join(
            Section, Section.id == MailboxState.section_id
        )
    )
    for mailbox, section, last_ok_at, count in rows:
        if last_ok_at is not None:
            age.add_metric([str(mailbox), section], (moment - last_ok_at).total_seconds())
        waiting.add_metric([str(mailbox), section], count)
    yield age
    yield waiting
    for name, words, column in (
        ("hotline_mail_items", "Mails by what became of them", MailItem.state),
        ("hotline_mail_ledger", "Rows of the mail ledger by state", MailLedger.state),
    ):
        yield _counted(
            name, words, "state", session.execute(sa.select(column, sa.func.count()).group_by(column))
        )


def _outbox(session: Session, moment: datetime) -> Iterator[Metric]:
    yield _counted(
        "hotline_outbox",
        "Outgoing mails by state",
        "state",
        session.execute(sa.select(OutboxMessage.state, sa.func.count()).group_by(OutboxMessage.state)),
    )
    oldest = session.execute(sa.select(sa.func.min(OutboxMessage.created_at)).where(WAITING)).scalar_one()
    stuck = session.execute(sa.select(sa.func.count()).select_from(OutboxMessage).where(STUCK)).scalar_one()
    yield GaugeMetricFamily("hotline_outbox_stuck", "Outgoing mails a person has to decide on", value=stuck)
    yield GaugeMetricFamily(
        "hotline_outbox_oldest_seconds",
        "Age of the oldest mail that waits to leave",
        value=(moment - oldest).total_seconds() if oldest else 0,
    )


def _keeping(session: Session, moment: datetime) -> Iterator[Metric]:
    age = keeping.newest_age(moment)
    if age is not None:
        yield GaugeMetricFamily(
            "hotline_backup_age_seconds", "Since the last backup", value=age.total_seconds()
        )
    silent = alive.silent_for(session)
    if silent is not None:
        yield GaugeMetricFamily(
            "hotline_scheduler_silent_seconds",
            "Since somebody ran the jobs",
            value=silent.total_seconds(),
        )
    seq = session.execute(sa.select(AuditHead.seq).where(AuditHead.id == 1)).scalar_one_or_none()
    yield CounterMetricFamily("hotline_audit_entries", "Entries of the audit log", value=seq or 0)
