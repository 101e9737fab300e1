"""Envelope encryption: every ticket and every blob has a random data key, wrapped by the master key.

Identity lies sealed in columns of type bytes and is opened only here, one field at a time, by code that has asked the
policy first. A sealed field is bound to its table, column and owner, so two rows cannot be exchanged. Destroying a data
key makes everything sealed with it unreadable, in old backups too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, insert_later, table_of
from core.keys import Keys, keys_in_use

NONCE_BYTES = 12


class DataKey(Base):
    """A wrapped data key; `wrapped` is emptied when the key is destroyed."""

    __tablename__ = "data_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes | None]
    wrap_id: Mapped[str]
    destroyed_at: Mapped[datetime | None]


_INSERT = sa.insert(table_of(DataKey))


class CannotOpen(Exception):
    """The sealed value does not open: wrong key, destroyed key, or it was moved or altered."""


@dataclass(frozen=True, repr=False)
class DataKeyInHand:
    """An unwrapped data key, held only while something is sealed or opened with it."""

    id: str
    material: bytes


def new_data_key(session: Session, *, later: bool = False) -> DataKeyInHand:
    """Makes a data key and adds its wrapped form to the transaction; `later` with what it seals (`insert_later`)."""
    key = DataKeyInHand(id=secrets.token_hex(16), material=secrets.token_bytes(32))
    values = {"id": key.id, "wrapped": wrap(key), "wrap_id": keys_in_use().wrap_id}
    if later:
        insert_later(session, DataKey, **values)
    else:
        session.execute(_INSERT, values)
    return key


def wrap(key: DataKeyInHand, keys: Keys | None = None) -> bytes:
    keys = keys or keys_in_use()
    return _encrypt(keys.wrap[keys.wrap_id], key.material, f"data_key|{key.id}")


def unwrap(key_id: str, wrapped: bytes, wrap_id: str) -> DataKeyInHand:
    master = keys_in_use().wrap.get(wrap_id)
    if master is None:
        raise CannotOpen(f"no wrapping key {wrap_id}")
    return DataKeyInHand(id=key_id, material=_decrypt(master, wrapped, f"data_key|{key_id}"))


def data_key(session: Session, key_id: str) -> DataKeyInHand:
    """Fetches and unwraps a data key; CannotOpen if it was destroyed."""
    row = session.execute(
        sa.select(DataKey.wrapped, DataKey.wrap_id).where(DataKey.id == key_id)
    ).one_or_none()
    if row is None or row.wrapped is None:
        raise CannotOpen("the data key was destroyed")
    return unwrap(key_id, row.wrapped, row.wrap_id)


def seal(key: DataKeyInHand, text: str, *, place: str) -> bytes:
    """Seals a text for one place, written table|column|owner's id."""
    return _encrypt(key.material, text.encode("utf-8"), place)


def unseal(key: DataKeyInHand, sealed: bytes, *, place: str) -> str:
    """Opens a sealed text; CannotOpen if it was sealed for another place or altered."""
    return _decrypt(key.material, sealed, place).decode("utf-8")


def _encrypt(material: bytes, plain: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(material).encrypt(nonce, plain, place.encode())


def _decrypt(material: bytes, sealed: bytes, place: str) -> bytes:
    try:
        return AESGCM(material).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(place.split("|", maxsplit=1)[0]) from error
