"""The blob store: raw mails and attachments as encrypted files that never change.

A file is named by a keyed hash of its content, so equal content is stored once and the names tell a thief nothing.
Written to a temporary name, synced, renamed, and the folder synced: after `put` returns, a power cut cannot take it.
A blob is stored before any row refers to it; what no row refers to is found by `mail reconcile`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from core.keys import Keys, keys_in_use

CHUNK = 1 << 20
_MAGIC = b"HBL1"
_TAG = 16
_NONCE = 12
_WRAPPED = _NONCE + 32 + _TAG
_LONGEST_HEAD = 5 + 255
_DESTROYED = b"HBLX"


class BlobMissing(Exception):
    """The file is not there, or is not what was stored."""


@dataclass(frozen=True)
class StoredBlob:
    """What a row keeps of a blob: its name in the store, the SHA-256 of the plain content, and its size."""

    name: str
    sha256: str
    size: int


class BlobStore:
    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder = folder
        self._keys = keys

    def put(self, content: bytes, *, sync_folder: bool = True) -> StoredBlob:
        """Stores the content durably and returns its name; equal content is stored once.

        With sync_folder=False the caller calls `sync` with the blobs of a whole batch before it commits.
        """
        digest = hashlib.sha256(content).hexdigest()
        name = self.name_of(digest)
        path = self._path(name)
        blob = StoredBlob(name=name, sha256=digest, size=len(content))
        if path.exists() and not _is_mark(path):
            return blob
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{name}.{secrets.token_hex(4)}")
        with temporary.open("xb") as file:
            for piece in self._encrypted(name, content):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        if sync_folder:
            self.sync([blob])
        return blob

    def sync(self, blobs: Iterable[StoredBlob]) -> None:
        """Makes the names of the blobs durable; one call for a batch costs one sync a folder."""
        if os.name != "posix":
            return
        folders = {self._path(blob.name).parent for blob in blobs}
        for folder in folders | {each.parent for each in folders}:  # the store's own folder once for all
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def get(self, name: str) -> bytes:
        """The plain content; BlobMissing if the file is gone, cut, altered, or sealed with another key."""
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(name) from error
        try:
            return b"".join(self._decrypted(name, sealed))
        except (InvalidTag, ValueError, KeyError, IndexError) as error:
            raise BlobMissing(name) from error

    def names(self) -> Iterator[str]:
        """The names of all stored blobs."""
        for path in self._folder.glob("??/*"):
            if not path.name.startswith("."):
                yield path.name

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def name_of(self, sha256: str) -> str:
        return hmac.new(self._keys.names, sha256.encode(), hashlib.sha256).hexdigest()

    def path_of(self, name: str) -> Path:
        """Where the encrypted file lies, for a backup that copies it as it is."""
        return self._path(name)

    def elsewhere(self, folder: Path) -> BlobStore:
        """A store of the same keys in another folder: a backup's copies."""
        return BlobStore(folder, self._keys)

    def wrap_id_of(self, name: str) -> str:
        """Which wrapping key the blob's own key is sealed with; BlobMissing if it is gone or no blob."""
        try:
            with self._path(name).open("rb") as file:
                head = file.read(_LONGEST_HEAD)
            if head[:4] != _MAGIC:
                raise BlobMissing(name)
            return head[5 : 5 + head[4]].decode("ascii")
        except (OSError, IndexError, UnicodeDecodeError) as error:
            raise BlobMissing(name) from error

    def rewrap(self, name: str) -> bool:
        """Seals the blob's own key with the present wrapping key; False if it already is. The content stays as it is."""
        if self.is_destroyed(name) or self.wrap_id_of(name) == self._keys.wrap_id:
            return False
        path = self._path(name)
        sealed = path.read_bytes()
        end_of_id = 5 + sealed[4]
        wrapped, body = sealed[end_of_id : end_of_id + _WRAPPED], sealed[end_of_id + _WRAPPED :]
        try:
            master = self._keys.wrap[sealed[5:end_of_id].decode("ascii")]
            material = AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], f"blob|{name}".encode())
        except (InvalidTag, KeyError) as error:
            raise BlobMissing(name) from error
        self._replace(name, self._head(name, material) + body)
        return True

    def destroy(self, name: str) -> None:
        """Destroys the content and the key it was sealed with, for good; an empty mark stays, so that it is not missed.

        A backup copies the mark over its own copy the next time. Equal content may be stored again afterwards.
        """
        self._replace(name, _DESTROYED)
        self.sync([StoredBlob(name=name, sha256="", size=0)])

    def is_destroyed(self, name: str) -> bool:
        """Whether only the mark of a destroyed blob is there."""
        return _is_mark(self._path(name))

    def _replace(self, name: str, sealed: bytes) -> None:
        path = self._path(name)
        temporary = path.with_name(f".{name}.{secrets.token_hex(4)}")
        with temporary.open("xb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def _path(self, name: str) -> Path:
        if len(name) != 64 or not all(letter in "0123456789abcdef" for letter in name):
            raise BlobMissing(name)
        return self._folder / name[:2] / name

    def _encrypted(self, name: str, content: bytes) -> Iterator[bytes]:
        material = secrets.token_bytes(32)
        yield self._head(name, material)
        cipher = AESGCM(material)
        count = max(1, -(-len(content) // CHUNK))
        for number in range(count):
            nonce = secrets.token_bytes(_NONCE)
            chunk = content[number * CHUNK : (number + 1) * CHUNK]
            yield nonce + cipher.encrypt(nonce, chunk, _place(name, number, last=number == count - 1))

    def _head(self, name: str, material: bytes) -> bytes:
        wrap_id = self._keys.wrap_id.encode()
        nonce = secrets.token_bytes(_NONCE)
        wrapped = nonce + AESGCM(self._keys.wrap[self._keys.wrap_id]).encrypt(
            nonce, material, f"blob|{name}".encode()
        )
        return _MAGIC + bytes([len(wrap_id)]) + wrap_id + wrapped

    def _decrypted(self, name: str, sealed: bytes) -> Iterator[bytes]:
        if sealed[:4] != _MAGIC:
            raise ValueError("not a blob")
        end_of_id = 5 + sealed[4]
        start = end_of_id + _WRAPPED
        wrapped = sealed[end_of_id:start]
        master = self._keys.wrap[sealed[5:end_of_id].decode("ascii")]
        cipher = AESGCM(AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], f"blob|{name}".encode()))
        step = _NONCE + CHUNK + _TAG
        body = sealed[start:]
        count = max(1, -(-len(body) // step))
        for number in range(count):
            piece = body[number * step : (number + 1) * step]
            yield cipher.decrypt(
                piece[:_NONCE], piece[_NONCE:], _place(name, number, last=number == count - 1)
            )


def _is_mark(path: Path) -> bool:
    try:
        return path.stat().st_size == len(_DESTROYED) and path.read_bytes() == _DESTROYED
    except FileNotFoundError:
        return False


def _place(name: str, number: int, *, last: bool) -> bytes:
    return f"{name}|{number}|{int(last)}".encode()


def blob_store() -> BlobStore:
    """The running application's store."""
    return BlobStore(current_app.extensions["blob_folder"], keys_in_use())
