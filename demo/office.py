"""The demonstration's office.toml: the shipped one, with mail servers of this machine and a quick poll."""

from __future__ import annotations

import re
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "config" / "office.toml"


def demo_office(imap_port: int, smtp_port: int) -> str:
    """The text of an office.toml that reads and sends on loopback only, without the second step of signing in."""
    text = SHIPPED.read_text(encoding="utf-8")
    for pattern, replacement in (
        (
            r'^host = "imap\.163\.com".*\nport = 993.*$',
            f'host = "127.0.0.1"\nport = {imap_port}\ntls = false',
        ),
        (
            r'^host = "smtp\.163\.com".*\nport = 465.*$',
            f'host = "127.0.0.1"\nport = {smtp_port}\ntls = false',
        ),
        (r"^poll_seconds = \d+", "poll_seconds = 3"),
        (r"^seconds_between = \d+", "seconds_between = 1"),
        (r"^totp_roles = .*$", "totp_roles = []"),
        (r'^phone = ""', 'phone = "13800000000"'),
    ):
        text, found = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        if not found:
            raise RuntimeError(f"office.toml has changed: {pattern} is not in it")
    return text
