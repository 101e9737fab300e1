"""The bureau's own texts: blanks, passages that fall away, what is refused, versions, and the page for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.vocabulary import Role
from core.db import db, end_read
from outbox.vocabulary import OutboxKind
from tests.letters.place import Place
from tickets.letters import texts
from tickets.letters.filling_in import Text, filled, problems_of_text
from tickets.letters.shipped import OUTLINES, SHIPPED, blanks_of
from tickets.vocabulary import Action, LetterName


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("编号 〔编号〕。", {"编号": "ZJ1"}, "编号 ZJ1。"),
        ("好｛，打 〔电话〕｝。", {"电话": "123"}, "好，打 123。"),
        ("好｛，打 〔电话〕｝。", {}, "好。"),
        ("甲\n\n｛〔电话〕｝\n\n乙", {"电话": ""}, "甲\n\n乙"),
        ("〔答复〕", {"答复": "写着〔编号〕和｛ ｝", "编号": "ZJ1"}, "写着〔编号〕和｛ ｝"),
    ],
)
def test_blanks_are_filled_once_and_empty_passages_fall_away(
    text: str, values: dict[str, str], says: str
) -> None:
    assert filled(text, values) == says


@pytest.mark.parametrize("name", list(LetterName))
def test_every_shipped_text_passes_its_own_check(name: LetterName) -> None:
    assert problems_of_text(SHIPPED[name], blanks_of(name), is_outline=name in OUTLINES) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"body": "您好，〔编号〕，〔学生姓名〕"}, "不认识的空：〔学生姓名〕"),
        ({"body": "您好"}, "必须有〔编号〕"),
        ({"body": "〔编号〕请打 〔电话〕"}, "〔电话〕有时没有内容"),
        ({"body": "〔编号〕｛请打 〔电话〕"}, "不成对的｛ ｝"),
        ({"body": "〔编号〕〔单位"}, "不成对的〔 〕"),
        ({"subject": "关于您的投诉"}, "不写“投诉”"),
        ({"subject": ""}, "主题要填写"),
        ({"body": ""}, "不能空着"),
        ({"body": "〔编号〕您反映的不属实"}, "不写“不属实”"),
        ({"body": "〔编号〕" + "长" * 5001}, "最多 5000 字"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(change: dict[str, str], sentence: str) -> None:
    text = replace(SHIPPED[LetterName.ACCEPTED], **change)
    found = problems_of_text(text, blanks_of(LetterName.ACCEPTED))
    assert any(sentence in each for each in found), found


def test_a_letter_is_written_from_the_version_in_use_and_says_from_which(place: Place) -> None:
    first, second = place.ticket(), place.ticket()
    place.do(first, Action.ACCEPT, "li", handler="li")
    head = place.office.signed_in("wang")
    address = f"/admin/letters?name={LetterName.ACCEPTED.value}"
    assert "现在用出厂文本" in head.text(address)

    typed = {
        "name": "accepted",
        "version": "0",
        "subject": "受理告知",
        "body": "您好：您的事项（编号 〔编号〕）已受理。\n〔单位〕〔股室〕",
        "aloud": "已经受理了。",
        "reason": "按局里要求改短",
    }
    preview = head.post("/admin/letters", {**typed, "do": "preview"}, form=address)
    assert "您的事项（编号 ZJ20261123-0007）已受理" in preview.get_data(as_text=True)
    assert "现在用出厂文本" in head.text(address), "looking changes nothing"
    wrong = head.post("/admin/letters", {**typed, "body": "您好，〔学生姓名〕"}, form=address)
    assert wrong.status_code == 422
    assert "您好，〔学生姓名〕" in wrong.get_data(as_text=True), "nothing that was typed is lost"
    assert head.post("/admin/letters", typed, form=address).status_code == 303
    assert head.post("/admin/letters", typed, form=address).status_code == 409, "somebody was faster"

    place.do(second, Action.ACCEPT, "li", handler="li")
    old, new = place.outbox(OutboxKind.NOTICE)
    assert (old.text_used, new.text_used) == ("accepted/0", "accepted/1")
    place.send()
    assert "已受理。\n安溪县教育局中教股" in place.mails()[1][2].replace("\r\n", "\n")
    assert "按局里要求改短" in head.text(address)

    assert (
        head.post("/admin/letters/shipped", {"name": "accepted", "version": "1"}, form=address).status_code
        == 303
    )
    with place.app.app_context():
        text: Text = texts.text_in_use(db.session(), LetterName.ACCEPTED)
        end_read()
    assert (text.body, text.used) == (SHIPPED[LetterName.ACCEPTED].body, "accepted/2")


def test_only_a_head_or_an_admin_changes_texts(place: Place) -> None:
    place.office.desk.account("zhao", Role.CLERK, name="赵敏")
    assert place.office.signed_in("zhao").get("/admin/letters").status_code == 403
    assert place.office.signed_in("wang").get("/admin/letters?name=nonsense").status_code == 404
