"""The page in a real browser: it fits the desk and the phone, with mails of every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from accounts.vocabulary import Role
from outbox.vocabulary import OutboxKind
from tests.accounts.people import PASSWORD
from tests.accounts.people import Desk as People
from tests.outbox.desk import PRIMARY, Desk
from tests.outbox.mail_server import CUT, MailServer
from tests.support.browser import PHONE, chromium, keep_picture, new_page, serve, sideways


def fill(desk: Desk, server: MailServer) -> None:
    """Mails in every state, and a sender that is stopped."""
    desk.put(
        OutboxKind.ACKNOWLEDGEMENT, subject="来信已登记〔编号 ZJ20261123-0001〕", recipient="chen@qq.com"
    )
    desk.send()
    server.answer(recipient="550 Invalid User")
    desk.put(
        OutboxKind.ANSWER, subject="关于您反映事项的答复〔编号 ZJ20261120-0003〕", recipient="wang@163.com"
    )
    desk.send()
    server.answer(data=CUT)
    desk.put(OutboxKind.NOTICE, subject="受理告知〔编号 ZJ20261121-0002〕")
    for _ in range(2):
        desk.send()
        desk.forward(minutes=2)
    server.answer(data="451 DT:SPM")
    desk.put(OutboxKind.NOTICE, subject="延期告知〔编号 ZJ20261109-0006〕")
    desk.send()
    server.answer(login="535 Error: authentication failed")
    desk.put(OutboxKind.ACKNOWLEDGEMENT, sender=PRIMARY, subject="来信已登记〔编号 CY20261123-0004〕")
    desk.send()
    server.answer()
    for number in range(5):
        desk.put(OutboxKind.ACKNOWLEDGEMENT, subject=f"来信已登记〔编号 ZJ20261123-{number + 10:04d}〕")
    desk.put(not_before=desk.clock.now() + timedelta(hours=2), subject="受理告知〔编号 ZJ20261122-0001〕")


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=username]", "head")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")


@pytest.mark.browser
def test_the_outbox_fits_desk_and_phone(
    office: Callable[..., Desk], server: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = office(outbox="seconds_between = 0\nper_day = 3")
    fill(desk, server)
    People(desk.app).account("head", Role.HEAD, sections=("zhongjiao", "chuyoujiao"), name="王股长")
    folder = tmp_path_factory.mktemp("pictures")
    with chromium() as browser, serve(desk.app) as address:
        for name, size in (("desk", (1280, 720)), ("phone", PHONE)):
            page = new_page(browser, width=size[0], height=size[1])
            sign_in(page, address)
            page.goto(f"{address}/outbox")
            assert page.locator("h1").inner_text() == "发件箱"
            assert sideways(page) == 0
            keep_picture(page, folder, name)
            page.context.close()
