"""One run of the sender: takes what is due, the most important first, at each sender's pace.

Whoever runs it holds the lease. The database is never locked while a mail server is spoken to.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from core import failpoints, vault
from core.blobs import BlobMissing, blob_store
from core.clock import OFFICE_ZONE, now
from core.db import db, end_read, transaction
from core.vault import CannotOpen
from outbox import letter, pace, queries, replies, senders, settling
from outbox.enclosing import Enclosure
from outbox.letter import Letter
from outbox.models import OutboxFile, OutboxMessage
from outbox.senders import NotSetUp
from outbox.settling import Claim, Reason
from outbox.transport import Connection, OpenTransport, Refused, Transport, Unconfirmed, Unreachable
from outbox.vocabulary import OutboxState

log = logging.getLogger(__name__)

LEASE = "outbox.send"
BEFORE_CLAIM = failpoints.declare("outbox.before_claim", "发信：服务器已接受收件人，还没有标为发送中")
CLAIMED = failpoints.declare("outbox.claimed", "发信：已标为发送中，正文还没有递交")
TAKEN = failpoints.declare("outbox.taken", "发信：服务器已收下，还没有记为已发出")
SETTLED = failpoints.declare("outbox.settled", "发信：已记为已发出")

NOT_A_MAIL = "收件地址写法不对，或这封信的内容或附件已不能打开，无法发送。请改用电话、信函告知。"


@dataclass(frozen=True)
class Trouble:
    """Why an address sends nothing now; code is not_set_up, unreachable, timeout, tls, cut, or the server's answer."""

    code: str
    message: str


@dataclass
class SendResult:
    """What one run did, and what it could not."""

    sent: int = 0
    retry: int = 0
    failed: int = 0
    unknown: int = 0
    waiting: int = 0
    by_sender: dict[str, int] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.troubles and not self.failed and not self.unknown


@dataclass(frozen=True)
class _Job:
    """One mail that is to leave now."""

    row: OutboxMessage
    connection: Connection
    mail: bytes
    recipient: str


