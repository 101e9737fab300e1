"""Hosts and addresses as they may stand in the settings."""

from __future__ import annotations

import ipaddress
import re

_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*\.?"
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<domain>[^@\s]{1,253})")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself. A name counts only if nobody else can answer for it."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_host(text: str) -> bool:
    """A bare host name or IP address: no scheme, no port, no blank."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _NAME.fullmatch(text) is not None
    return True


def is_mail_address(text: str) -> bool:
    match = _ADDRESS.fullmatch(text)
    return match is not None and is_host(match["domain"])
