"""A headless Chromium for tests, and a way to serve an application to it.

with chromium() as browser, serve(app) as address:
    page = new_page(browser, width=390)
    page.goto(address)
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
DESK = (1280, 720)
PHONE = (390, 844)


def chromium_path() -> str | None:
    """Where the browser lies: HOTLINE_TEST_CHROMIUM, else the system's own."""
    named = os.environ.get("HOTLINE_TEST_CHROMIUM")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Starts the browser, or skips the calling test with the command that installs it."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def new_page(
    browser: Browser, *, width: int = DESK[0], height: int = DESK[1], javascript: bool = True
) -> Page:
    """A page of a fresh context, in Chinese and in the office's zone; close it with `page.context.close()`."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
    )
    return context.new_page()


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serves the application on a free port of this computer; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="served-for-tests", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


def press_access_key(page: Page, key: str) -> None:
    """Alt and a key of the page. `keyboard.press` sends no character with Alt, and Chromium then sees no access key."""
    session = page.context.new_cdp_session(page)
    code = f"Key{key.upper()}" if key.isalpha() else f"Digit{key}"
    event = {"modifiers": 1, "key": key, "code": code, "windowsVirtualKeyCode": ord(key.upper())}
    session.send("Input.dispatchKeyEvent", {**event, "type": "keyDown", "unmodifiedText": key})
    session.send("Input.dispatchKeyEvent", {**event, "type": "keyUp"})
    session.detach()


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window; 0 is what a page must be."""
    page.wait_for_load_state()  # a click returns when the next page begins, before it has anything to measure
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def keep_picture(page: Page, folder: Path, name: str) -> Path:
    """A picture of the whole page, for a person to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
