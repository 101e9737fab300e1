"""A person at a keyboard: every stroke and every click is counted, and every wait for a page."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.accounts.people import PASSWORD
from tests.support.browser import press_access_key


@dataclass
class Hands:
    """Counts what the hands do; what is said on the telephone and typed along is counted apart."""

    page: Page
    address: str
    strokes: int = 0
    said: int = 0
    waits: int = 0

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", lambda _page: self._waited())

    def _waited(self) -> None:
        self.waits += 1

    def sign_in(self, username: str, path: str = "/") -> None:
        """Not counted: done once a day."""
        self.page.goto(f"{self.address}/login?next={path}")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)
        self.begin()

    def begin(self) -> None:
        self.strokes = self.said = self.waits = 0

    def alt(self, key: str) -> None:
        """A key of the page, pressed with Alt: two strokes."""
        press_access_key(self.page, key)
        self.strokes += 2

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.strokes += times

    def type(self, text: str) -> None:
        """A stroke a character: what an input method asks for is nearly the same."""
        self.page.keyboard.type(text)
        self.strokes += len(text)

    def write(self, text: str) -> None:
        """What is said, or an answer in one's own words: it has to be written anywhere."""
        self.page.keyboard.type(text)
        self.said += len(text)

    def click(self, selector: str) -> None:
        self.page.click(selector)
        self.strokes += 1

    def choose(self, selector: str, value: str) -> None:
        """A list opened and a line of it taken."""
        self.page.select_option(selector, value)
        self.strokes += 2

    def fill(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)
        self.strokes += 1
        self.said += len(text)

    def sees(self, selector: str, text: str) -> None:
        expect(self.page.locator(selector).first).to_contain_text(text)

    def report(self, journey: str) -> None:
        """Prints the counts."""
        sys.stdout.write(
            f"{journey}: {self.strokes} keystrokes and clicks, {self.said} characters of text, "
            f"{self.waits} pages waited for\n"
        )
