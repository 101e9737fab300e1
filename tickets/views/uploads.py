"""The files of a form, put into the store before the transaction: files may be large."""

from __future__ import annotations

from flask import request

from core.blobs import blob_store
from core.errors import DomainError
from core.text import clean_line
from tickets.messages import NewAttachment

FILES_AT_MOST = 20
LONGEST_NAME = 200


def uploads() -> tuple[NewAttachment, ...]:
    """The files of the form, stored; a refusal afterwards leaves them to be found by nobody."""
    sent = [each for each in request.files.getlist("files") if each.filename]
    if len(sent) > FILES_AT_MOST:
        raise DomainError(f"一次最多上传 {FILES_AT_MOST} 个文件，请分几次登记。")
    found = []
    for upload in sent:
        stored = blob_store().put(upload.read())
        found.append(
            NewAttachment(
                name=clean_line(upload.filename or "")[:LONGEST_NAME],
                content_type=upload.mimetype or "application/octet-stream",
                size=stored.size,
                blob=stored.name,
            )
        )
    return tuple(found)
