"""What is sealed opens only where it was sealed, with the key it was sealed with."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import vault
from core.blobs import BlobMissing, BlobStore
from core.db import transaction
from core.errors import CannotStart
from core.keys import load_keys, make_keys, save_keys
from core.vault import CannotOpen, DataKey


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", make_keys())


def test_a_sealed_text_opens_again_and_shows_nothing(ground: Flask) -> None:
    with transaction() as session:
        key = vault.new_data_key(session)
        sealed = vault.seal(key, "张三 13800000000", place="complainant|name|1")
        assert b"13800000000" not in sealed
        again = vault.data_key(session, key.id)
        assert vault.unseal(again, sealed, place="complainant|name|1") == "张三 13800000000"


@pytest.mark.parametrize("place", ["complainant|name|2", "complainant|phone|1", "verbatim|name|1"])
def test_a_sealed_text_moved_to_another_row_or_column_does_not_open(ground: Flask, place: str) -> None:
    with transaction() as session:
        key = vault.new_data_key(session)
        sealed = vault.seal(key, "张三", place="complainant|name|1")
        with pytest.raises(CannotOpen):
            vault.unseal(key, sealed, place=place)


def test_nothing_opens_when_the_data_key_was_destroyed(ground: Flask) -> None:
    with transaction() as session:
        key = vault.new_data_key(session)
        session.execute(sa.update(DataKey).where(DataKey.id == key.id).values(wrapped=None))
        with pytest.raises(CannotOpen):
            vault.data_key(session, key.id)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_blob_comes_back_byte_for_byte(store: BlobStore, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    blob = store.put(content[:size])
    assert store.get(blob.name) == content[:size]
    assert blob.size == size


def test_equal_content_is_stored_once_under_a_name_that_tells_nothing(store: BlobStore) -> None:
    first, second = store.put(b"Dear Sir"), store.put(b"Dear Sir")
    assert first == second
    assert list(store.names()) == [first.name]
    assert first.name != first.sha256


@pytest.mark.parametrize("damage", ["cut", "flip", "swap", "gone"])
def test_a_damaged_blob_is_missing_never_wrong(store: BlobStore, damage: str) -> None:
    blob, other = store.put(b"a" * (2 << 20)), store.put(b"b" * (2 << 20))
    path = store.path_of(blob.name)
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "swap":
        path.write_bytes(store.path_of(other.name).read_bytes())
    else:
        path.unlink()
    with pytest.raises(BlobMissing):
        store.get(blob.name)


def test_a_key_file_comes_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    keys, path = make_keys(), tmp_path / "keys.json"
    save_keys(keys, path)
    assert load_keys(path) == keys
    with pytest.raises(FileExistsError):
        save_keys(make_keys(), path)
    path.chmod(0o644)
    with pytest.raises(CannotStart, match="chmod 600"):
        load_keys(path)


def test_a_damaged_key_file_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    save_keys(make_keys(), path)
    path.write_text(path.read_text()[:100])
    with pytest.raises(CannotStart, match="已损坏"):
        load_keys(path)
