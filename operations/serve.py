"""`python app.py`: the web server and the scheduler in one process, stopped together and in order."""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING, Any

import click
from flask import Flask
from waitress.server import create_server

from config.network import is_loopback
from core.errors import CannotStart
from operations import installation
from operations.logs import log_to_files, log_to_stderr
from operations.schedule import Schedule, leave
from operations.worker import stop_signals

if TYPE_CHECKING:
    from config.settings import Settings

log = logging.getLogger(__name__)
THREADS = 8
LAST_REQUESTS_SECONDS = 8


def serve(app: Flask) -> None:
    """Prepares the installation and serves until SIGTERM or Ctrl-C; running requests and jobs end first."""
    log_to_stderr()
    settings: Settings = app.extensions["settings"]
    with app.app_context():
        installation.initialise()
        installation.check_ready()
        first = installation.first_administrator()
    log_to_files(settings.data_dir / "logs", "web")
    if first is not None:
        click.echo(
            f"\n第一个管理员：用户名 {first.username}，一次性密码 {first.password}（只显示这一次，登录后请修改）\n"
        )
    run(app, host=settings.listen_host, port=settings.listen_port, base_url=settings.base_url)


def run(app: Flask, *, host: str, port: int, base_url: str) -> None:
    """Serves an installation that is ready."""
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            channel_timeout=60,
            connection_limit=500,
            ident="hotline",
            **_proxy(host, base_url),
        )
    except OSError as error:
        raise CannotStart(
            f"端口 {port} 已被占用，系统没有启动。请关掉占用它的程序，或改 HOTLINE_LISTEN。"
        ) from error
    schedule = Schedule(app)

    def _stop(*_: object) -> None:
        threading.Thread(target=_end, name="stop").start()

    def _end() -> None:
        log.info("stopping: no new requests, running ones end first")
        schedule.begin_stop()
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=LAST_REQUESTS_SECONDS)
        server.close()

    for number in stop_signals():
        signal.signal(number, _stop)
    schedule.start()
    click.echo(f"系统已启动：{base_url}（按 Ctrl-C 停止）")
    try:
        server.run()
    except OSError:
        log.debug(
            "the listening socket was closed"
        )  # how waitress ends when it is closed from another thread
    finally:
        if not schedule.stop():
            leave()


def _proxy(host: str, base_url: str) -> dict[str, Any]:
    """Who may say for whom a request is: with https somebody on this machine does the encryption and passes on.

    Only then, and only from this machine, is believed what the X-Forwarded headers say. Otherwise they change nothing; they
    are left in the request as a sign that it did not begin on this machine.
    """
    if not (base_url.startswith("https://") and is_loopback(host)):
        return {"clear_untrusted_proxy_headers": False}
    return {
        "trusted_proxy": "127.0.0.1",
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }
