"""Which names this site answers to: a request under any other name was led here by somebody else's page or name server."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, Response, request

# Checks on the server itself ask so, and no other site can be reached under these names.
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST: Final = re.compile(r"(?P<name>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)


def answer_only_to(app: Flask, host: str, base_url: str) -> None:
    """Refuses every request that was not addressed to `host` or to this machine; to be called before any feature is."""
    own = f"[{host}]" if ":" in host else host
    hosts = {own.rstrip(".").lower(), *LOOPBACK_HOSTS}

    def refuse_other_hosts() -> Response | None:
        # The header itself: the framework would fall back on the server's own name.
        match = _HOST.fullmatch(request.environ.get("HTTP_HOST", "").lower())
        if match is not None and match["name"].rstrip(".") in hosts:
            return None
        # Nothing of the page's frame: its files would be asked for under the same wrong name.
        return Response(f"请用这个网址打开本系统：{base_url}\n", 400, mimetype="text/plain")

    app.before_request(refuse_other_hosts)
