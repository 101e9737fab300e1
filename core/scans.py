"""A scan or photograph of a paper: what is neither PDF nor picture by its bytes is refused, then it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from core.blobs import blob_store
from core.errors import DomainError

_LARGEST = 20 * 1024 * 1024
_KINDS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"\x89PNG": ("png", "image/png"),
}


@dataclass(frozen=True, kw_only=True)
class KeptScan:
    """A scan in the blob store."""

    blob: str
    sha256: str
    size: int
    ending: str
    content_type: str


def keep_scan(upload: FileStorage | None) -> KeptScan | None:
    """Stores it; None if none was chosen, DomainError if it is none."""
    if upload is None or not upload.filename:
        return None
    content = upload.stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise DomainError("扫描件超过 20 MB，请压缩后再传。")
    kind = next((kind for head, kind in _KINDS.items() if content.startswith(head)), None)
    if kind is None:
        raise DomainError("扫描件要是 PDF、JPG 或 PNG。")
    stored = blob_store().put(content)
    return KeptScan(
        blob=stored.name, sha256=stored.sha256, size=stored.size, ending=kind[0], content_type=kind[1]
    )
