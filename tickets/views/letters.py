"""The page of the letters' texts: what is sent now, what may be filled in, how it would look, every version there was."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from accounts.current import require_actor
from core.db import db, end_read, transaction
from core.errors import DomainError, StaleVersion
from core.forms import OfficeForm, whole_number
from tickets.letters import texts
from tickets.letters.filling_in import LONGEST, Text
from tickets.letters.shipped import OUTLINES, blanks_of
from tickets.letters.wording import Letter, Signature, letter
from tickets.vocabulary import LetterName

_SIGN = Signature(office="安溪县教育局", section="中教股", phone="0595-23236764")
_NUMBER = "ZJ20261123-0007"


class TextForm(OfficeForm):
    name = HiddenField()
    version = HiddenField()
    subject = StringField("主题", description="编号和回信码由系统加在后面")
    body = TextAreaField("正文", [Length(max=LONGEST, message=f"最多 {LONGEST} 字。")])
    aloud = TextAreaField(
        "电话里的念法",
        [Length(max=LONGEST, message=f"最多 {LONGEST} 字。")],
        description="没有邮箱的反映人，照这一段念；没有的留空",
    )
    reason = StringField("为什么改")


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/admin/letters", "letters", show)
    bp.add_url_rule("/admin/letters", "letters_save", save, methods=["POST"])
    bp.add_url_rule("/admin/letters/shipped", "letters_shipped", shipped, methods=["POST"])


def show() -> ResponseReturnValue:
    """The list of texts, or one of them."""
    if "name" not in request.args:
        in_use = texts.texts_in_use(db.session())
        return render_template(
            "tickets/letters.html",
            lines=[(name, texts.version_of(text)) for name, text in in_use.items()],
        )
    name = _name(request.args.get("name"))
    text = texts.text_in_use(db.session(), name)
    form = TextForm(
        formdata=None,
        data={
            "name": name.value,
            "version": str(texts.version_of(text)),
            "subject": text.subject,
            "body": text.body,
            "aloud": text.aloud,
        },
    )
    return _page(name, form, text)


def save() -> ResponseReturnValue:
    """Keeps a new version, or only shows how it would look."""
    actor, form = require_actor(), TextForm()
    name = _name(form.name.data)
    text = texts.draft(
        name, subject=form.subject.data or "", body=form.body.data or "", aloud=form.aloud.data or ""
    )
    wrong = texts.problems(name, text)
    if not form.validate() or wrong or request.form.get("do") == "preview":
        return _page(name, form, text, wrong=wrong), 422 if wrong or form.errors else 200
    try:
        with transaction() as writing:
            texts.save(
                writing,
                name,
                text,
                over=whole_number(form.version.data) or 0,
                actor=actor,
                reason=form.reason.data or "",
            )
    except StaleVersion as stale:
        end_read()
        return _page(name, form, text, wrong=[str(stale)]), 409
    except DomainError as refusal:
        end_read()
        return _page(name, form, text, wrong=[str(refusal)]), 422
    flash(f"“{name.label}”已保存为新版本，今后的信按它写；已发出的不变。", "success")
    return redirect(url_for("tickets.letters", name=name.value), code=303)


def shipped() -> ResponseReturnValue:
    """Back to the shipped text, as one more version."""
    actor = require_actor()
    name = _name(request.form.get("name"))
    try:
        with transaction() as writing:
            over = whole_number(request.form.get("version")) or 0
            texts.back_to_shipped(writing, name, over=over, actor=actor)
    except StaleVersion as stale:
        flash(str(stale), "error")
    else:
        flash(f"“{name.label}”已恢复出厂文本。", "success")
    return redirect(url_for("tickets.letters", name=name.value), code=303)


def _page(name: LetterName, form: TextForm, text: Text, *, wrong: list[str] | None = None) -> str:
    read = db.session()
    return render_template(
        "tickets/letter_text.html",
        name=name,
        form=form,
        wrong=wrong or [],
        blanks=blanks_of(name),
        is_outline=name in OUTLINES,
        preview=None if name in OUTLINES else _preview(name, text),
        now_in_use=texts.text_in_use(read, name),
        version=texts.version_of(texts.text_in_use(read, name)),
        versions=texts.versions(read, name),
    )


def _preview(name: LetterName, text: Text) -> Letter:
    """The letter of an invented case, every blank filled in."""
    samples = {each.name: each.sample for each in blanks_of(name)}
    made = letter(
        _SIGN, _NUMBER, text, **{key: value for key, value in samples.items() if key not in _SIGNED}
    )
    return replace(made, text_used="")


_SIGNED = frozenset({"编号", "单位", "股室", "电话"})


def _name(value: str | None) -> LetterName:
    found = next((each for each in LetterName if each.value == value), None)
    return found if found is not None else abort(404)
