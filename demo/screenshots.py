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
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from demo.people import PASSWORD

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
MAILS_ARRIVE_SECONDS = 20
BROWSER = (
    ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
)  # Chromium refuses root otherwise

# Name of the picture, who looks, which page. A page that begins with ~ is the first ticket of that list.
SHOTS = (
    ("tickets", "sumin", "/tickets"),
    ("new", "chenjie", "/tickets/new"),
    ("ticket", "sumin", "~/tickets?status=in_progress"),
    ("overdue", "laimei", "/overdue"),
    ("mail", "sumin", "/mail"),
    ("tray", "laimei", "/mail/tray"),
    ("outbox", "sumin", "/outbox"),
    ("accounts", "guanli", "/admin/accounts"),
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
    """Writes every picture of the list."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        for name, username, path in SHOTS:
            page = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN").new_page()
            _sign_in(page, base, username)
            page.goto(base + path.removeprefix("~"))
            if path.startswith("~"):
                page.locator("table a[href^='/tickets/']").first.click()
            page.screenshot(path=into / f"{name}.jpg", type="jpeg", quality=72)
            page.context.close()
        browser.close()


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
