"""待人工识别: mails the reader could not read. Each is a ticket already; here it is read once more."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from core import audit
from core.db import db, end_read, transaction
from core.errors import DomainError
from mail_ingest import opening
from mail_ingest.describing import read
from mail_ingest.models import MailItem
from mail_ingest.reader_process import Reader
from mail_ingest.vocabulary import ItemState

log = logging.getLogger(__name__)


@dataclass
class ProcessedAgain:
    """How many were read this time, how many still defeat the reader, how many somebody else has dealt with meanwhile."""

    read: int = 0
    unreadable: int = 0
    meanwhile: int = 0


def process_all_again(reader: Reader, *, actor: Actor = SYSTEM) -> ProcessedAgain:
    """Reads every quarantined mail once more; one that fails, or that somebody deals with meanwhile, holds up no other."""
    done = ProcessedAgain()
    ids = db.session.scalars(
        sa.select(MailItem.id).where(MailItem.state == ItemState.QUARANTINED).order_by(MailItem.id)
    ).all()
    end_read()
    for item_id in ids:
        try:
            if process_again(item_id, reader, actor=actor):
                done.read += 1
            else:
                done.unreadable += 1
        except DomainError:
            done.meanwhile += 1
        except OperationalError:
            raise  # the database is unwell, not the mail
        except Exception:
            log.exception("mail item %s could not be filled in", item_id)
            done.unreadable += 1
    return done


def process_again(item_id: int, reader: Reader, *, actor: Actor) -> bool:
    """Reads a quarantined mail once more; if it can be read now, its ticket gets its words. False if it cannot."""
    item = db.session().get(MailItem, item_id)
    end_read()
    if item is None or item.state is not ItemState.QUARANTINED:
        raise DomainError("这封邮件已经处理过了。")
    mail = read(item, reader)
    if mail.trouble:
        with transaction() as session:
            _load(session, item_id).last_error = mail.trouble
        return False
    files = opening.store_attachments(mail.parsed)
    with transaction() as session:
        item = _load(session, item_id)
        opening.fill_in(session, item, mail.parsed, files)
        item.last_error = ""
        audit.record(session, "mail.read_again", actor=actor.username, object_ref=item.ref)
    return True


def _load(session: Session, item_id: int) -> MailItem:
    item = session.scalars(sa.select(MailItem).where(MailItem.id == item_id).with_for_update()).one()
    if item.state is not ItemState.QUARANTINED:
        raise DomainError("这封邮件已经处理过了。")
    return item
