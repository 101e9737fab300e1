"""Scans of paper: taken from a form into the blob store, and handed out again to be saved, never to be shown."""

from __future__ import annotations

import io
from dataclasses import dataclass

from flask import Response, send_file
from werkzeug.datastructures import FileStorage

from core.blobs import BlobMissing, blob_store
from core.errors import DomainError
from core.scans import keep_scan

_NO_FRAME = "default-src 'none'; sandbox"


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The scan of a paper, already in the blob store; its name is ours, its sender's could tell things."""

    blob: str
    name: str
    content_type: str
    sha256: str = ""
    size: int = 0


def kept(upload: FileStorage | None) -> Scan | None:
    """The scan in the blob store, None if there is none; what is neither PDF nor picture by its bytes is refused."""
    scanned = keep_scan(upload)
    if scanned is None:
        return None
    return Scan(
        blob=scanned.blob,
        name=f"扫描件.{scanned.ending}",
        content_type=scanned.ending,
        sha256=scanned.sha256,
        size=scanned.size,
    )


def handed_out(blob: str, name: str) -> Response:
    """The scan to be saved; the caller has written down who took it."""
    try:
        content = blob_store().get(blob)
    except BlobMissing as error:
        raise DomainError("这个扫描件读不出来，请告诉系统管理员。") from error
    answer = send_file(
        io.BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )
    answer.headers["Content-Security-Policy"] = _NO_FRAME
    return answer
