"""`make screenshots`: the pictures of README and handbooks, taken from a fresh demonstration; needs Chromium."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from demo.people import PASSWORD

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
MAILS_ARRIVE_SECONDS = 20
BROWSER = (
    ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
)  # Chromium refuses root otherwise

PICTURE_AT_MOST = 120_000


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A picture: who looks, at which page, and what is clicked before it is taken, one link or button after the other."""

    name: str
    who: str
    page: str
    click: tuple[str, ...] = ()
    type: tuple[tuple[str, str], ...] = ()  # field and text, before the button of suggestions is pressed
    reveal: bool = False
    whole: bool = False  # a sheet of paper, not a screen


_FIRST_TICKET = "table a[href^='/tickets/']"
_ORDERS = "a[href$='/orders']"
SHOTS = (
    Shot(name="workbench", who="sumin", page="/today"),
    Shot(name="tickets", who="sumin", page="/tickets"),
    Shot(name="new", who="chenjie", page="/tickets/new"),
    Shot(
        name="advice",
        who="chenjie",
        page="/tickets/new",
        type=(
            ("matter", "家长说课后服务又收了材料费，问是不是必须参加，不参加行不行。"),
            ("school_text", "云岭一中"),
        ),
    ),
    Shot(name="policies", who="laimei", page="/policies"),
    Shot(
        name="ticket",
        who="wangjun",
        page="/tickets?status=in_progress",
        click=("a:has-text('周三、周五')",),  # one with a note on how to reach the person
        reveal=True,
    ),
    Shot(name="orders", who="wangjun", page="/tickets?status=in_progress", click=(_FIRST_TICKET, _ORDERS)),
    Shot(
        name="order",
        who="wangjun",
        page="/tickets?status=in_progress",
        click=(_FIRST_TICKET, _ORDERS, "table a[href*='/orders/']", "a:has-text('打印交办单')"),
        whole=True,
    ),
    Shot(name="overdue", who="laimei", page="/overdue"),
    Shot(name="mail", who="sumin", page="/mail"),
    Shot(name="tray", who="laimei", page="/mail/tray"),
    Shot(name="outbox", who="sumin", page="/outbox"),
    Shot(name="report", who="zhengguo", page="/reports", click=("main a[href^='/reports/']",)),
    Shot(name="supervision", who="jijian", page="/supervision"),
    Shot(name="calendar", who="sumin", page="/admin/calendar"),
    Shot(name="away", who="sumin", page="/account/away"),
    Shot(name="system", who="guanli", page="/admin/system"),
    Shot(name="accounts", who="guanli", page="/admin/accounts"),
)


def main() -> None:
    """Starts a demonstration, signs in as each of the people, and writes small pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=PICTURES)
    into: Path = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "demo",
            "--port",
            str(port),
            "--folder",
            folder,
            "--over-seconds",
            "2",
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as demo:  # noqa: S603 - our own module
            try:
                _wait_for(f"http://127.0.0.1:{port}/login")
                time.sleep(MAILS_ARRIVE_SECONDS)
                take(f"http://127.0.0.1:{port}", into)
            finally:
                demo.terminate()


def take(base: str, into: Path) -> None:
    """Writes every picture of the list; SystemExit with those that are too large for the repository."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        for shot in SHOTS:
            width, height = (800, 1130) if shot.whole else (1280, 800)
            page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
            _sign_in(page, base, shot.who)
            page.goto(base + shot.page)
            for selector in shot.click:
                page.locator(selector).first.click()
                page.wait_for_load_state()
            for field, text in shot.type:
                page.fill(f"[name={field}]", text)
            if shot.type:
                page.click("[name=look]")
                page.wait_for_load_state()
                page.evaluate("scrollTo(0, 0)")
            if shot.reveal:
                page.select_option("#reveal-reason", index=1)
                page.click("button:has-text('查看联系方式')")
                page.wait_for_load_state()
                page.evaluate("scrollTo(0, 0)")
            if page.get_by_text("系统出错了").count():
                raise SystemExit(f"{shot.name}: the page does not work")
            page.screenshot(path=into / f"{shot.name}.jpg", type="jpeg", quality=60)
            page.context.close()
        browser.close()
    large = [shot.name for shot in SHOTS if (into / f"{shot.name}.jpg").stat().st_size > PICTURE_AT_MOST]
    if large:
        raise SystemExit(f"larger than {PICTURE_AT_MOST:,} bytes: {', '.join(large)}")


def _sign_in(page: Page, base: str, username: str) -> None:
    page.goto(f"{base}/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_load_state()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the demonstration did not start")


if __name__ == "__main__":
    main()
