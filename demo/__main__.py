"""`make demo`: a whole installation with invented cases, and mail servers of this machine that behave like 163.com.

Made anew each time. Nothing leaves: the mail servers listen on loopback only, and the settings name no others.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
from pathlib import Path

from accounts.actor import SYSTEM
from app import create_app
from config.settings import Settings
from core.db import db, transaction
from demo.filling import fill
from demo.loopback import LOOPBACK
from demo.mail_server import DEMO_ACCOUNTS, DemoMailServer
from demo.mail_sink import MailSink
from demo.office import demo_office
from demo.people import PASSWORD, PEOPLE
from demo.sample_delivery import SampleDelivery
from mail_ingest.mailboxes import set_code
from operations import installation
from operations.logs import log_to_stderr
from operations.serve import run

FOLDER = Path(__file__).resolve().parent.parent / "var" / "demo"


def main() -> None:
    """Prepares the demonstration, prints how to sign in, and serves until Ctrl-C."""
    options = _options()
    _refuse_taken(options.port)  # first: the folder below may be the one a running demonstration works in
    log_to_stderr()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True, mode=0o700)
    server = DemoMailServer(dict(DEMO_ACCOUNTS), port=0)
    delivery = SampleDelivery(server.office, list(DEMO_ACCOUNTS), over_seconds=options.over_seconds)
    sink = MailSink(port=0, accounts=dict(DEMO_ACCOUNTS), on_mail=delivery.sent)
    with server, sink:
        settings = _settings(options, imap_port=server.port, smtp_port=sink.port)
        app = create_app(settings)
        with app.app_context():
            installation.initialise()
        fill(app)
        with app.app_context():
            for address, code in DEMO_ACCOUNTS.items():
                with transaction() as session:
                    set_code(session, address, code, actor=SYSTEM)
            db.session.remove()
        _explain(settings)
        delivery.start()
        try:
            run(app, host=settings.listen_host, port=settings.listen_port, base_url=settings.base_url)
        finally:
            delivery.stop()


def _refuse_taken(port: int) -> None:
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        sys.exit(f"端口 {port} 已被占用，演练没有启动。换一个端口再试：PORT={port + 10} make demo")


def _settings(options: argparse.Namespace, *, imap_port: int, smtp_port: int) -> Settings:
    office = options.folder / "office.toml"
    office.write_text(demo_office(imap_port, smtp_port), encoding="utf-8")
    return Settings.from_environment(
        {
            "HOTLINE_DATA_DIR": str(options.folder),
            "HOTLINE_OFFICE_FILE": str(office),
            "HOTLINE_DEMO": "1",
            "HOTLINE_LISTEN": f"127.0.0.1:{options.port}",
            "HOTLINE_BASE_URL": f"http://127.0.0.1:{options.port}",
        }
    )


def _explain(settings: Settings) -> None:
    width = max(len(person.username) for person in PEOPLE)
    print(f"\n  演练系统：{settings.base_url}\n  密码都是：{PASSWORD}\n")
    for person in PEOPLE:
        roles = "、".join(role.label for role in person.roles)
        print(f"    {person.username:<{width}}  {person.name}（{person.job}）  {roles}")
    print("\n  约 30 封样例来信会在第一分钟里陆续到达；所有数据都是编的，什么也不会发出去。\n", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="演练：编造的诉求件和本机的邮件服务器。"
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="网页端口")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="演练数据放在哪里（每次重新建立）")
    parser.add_argument("--over-seconds", type=float, default=60.0, help="样例来信在多少秒内到齐")
    return parser.parse_args()


if __name__ == "__main__":
    main()
