"""/admin/schools: the register of schools; lists are shown with every problem before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from accounts.current import require_actor
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from core.forms import whole_number
from core.text import clean_line
from tickets import schools
from tickets.forms.schools import LONGEST_LIST, ConfirmListForm, ContactForm, ListForm, MergeForm, SchoolForm
from tickets.models import School, SchoolAlias, SchoolContact
from tickets.school_table import HEADINGS, Person, SchoolLine, as_csv, csv_rows, read_table
from tickets.vocabulary import ContactRole

_PAGE = 100
_LARGEST = 2 * 1024 * 1024


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/admin/schools", "schools", index)
    bp.add_url_rule("/admin/schools/import", "schools_import", upload)
    bp.add_url_rule("/admin/schools/import", "schools_read", read, methods=["POST"])
    bp.add_url_rule("/admin/schools/import/save", "schools_save", save, methods=["POST"])
    bp.add_url_rule("/admin/schools/<int:school_id>", "school", show)
    bp.add_url_rule("/admin/schools/<int:school_id>", "school_edit", edit, methods=["POST"])
    bp.add_url_rule("/admin/schools/<int:school_id>/merge", "school_merge", merge, methods=["POST"])
    bp.add_url_rule("/admin/schools/<int:school_id>/contacts", "school_contact", contact, methods=["POST"])
    bp.add_url_rule(
        "/admin/schools/<int:school_id>/contacts/<int:contact_id>/end",
        "school_contact_end",
        end_contact,
        methods=["POST"],
    )


def index() -> ResponseReturnValue:
    """The schools by name, a page at a time, with a search over names and aliases."""
    session = db.session()
    wanted, after = clean_line(request.args.get("q", ""), 40), whole_number(request.args.get("after")) or 0
    query = sa.select(School).where(School.id > after).order_by(School.id).limit(_PAGE + 1)
    if wanted:
        other = sa.exists().where(
            SchoolAlias.school_id == School.id, SchoolAlias.alias.contains(wanted, autoescape=True)
        )
        query = query.where(sa.or_(School.name.contains(wanted, autoescape=True), other))
    rows = session.scalars(query).all()
    shown = rows[:_PAGE]
    parents = session.execute(
        sa.select(School.id, School.name).where(School.id.in_([row.parent_id for row in shown]))
    )
    return render_template(
        "schools/index.html",
        rows=shown,
        aliases=_aliases(session, [row.id for row in shown]),
        parents={row.id: row.name for row in parents},
        wanted=wanted,
        following=shown[-1].id if len(rows) > _PAGE else None,
    )


def _aliases(session: sa.orm.Session, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in session.scalars(
        sa.select(SchoolAlias).where(SchoolAlias.school_id.in_(ids)).order_by(SchoolAlias.alias)
    ):
        found.setdefault(row.school_id, []).append(row.alias)
    return found


def upload() -> ResponseReturnValue:
    return _import_page(ListForm())


def read() -> ResponseReturnValue:
    """What was understood of a list, row by row; nothing is saved yet."""
    form = ListForm()
    file = form.file.data
    if not form.validate() or not file or not file.filename:
        return _import_page(form, message="请选择学校名单文件。"), 422
    content = file.stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        return _import_page(form, message="文件超过 2 MB，请只留学校名单。"), 422
    try:
        rows = schools.rows_of(clean_line(file.filename, 80), content)
        lines = read_table(rows)
    except DomainError as refusal:
        return _import_page(form, message=str(refusal)), 422
    text = as_csv(rows)
    if len(text) > LONGEST_LIST:
        return _import_page(form, message="名单太长，请分几次导入。"), 422
    return _preview(text, lines)


def save() -> ResponseReturnValue:
    """Saves what the page before has shown; the rows that are wrong stay out, and only if a person has seen them."""
    form = ConfirmListForm()
    if not form.validate():
        return _import_page(ListForm(formdata=None), message="名单没有读到，请重新选择文件。"), 422
    try:
        lines = read_table(csv_rows(form.rows.data))
    except DomainError as refusal:
        return _import_page(ListForm(formdata=None), message=str(refusal)), 422
    try:
        with transaction() as writing:
            done, left_out = schools.enter(
                writing, lines, looked_at=bool(form.looked_at.data), actor=require_actor()
            )
    except DomainError as refusal:
        end_read()
        return _preview(form.rows.data, lines, message=str(refusal)), 422
    flash(
        f"学校名单已保存：新增 {done.added} 所，更新 {done.changed} 所"
        + (f"，跳过有问题的 {left_out} 行。" if left_out else "。"),
        "success",
    )
    return redirect(url_for("tickets.schools"), code=303)


def _import_page(form: ListForm, message: str = "") -> str:
    return render_template("schools/import.html", form=form, message=message, headings=HEADINGS)


def _preview(text: str, read_lines: Sequence[SchoolLine], message: str = "") -> str:
    session = db.session()
    lines = schools.beside_register(session, read_lines)
    form = ConfirmListForm(formdata=None, rows=text)
    return render_template(
        "schools/preview.html",
        form=form,
        lines=lines,
        changes=schools.what_changes(session, lines),
        problems=[line for line in lines if line.wrong or line.doubtful],
        message=message,
    )


def show(school_id: int) -> ResponseReturnValue:
    return _page(school_id)


def _page(school_id: int, *, typed: Form | None = None, message: str = "") -> str:
    session = db.session()
    school = session.get(School, school_id)
    if school is None:
        raise NotFound("没有这所学校。")
    aliases = session.scalars(
        sa.select(SchoolAlias).where(SchoolAlias.school_id == school.id).order_by(SchoolAlias.alias)
    ).all()
    parent = session.get(School, school.parent_id) if school.parent_id else None
    contacts = session.scalars(
        sa.select(SchoolContact).where(SchoolContact.school_id == school.id).order_by(SchoolContact.id.desc())
    ).all()
    as_kept = SchoolForm.of(school, [row.alias for row in aliases], parent.name if parent else "")
    return render_template(
        "schools/show.html",
        school=school,
        form=typed if isinstance(typed, SchoolForm) else as_kept,
        merging=typed if isinstance(typed, MergeForm) else MergeForm(formdata=None),
        calling=typed if isinstance(typed, ContactForm) else ContactForm(formdata=None),
        typed=typed,
        former=[row.alias for row in aliases if row.former],
        contacts=contacts,
        today=office_day(now()),
        message=message,
    )


def edit(school_id: int) -> ResponseReturnValue:
    form = SchoolForm()
    if not form.validate():
        return _page(school_id, typed=form), 422
    try:
        with transaction() as writing:
            schools.edit(writing, school_id, form.values(), actor=require_actor())
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _page(school_id, typed=form, message=str(refusal)), 422
    flash("已保存。", "success")
    return redirect(url_for("tickets.school", school_id=school_id), code=303)


def merge(school_id: int) -> ResponseReturnValue:
    form = MergeForm()
    if not form.validate():
        return _page(school_id, typed=form), 422
    try:
        with transaction() as writing:
            target = schools.merge(writing, school_id, form.into.data, actor=require_actor())
            into = target.id
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _page(school_id, typed=form, message=str(refusal)), 422
    flash("已并入，旧校名留作别名。", "success")
    return redirect(url_for("tickets.school", school_id=into), code=303)


def contact(school_id: int) -> ResponseReturnValue:
    form = ContactForm()
    if not form.validate() or form.since.day is None:
        return _page(school_id, typed=form), 422
    person = Person(
        role=ContactRole(form.role.data),
        name=clean_line(form.person.data),
        phone=clean_line(form.phone.data or ""),
    )
    try:
        with transaction() as writing:
            schools.add_contact(writing, school_id, person, since=form.since.day, actor=require_actor())
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _page(school_id, typed=form, message=str(refusal)), 422
    flash("联系人已登记，前任保留在记录里。", "success")
    return redirect(url_for("tickets.school", school_id=school_id, _anchor="contacts"), code=303)


def end_contact(school_id: int, contact_id: int) -> ResponseReturnValue:
    with transaction() as writing:
        schools.end_contact(writing, school_id, contact_id, actor=require_actor())
    flash("已登记离任。", "success")
    return redirect(url_for("tickets.school", school_id=school_id, _anchor="contacts"), code=303)
