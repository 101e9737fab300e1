"""Blobs beside the backup files: copied once as they are, encrypted, because they never change by themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.blobs import BlobMissing, BlobStore
from operations.backup.archive import sync_folder

FOLDER = "blobs"
# Some file systems keep times to two seconds only.
_GRAIN_NS = 3_000_000_000


@dataclass(frozen=True)
class Copied:
    """A blob in its copy."""

    name: str
    size: int


class Copies:
    """The blobs of a backup folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def add_all(self, store: BlobStore) -> Iterator[Copied]:
        """Copies what is not there yet, or was wrapped anew since; one by one what the copy then has."""
        touched: set[Path] = set()
        for name in sorted(store.names()):
            source = store.path_of(name)
            try:
                size = self._add(source, self.path_of(name), touched)
            except FileNotFoundError:
                continue  # a temporary name that was there for a moment only
            yield Copied(name, size)
        for folder in touched:
            sync_folder(folder)

    def _add(self, source: Path, target: Path, touched: set[Path]) -> int:
        there, wanted = _stat(target), source.stat()
        if (
            there is not None
            and there.st_size == wanted.st_size
            and there.st_mtime_ns + _GRAIN_NS >= wanted.st_mtime_ns
        ):
            return wanted.st_size
        copy_file(source, target)
        touched |= {target.parent, target.parent.parent}
        return wanted.st_size

    def path_of(self, name: str) -> Path:
        if len(name) != 64 or not all(letter in "0123456789abcdef" for letter in name):
            raise BlobMissing(name)
        return self._folder / name[:2] / name

    def size_of(self, name: str) -> int | None:
        found = _stat(self.path_of(name))
        return found.st_size if found else None

    def as_store(self, store: BlobStore) -> BlobStore:
        """The copies, to be opened with the same keys."""
        return store.elsewhere(self._folder)

    def give_back(self, names: Iterator[str], store: BlobStore) -> int:
        """Copies blobs into a store that does not have them; how many. A blob without a copy is left to the checks."""
        count = 0
        for name in names:
            target = store.path_of(name)
            if not target.exists() and self.path_of(name).exists():
                copy_file(self.path_of(name), target)
                count += 1
        return count


def copy_file(source: Path, target: Path) -> None:
    """Copies a file so that after a power cut it is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.partial")
    with source.open("rb") as reading, temporary.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)
        times = os.fstat(reading.fileno())
        writing.flush()
        os.fsync(writing.fileno())
    os.utime(temporary, ns=(times.st_atime_ns, times.st_mtime_ns))
    temporary.replace(target)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
