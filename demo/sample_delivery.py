"""Brings the sample mails one after another, and lets their writers answer what the office sends them."""

from __future__ import annotations

import email
import email.utils
import heapq
import itertools
import threading
import time
from collections.abc import Sequence
from email.header import decode_header, make_header
from typing import Self

from core.clock import Clock, SystemClock
from demo.mail_sink import SunkMail
from demo.post_office import PostOffice
from demo.sample_clients import Answered, Occasion
from demo.sample_mails import SAMPLES, SampleMail

_ANSWERS_AFTER_SECONDS = 3.0

# A heartbeat comes back at once, as through the provider's own servers.
_COMES_BACK_AFTER_SECONDS = 0.0


class SampleDelivery:
    """A thread that delivers `samples` over the given seconds to the mailboxes `addresses` (zhongjiao first).

    Give `sent` to the mail sink as `on_mail`: then an acknowledgement to a sample's writer makes the mail that answers it come
    as a true answer, a few seconds later, and a mail to one of our own mailboxes arrives there.
    """

    def __init__(
        self,
        office: PostOffice,
        addresses: Sequence[str],
        *,
        over_seconds: float = 60.0,
        samples: Sequence[SampleMail] = SAMPLES,
        clock: Clock | None = None,
    ) -> None:
        self._office = office
        self._addresses = addresses
        self._clock = clock or SystemClock()
        self._pace = over_seconds / max(1, *(sample.second for sample in samples))
        self._samples = samples
        self._wake = threading.Condition()
        self._order = itertools.count()
        self._due: list[tuple[float, int, SampleMail | SunkMail, Answered | None]] = []
        self._delivered: set[str] = set()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="sample-delivery", daemon=True)

    def start(self) -> Self:
        for sample in self._samples:
            self._plan(sample.second * self._pace, sample)
        self._thread.start()
        return self

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def delivered(self) -> frozenset[str]:
        """The keys of the samples that have arrived."""
        with self._wake:
            return frozenset(self._delivered)

    def sent(self, mail: SunkMail) -> None:
        """The office has sent a mail: whoever of our writers waits for it answers soon."""
        if any(self._office.knows(recipient) for recipient in mail.recipients):
            self._plan(_COMES_BACK_AFTER_SECONDS, mail)
        answered = _answered(mail)
        for sample in self._samples:
            if sample.answers and sample.answers in mail.recipients:
                self._plan(_ANSWERS_AFTER_SECONDS, sample, answered)

    def _plan(self, seconds: float, mail: SampleMail | SunkMail, answered: Answered | None = None) -> None:
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), mail, answered))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._stopped:
                    return
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._wake.wait(wait)
                    continue
                _, _, mail, answered = heapq.heappop(self._due)
                if isinstance(mail, SampleMail):
                    if mail.key in self._delivered:
                        continue
                    self._delivered.add(mail.key)
            self._deliver(mail, answered)

    def _deliver(self, mail: SampleMail | SunkMail, answered: Answered | None) -> None:
        if isinstance(mail, SunkMail):
            for address in filter(self._office.knows, mail.recipients):
                self._office.deliver(address, mail.raw)
            return
        to = tuple(self._addresses[box] for box in mail.boxes)
        now = self._clock.now()
        for address in to:
            self._office.deliver(address, mail.build(Occasion(to, address, now, answered)), mail.folder, now)


def _answered(mail: SunkMail) -> Answered:
    """What an answer quotes of our mail; we write it ourselves, so it is read without much care."""
    head = email.message_from_bytes(mail.raw)
    subject = str(make_header(decode_header(head.get("Subject", ""))))
    return Answered(head.get("Message-ID", ""), subject, mail.sender)
