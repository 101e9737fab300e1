"""The second step: a code of six digits from the person's phone (RFC 6238), each good once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from datetime import datetime

import pyotp
import segno

from core.keys import keys_in_use

_STEPS_TOLERATED = (0, -1, 1)  # phones are up to half a minute wrong
_SECRET_BYTES = 20


def pending_secret(session_token_hash: str) -> str:
    """The secret offered to one session for enrolment; derived, so that showing the page again stores nothing."""
    digest = hmac.new(keys_in_use().index, f"totp|{session_token_hash}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_SECRET_BYTES]).decode()


def matching_step(secret: str, code: str, at: datetime, *, last_step: int | None) -> int | None:
    """The time step a code belongs to, or None if it is wrong, too old or was used before."""
    totp = pyotp.TOTP(secret)
    given = "".join(code.split())
    for tolerated in _STEPS_TOLERATED:
        step = int(at.timestamp()) // totp.interval + tolerated
        if hmac.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            return step if last_step is None or step > last_step else None
    return None


def enrolment_address(secret: str, *, username: str, office: str) -> str:
    """What the phone reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=office)


def picture(address: str) -> str:
    """The QR code as a data: picture."""
    buffer = io.BytesIO()
    segno.make(address, micro=False, error="m").save(
        buffer, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, dark="#000", light="#fff"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
