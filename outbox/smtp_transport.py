"""A mail server by SMTP: the one file with smtplib."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator

from core import failpoints
from outbox.replies import Stage
from outbox.transport import Connection, Refused, Unconfirmed, Unreachable

TIMEOUT_SECONDS = 60.0  # a provider may look through a mail for half a minute before it answers
_GO_AHEAD = 354
_DONE = 250
_LOGGED_IN = 235
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
# The computer's own name is nobody's business, and looking it up may hang.
_OUR_NAME = "[127.0.0.1]"

HANDED_OVER = failpoints.declare("outbox.handed_over", "发信：正文已递交，邮件服务器还没有回答")


def open_smtp(connection: Connection) -> SmtpTransport:
    """Connects and logs in; Refused or Unreachable if that fails."""
    with _broken_line(Stage.CONNECT):
        client = _connected(connection)
    transport = SmtpTransport(client)
    try:
        transport.log_in(connection)
    except (Refused, Unreachable):
        transport.close()
        raise
    return transport


class SmtpTransport:
    """A connection that is logged in."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client

    def log_in(self, connection: Connection) -> None:
        """One try with one method: a second try with the same code would only count as another failure."""
        with _broken_line(Stage.LOGIN):
            self._expect(Stage.LOGIN, self._client.ehlo(), _DONE)
            if connection.password is None:
                return
            offered = self._client.esmtp_features.get("auth", "").upper().split()
            self._client.user, self._client.password = connection.username, connection.password
            if "PLAIN" in offered:
                answer = self._client.auth("PLAIN", self._client.auth_plain)
            else:
                answer = self._client.auth("LOGIN", self._client.auth_login)
            self._expect(Stage.LOGIN, answer, _LOGGED_IN, 503)  # 503: logged in already

    def begin(self, sender: str, recipient: str) -> None:
        with _broken_line(Stage.SENDER):
            self._expect(Stage.SENDER, self._client.mail(sender), _DONE)
        with _broken_line(Stage.RECIPIENT):
            self._expect(Stage.RECIPIENT, self._client.rcpt(recipient), _DONE, 251)

    def deliver(self, mail: bytes) -> None:
        with _broken_line(Stage.DATA):
            self._expect(Stage.DATA, self._client.docmd("DATA"), _GO_AHEAD)
        try:
            self._client.send(_LEADING_DOT.sub(b"..", mail) + b".\r\n")
            failpoints.hit(HANDED_OVER)
            code, text = self._client.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._client.close()
            raise Unconfirmed(type(error).__name__) from error
        self._expect(Stage.DATA, (code, text), _DONE)

    def abandon(self) -> None:
        with _broken_line(Stage.SENDER):
            self._client.rset()

    def close(self) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._client.quit()
        self._client.close()

    def _expect(self, stage: Stage, answer: tuple[int, bytes], *wanted: int) -> None:
        code, text = answer
        if code == -1:
            raise Unreachable("cut", "邮箱服务器说到一半断开了连接。")
        if code not in wanted:
            raise Refused(stage, code, _plain(text))


def _connected(connection: Connection) -> smtplib.SMTP:
    if not connection.tls:
        return smtplib.SMTP(
            connection.host, connection.port, local_hostname=_OUR_NAME, timeout=TIMEOUT_SECONDS
        )
    return smtplib.SMTP_SSL(
        connection.host,
        connection.port,
        local_hostname=_OUR_NAME,
        timeout=TIMEOUT_SECONDS,
        context=ssl.create_default_context(cafile=connection.ca_file),
    )


@contextlib.contextmanager
def _broken_line(stage: Stage) -> Iterator[None]:
    """Turns what smtplib and the network raise into the port's own words."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise Refused(stage, error.smtp_code, _plain(error.smtp_error)) from error
    except ssl.SSLError as error:
        raise Unreachable("tls", f"与邮箱服务器的加密连接没有建立（{_reason(error)}）。") from error
    except TimeoutError as error:
        raise Unreachable("timeout", "邮箱服务器没有在规定时间内回答。") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable("unreachable", "连不上邮箱服务器，可能是网络断了。") from error


def _reason(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or error.reason or "SSL"


def _plain(text: bytes | str) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
