"""The mail server of the demonstration: mailboxes on this machine that behave like those of 163.com.

`python -m demo.mail_server --deliver-samples` runs it alone, with a mail sink beside it; nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import signal
import ssl
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from core.clock import Clock
from demo.imap_session import ImapSession
from demo.loopback import LOOPBACK, LoopbackServer
from demo.mail_sink import MailSink
from demo.post_office import PostOffice
from demo.sample_delivery import SampleDelivery

# The published addresses of the shipped office.toml, in the order of its sections. The codes open nothing elsewhere.
DEMO_ACCOUNTS: Mapping[str, str] = {
    "zjg23236764@163.com": "DEMOZHONGJIAOGUA",
    "chuyoujiao@163.com": "DEMOCHUYOUJIAOGU",
}
IMAP_PORT = 10143
SMTP_PORT = 10025


class DemoMailServer:
    """IMAP on 127.0.0.1 for {address: authorisation code}; port 0 takes a free one, read it from `port`.

    Folders are refused with "Unsafe Login" until ID was sent after LOGIN; nothing can be changed over IMAP except the
    \\Seen flag that a careless FETCH sets, so that a test can notice it.
    """

    host = LOOPBACK
    session = ImapSession

    def __init__(
        self,
        accounts: Mapping[str, str],
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.office = PostOffice(accounts, clock=clock)
        self._server = LoopbackServer(
            lambda connection: self.session(connection, self.office).run(), port=port, tls=tls
        )
        self.port = self._server.port

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def deliver(
        self, address: str, raw: bytes, folder: str = "INBOX", internaldate: datetime | None = None
    ) -> int:
        """Put a mail into a folder and return its UID; without a date it arrives now."""
        return self.office.deliver(address, raw, folder, internaldate)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    accounts = dict(options.account or DEMO_ACCOUNTS)
    server = DemoMailServer(accounts, port=options.port)
    delivery = SampleDelivery(server.office, list(accounts), over_seconds=options.over_seconds)
    sink = MailSink(port=options.smtp_port, accounts=accounts, folder=options.sent, on_mail=delivery.sent)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with server, sink:
        print(f"IMAP {server.host}:{server.port}  SMTP {sink.host}:{sink.port}", flush=True)
        if options.deliver_samples:
            delivery.start()
        while not ended.wait(0.5):  # on Windows a wait without an end does not notice Ctrl-C
            pass
        delivery.stop()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo.mail_server", description="演练用邮件服务器：只在本机监听，不向外发送任何邮件。"
    )
    parser.add_argument("--port", type=int, default=IMAP_PORT, help="IMAP 端口（0 为任意空闲端口）")
    parser.add_argument("--smtp-port", type=int, default=SMTP_PORT, help="SMTP 端口（0 为任意空闲端口）")
    parser.add_argument(
        "--account",
        type=_account,
        action="append",
        metavar="地址:授权码",
        help="可重复；先中教股，后初幼教股",
    )
    parser.add_argument("--deliver-samples", action="store_true", help="陆续投递样例邮件")
    parser.add_argument("--over-seconds", type=float, default=60.0, help="样例邮件在多少秒内投完")
    parser.add_argument("--sent", type=Path, help="把“发出”的邮件存到这个文件夹")
    return parser.parse_args(arguments)


def _account(text: str) -> tuple[str, str]:
    address, colon, code = text.partition(":")
    if not (colon and code and "@" in address):
        raise argparse.ArgumentTypeError("请写成 地址:授权码")
    return address, code


if __name__ == "__main__":
    main()
