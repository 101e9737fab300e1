"""Sixty and more spellings of somebody who does not want to be caught writing a number down; none passes the leak check.

All mean the same few things: the caller's mobile number, a landline, a mail address, an identity number, a plate, accounts.
"""

from __future__ import annotations

import pytest

from tickets.masking.leak_check import leaks
from tickets.masking.mask import Identity, mask

CASE = Identity(
    names=("欧阳晚棠",),
    phones=("13812345678",),
    emails=("wantang88@163.com",),
    addresses=("凤城镇河滨路19号302室",),
)
PHONES = (
    "138 1234 5678",
    "138-1234-5678",
    "138.1234.5678",
    "138_1234_5678",
    "138 - 1234 - 5678",
    "1 3 8 1 2 3 4 5 6 7 8",
    "1-3-8-1-2-3-4-5-6-7-8",
    "138·1234·5678",
    "138—1234—5678",
    "138／1234／5678",
    "138、1234、5678",
    "138，1234，5678",
    "(138)12345678",
    "138\u30001234\u30005678",
    "138\u200b1234\u200b5678",
    "138\u00a01234\u00a05678",
    "138\u20601234\u20605678",
    "138\n1234\n5678",
    "138~1234~5678",
    "138*1234*5678",
    "+86 138 1234 5678",
    "0086-13812345678",
    "86 138-1234-5678",
    "+86(138)12345678",
    "１３８１２３４５６７８",
    "１３８－１２３４－５６７８",
    "一三八一二三四五六七八",
    "幺三八幺二三四五六拐八",
    "壹叁捌壹贰叁肆伍陆柒捌",
    "一三八 1234 五六七八",
    "138一二三四5678",
    "138 壹贰叁肆 5678",
    "一三八，一二三四，五六七八",
    "①③⑧①②③④⑤⑥⑦⑧",
    "⑴⑶⑻⑴⑵⑶⑷⑸⑹⑺⑻",
    "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
    "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
    "¹³⁸¹²³⁴⁵⁶⁷⁸",
    "١٣٨١٢٣٤٥٦٧٨",
    "l38l2345678",
    "I38I2345678",
    "电话138转1234转5678",
    "138加1234加5678",
    "138空格1234空格5678",
    "138 1234五六七八",
    "138****5678",
    "1381234xxxx",
    "138 1234 567八",
)
OTHERS = (
    "0595-23231234",
    "（0595）2323 1234",
    "0595 2323-1234 转 8",
    "零五九五二三二三一二三四",
    "23231234",
    "二三二三一二三四",
    "wantang88@163.com",
    "wantang88 @ 163 . com",
    "wantang88＠163．com",
    "wantang88 at 163 dot com",
    "wantang88(at)163(dot)com",
    "wantang88艾特163点com",
    "WANTANG88@163.COM",
    "350524199001011234",
    "350524 19900101 1234",
    "350524-1990-0101-123X",
    "３５０５２４１９９００１０１１２３Ｘ",
    "三五零五二四一九九零零一零一一二三四",
    "闽C·A1234",
    "闽 C A1234",
    "闽c-a1234",
    "闽ＣＡ１２３４",
    "微信wantang_88",
    "薇信：wantang_88",
    "VX wantang_88",
    "v信wantang_88",
    "加微wantang_88",
    "QQ：2917746035",
    "扣扣2917746035",
    "企鹅号2917746035",
    "欧 阳 晚 棠",
    "欧阳·晚棠",
    "欧阳女士",
    "ouyang wantang",
    "OuYangWanTang",
    "ouyang-wantang",
    "凤城镇河滨路19号302室",
    "河滨路１９号３０２室",
    "三年级2班的小棠",
    "三(2)班欧阳梓萌同学",
    "梓萌的缴费截图.png",
)


def test_there_are_sixty_of_them() -> None:
    assert len(set(PHONES + OTHERS)) >= 60


@pytest.mark.parametrize("spelling", PHONES + OTHERS)
def test_it_does_not_pass(spelling: str) -> None:
    assert leaks(f"请与反映人联系：{spelling}，核实情况。", identity=CASE, names_of_case=("欧阳梓萌",)), (
        spelling
    )


@pytest.mark.parametrize("spelling", PHONES)
def test_and_the_working_text_does_not_show_it(spelling: str) -> None:
    shown = mask(f"我的电话{spelling}，请回电。", CASE).text
    assert "〔" in shown, shown
    assert "5678" not in shown, shown
