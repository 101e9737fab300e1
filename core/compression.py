"""Style sheets, scripts and drawings leave compressed, for offices without a web server in front; each is compressed once.

Pages are not: what they hold could be guessed from how well it compresses beside the form token.
"""

from __future__ import annotations

import gzip
from typing import Final

from flask import Flask, Response, current_app, request

_STATIC_ENDPOINTS: Final = frozenset({"static", "bootstrap.static"})
_WORDS: Final = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
_WORTH_IT: Final = 1_000  # bytes; less fits into one packet anyway
_AT_MOST: Final = 200
_EXTENSION: Final = "compressed_files"


def init_app(app: Flask) -> None:
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    """The file in the form the browser can take; the same answer for everything else."""
    if (
        request.endpoint not in _STATIC_ENDPOINTS
        or response.status_code != 200
        or response.mimetype not in _WORDS
        or (response.content_length or 0) < _WORTH_IT
    ):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or "Range" in request.headers:
        return response
    response.direct_passthrough = False
    version, _ = response.get_etag()
    response.set_data(_once((request.path, version or ""), response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{version}-gzip")
    return response


def _once(file: tuple[str, str], content: bytes) -> bytes:
    kept: dict[tuple[str, str], bytes] = current_app.extensions.setdefault(_EXTENSION, {})
    if file not in kept:
        if len(kept) >= _AT_MOST:
            kept.clear()
        kept[file] = gzip.compress(content, mtime=0)
    return kept[file]