class OutboxRun:
    """Sends until nothing more can leave within `wait` seconds. `sleep` is asked to wait; in tests it moves the clock."""

    def __init__(
        self, open_transport: OpenTransport, *, wait: float = 0.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._open_transport = open_transport
        self._wait, self._sleep = wait, sleep
        self._transports: dict[str, Transport] = {}
        self._result = SendResult()

    def run(self) -> SendResult:
        until = time.monotonic() + self._wait
        self._recover()
        try:
            while True:
                soonest = self._send_what_may_go()
                if soonest is None:
                    break
                pause = (soonest - now()).total_seconds()
                if pause > max(until - time.monotonic(), 0.0):
                    break
                if pause > 0:
                    self._hang_up()
                    self._sleep(pause)
        finally:
            self._hang_up()
            end_read()
        self._note_what_remains()
        return self._result

    def _note_what_remains(self) -> None:
        reading, moment = db.session(), now()
        self._result.waiting = sum(queue.count for queue in queries.queues(reading))
        for address, row in queries.sender_rows(reading).items():
            if row.blocked_until is not None and row.blocked_until > moment:
                self._result.troubles.setdefault(address, Trouble(row.last_code, row.last_message))
        end_read()

    def _recover(self) -> None:
        inflight = sa.select(sa.exists().where(OutboxMessage.state == OutboxState.INFLIGHT))
        if db.session().execute(inflight).scalar_one():
            with transaction() as session:
                self._result.unknown += settling.recover(session)
        end_read()

    def _send_what_may_go(self) -> datetime | None:
        """One mail of every sender that may send now. When the next one may go; None if nothing waits."""
        reading, moment = db.session(), now()
        standings = queries.standings(reading, moment)
        soonest: list[datetime] = []
        ready: dict[str, list[int]] = {}
        for queue in queries.queues(reading):
            trouble = self._result.troubles.get(queue.sender)
            if trouble is not None and trouble.code == "not_set_up":
                continue
            standing, its_pace = standings[queue.sender], senders.pace_of(queue.sender)
            at = max(queue.first_at, pace.earliest(queue.priority, standing, its_pace, moment))
            soonest.append(at)
            if at <= moment:
                ready.setdefault(queue.sender, []).append(queue.priority)
        end_read()
        for address, priorities in ready.items():
            self._send_one(address, priorities, moment)
        return min(soonest, default=None)

    def _send_one(self, address: str, priorities: list[int], moment: datetime) -> None:
        job = self._job(address, priorities, moment)
        if job is None:
            return
        claimed: Claim | None = None
        try:
            transport = self._transport(job.connection)
            transport.begin(job.connection.address, job.recipient)
            failpoints.hit(BEFORE_CLAIM)
            with transaction() as session:
                claimed = settling.claim(session, job.row)
            if claimed is None:
                transport.abandon()
                return
            failpoints.hit(CLAIMED)
            transport.deliver(job.mail)
        except Refused as refusal:
            self._refused(job, claimed, refusal)
        except Unreachable as trouble:
            self._unreachable(job, claimed, trouble)
        except Unconfirmed:
            self._unconfirmed(job, claimed)
        else:
            failpoints.hit(TAKEN)
            self._sent(job, claimed)
            failpoints.hit(SETTLED)

    def _job(self, address: str, priorities: list[int], moment: datetime) -> _Job | None:
        reading = db.session()
        try:
            row = queries.next_message(reading, address, priorities, moment)
            if row is None:
                return None
            connection = senders.connection_of(reading, address)
            recipient, body, files = _opened(row)
            reading.expunge(row)
        except NotSetUp as missing:
            self._result.troubles[address] = Trouble("not_set_up", str(missing))
            return None
        finally:
            end_read()
        if recipient is None or not letter.is_deliverable(recipient):
            reason = Reason("address" if recipient else "sealed", NOT_A_MAIL)
            with transaction() as session:
                settling.fail(session, row, reason)
            self._result.failed += 1
            return None
        mail = letter.written(
            Letter(
                kind=row.kind,
                sender=connection.address,
                sender_name=connection.name,
                recipient=recipient,
                subject=row.subject,
                body=body,
                message_id=row.message_id,
                extra=json.loads(row.headers),
                files=files,
            ),
            now().astimezone(OFFICE_ZONE),
        )
        return _Job(row, connection, mail, recipient)

    def _sent(self, job: _Job, claimed: Claim) -> None:
        _note_sent(claimed)
        self._result.troubles.pop(job.row.sender, None)
        self._result.sent += 1
        address = job.connection.address
        self._result.by_sender[address] = self._result.by_sender.get(address, 0) + 1
        log.info("outbox message %s sent", job.row.id)

    def _unconfirmed(self, job: _Job, claimed: Claim | None) -> None:
        self._drop(job.connection.address)
        if claimed is not None:
            with transaction() as session:
                settling.unconfirmed(session, claimed)
        self._result.unknown += 1

    def _refused(self, job: _Job, claimed: Claim | None, refusal: Refused) -> None:
        self._drop(job.connection.address)
        meaning = replies.meaning_of(refusal.stage, refusal.code, refusal.text)
        log.warning("outbox message %s: %s at %s", job.row.id, refusal.code, refusal.stage)
        code = settling.code_of(refusal.code, refusal.text)
        with transaction() as session:
            state = settling.refused(session, job.row, claimed, meaning, code)
        if meaning.whole_sender:
            self._result.troubles[job.row.sender] = Trouble(code, meaning.words)
        self._result.retry += state is OutboxState.RETRY
        self._result.failed += state is OutboxState.FAILED

    def _unreachable(self, job: _Job, claimed: Claim | None, trouble: Unreachable) -> None:
        self._drop(job.connection.address)
        log.warning("the mail server of outbox message %s: %s", job.row.id, trouble.code)
        with transaction() as session:
            until = settling.next_connection_at(session, job.row.sender)
            reason = Reason(trouble.code, trouble.message)
            settling.hold_sender(session, job.row.sender, until, reason)
            settling.later(session, job.row, claimed, until, reason)
        self._result.troubles[job.row.sender] = Trouble(trouble.code, trouble.message)
        self._result.retry += 1

    def _transport(self, connection: Connection) -> Transport:
        found = self._transports.get(connection.address)
        if found is None:
            found = self._transports[connection.address] = self._open_transport(connection)
        return found

    def _drop(self, address: str) -> None:
        found = self._transports.pop(address, None)
        if found is not None:
            found.close()

    def _hang_up(self) -> None:
        for address in list(self._transports):
            self._drop(address)


def _note_sent(claimed: Claim) -> None:
    """Writes down that a mail has left, and tells whoever wants to know in the same transaction.

    If that fails, the mail's own state is still written: what has left must not be sent again for somebody else's mistake.
    """
    try:
        with transaction() as session:
            settling.sent(session, claimed)
    except Exception:
        log.exception("what follows the sending of a mail failed")
        with transaction() as session:
            settling.sent(session, claimed, tell=False)


def _opened(row: OutboxMessage) -> tuple[str | None, str, tuple[Enclosure, ...]]:
    """Recipient, text and files; no recipient where anything of it cannot be opened any more."""
    session = db.session()
    files = session.scalars(
        sa.select(OutboxFile).where(OutboxFile.message_id == row.id).order_by(OutboxFile.position)
    ).all()
    try:
        key = vault.data_key(session, row.data_key_id)
        enclosures = tuple(
            Enclosure(
                vault.unseal(key, file.name_sealed, place=f"outbox|file{file.position}|{key.id}"),
                file.content_type,
                blob_store().get(file.blob),
            )
            for file in files
        )
        return (
            vault.unseal(key, row.recipient_sealed, place=f"outbox|recipient|{key.id}"),
            vault.unseal(key, row.body_sealed, place=f"outbox|body|{key.id}"),
            enclosures,
        )
    except (CannotOpen, BlobMissing):
        return None, "", ()
