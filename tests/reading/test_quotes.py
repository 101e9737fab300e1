"""Where the quoted mail begins in replies of the clients that people here use."""

from __future__ import annotations

import pytest

from mail_ingest.reading.quotes import quote_start

OWN = "谢谢，问题已经解决。\n请尽快结案。\n"
OLD = "您好，请补充材料。\n教育局\n"

REPLIES = {
    "163 web": f'{OWN}\n\n在 2026-11-20 10:00:00，"教育局" <a@163.com> 写道：\n> {OLD}',
    "163 web, no marks": f"{OWN}\n\n在2026年11月20日 10:00，教育局<a@163.com>写道：\n{OLD}",
    "163 table": f"{OWN}\n\n---- 回复的原邮件 ----\n| 发件人 | 教育局<a@163.com> |\n| 日期 | 2026年11月20日 |\n{OLD}",
    "163 old": f"{OWN}\n\n-----原始邮件-----\n发件人: 教育局 <a@163.com>\n发送时间: 2026-11-20 10:00:00 (星期五)\n{OLD}",
    "QQ": f"{OWN}\n\n------------------ 原始邮件 ------------------\n发件人: 教育局 <a@163.com>;\n{OLD}",
    "QQ, hard blanks": f"{OWN}\n\n------------------&nbsp;原始邮件&nbsp;------------------\n发件人: 教育局;\n{OLD}",
    "QQ mobile": f"{OWN}\n\n------------------ Original ------------------\nFrom: 教育局 <a@163.com>\n{OLD}",
    "Outlook": f"{OWN}\n\n发件人: 教育局 <a@163.com>\n发送时间: 2026年11月20日 10:00\n收件人: b\n主题: x\n\n{OLD}",
    "Outlook web": f"{OWN}\n________________________________\n发件人： 教育局\n已发送： 2026年11月20日\n{OLD}",
    "Foxmail": f"{OWN}\n\n\nb@163.com\n \n发件人： 教育局\n发送时间： 2026-11-20 10:00\n收件人： b\n{OLD}",
    "iPhone": f"{OWN}\n> 在 2026年11月20日，上午10:00，教育局 <a@163.com> 写道：\n> \n> 您好。\n",
    "Gmail": f"{OWN}\n教育局 <a@163.com> 于2026年11月20日周五 10:00写道：\n\n> 您好。\n",
    "Gmail, English": f"{OWN}\nOn Fri, Nov 20, 2026 at 10:00 AM Bureau <a@163.com> wrote:\n\n> 您好。\n",
    "Huawei": f"{OWN}\n\n-------- 原始邮件 --------\n发件人： 教育局 <a@163.com>\n日期： 2026年11月20日\n主 题： x\n{OLD}",
    "forwarded": f"{OWN}\n---------- Forwarded message ---------\n发件人： 教育局\n{OLD}",
    "marks only": f"{OWN}\n> 您好，请补充材料。\n> 教育局\n",
}


@pytest.mark.parametrize("client", REPLIES)
def test_the_quotation_of_a_client_is_found(client: str) -> None:
    text = REPLIES[client]
    start = quote_start(text)
    assert start is not None
    assert text[:start].strip() == OWN.strip()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("在2026年9月，学校写道歉信给家长。\n发件人是谁不清楚。\n", id="words that look like it"),
        pytest.param("价格：\n发件人：王老师\n我不认识他。", id="one field is no block of fields"),
        pytest.param(
            "> 全部都是引用\n> 没有自己的话", id="nothing but quotation: folding it would show nothing"
        ),
        pytest.param("", id="nothing"),
        pytest.param("5 > 3 是对的\n请核实。", id="a sign in a sentence"),
    ],
)
def test_what_is_no_quotation_stays_open(text: str) -> None:
    assert quote_start(text) is None
