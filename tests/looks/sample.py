"""A tiny desk made of invented cases: one page of each kind, drawn with the real templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, abort, flash, render_template, request
from flask_wtf import CSRFProtect
from flask_wtf.file import FileField
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import ServiceUnavailable
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from core import templating
from core.clock import FixedClock
from core.errors import NotAllowed, NotFound, StaleVersion
from core.forms import OfficeForm

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
ERRORS = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)
PAGES = ("login", "workbench", "ticket", "form", "empty", "paper")


class LoginForm(OfficeForm):
    name = StringField("用户名", validators=[InputRequired("请填写用户名")])
    password = PasswordField("密码", validators=[InputRequired("请填写密码")])


class CallForm(OfficeForm):
    matter = TextAreaField("反映内容", validators=[InputRequired("请写下反映了什么")])
    school = SelectField(
        "学校",
        choices=[SelectChoice("", "请选择"), SelectChoice("1", "城东中学"), SelectChoice("2", "城西小学")],
    )
    grade = StringField("年级", description="如：初二、三年级")
    phone = StringField("联系电话")
    anonymity = RadioField(
        "署名",
        choices=[
            SelectChoice("named", "实名"),
            SelectChoice("confidential", "留电话、请保密"),
            SelectChoice("anonymous", "不留任何信息"),
        ],
        default="confidential",
    )
    back_entered = BooleanField("这是补录的来电")
    scan = FileField("附件")

    def validate_phone(self, field: StringField) -> None:
        if field.data and len(field.data) < 7:
            raise ValidationError("电话号码少了几位")


def sample_app(**config: Any) -> Flask:
    """The sample desk; give WTF_CSRF_ENABLED=True to have forms expire."""
    app = Flask("looks", root_path=str(ROOT))
    app.config.update({"SECRET_KEY": "only for looking", "WTF_CSRF_ENABLED": False, **config})
    app.extensions["clock"] = FixedClock(NOW)
    app.jinja_env.loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent / "templates")]
    )
    templating.init_app(app)
    if app.config["WTF_CSRF_ENABLED"]:
        CSRFProtect(app)
    app.context_processor(_surroundings)
    _add_pages(app)
    _add_failures(app)
    return app


def _surroundings() -> dict[str, Any]:
    here = request.path
    links = [("今日工作", "/workbench", 12), ("登记来电", "/form", None), ("邮件", "/empty", 3)]
    links += [("全部诉求件", "/ticket", None), ("交办单", "/paper", 2), ("报告", "/login", None)]
    return {
        "office": SimpleNamespace(short_name="安溪县教育局", name="安溪县教育局"),
        "me": None
        if here == "/login"
        else SimpleNamespace(display_name="王小兰", role_labels=["接听登记", "经办人"]),
        "menu": []
        if here == "/login"
        else [{"label": label, "url": url, "active": url == here, "badge": n} for label, url, n in links],
        "demo": here == "/empty",
        "calendar_note": "今天（周一）为工作日，时限照常计算。" if here == "/workbench" else None,
        "banners": [
            {
                "level": "error",
                "text": "中教股邮箱收不到信：授权码已失效。来信还没有进入系统。",
                "url": "/ticket",
            }
        ]
        if here == "/workbench"
        else [],
        "search_url": None if here == "/login" else "/workbench",
        "logout_url": "/login",
        "account_url": "/ticket",
        "help_url": "/empty",
    }


def _add_pages(app: Flask) -> None:
    @app.get("/login")
    def login() -> str:
        return render_template("sample/login.html", form=LoginForm())

    @app.get("/workbench")
    def workbench() -> str:
        flash("ZJ20261123-0007 已登记", "success")
        return render_template("sample/workbench.html", rows=_rows(), filters=CallForm())

    @app.get("/ticket")
    def ticket() -> str:
        return render_template("sample/ticket.html", entries=_entries(), form=CallForm())

    @app.route("/form", methods=["GET", "POST"])
    def form() -> tuple[str, int] | str:
        filled = CallForm(data={"phone": "2323", "anonymity": "confidential"})
        if request.method == "GET":
            filled.validate()
        elif not filled.validate_on_submit():
            return render_template("sample/form.html", form=filled), 422
        return render_template("sample/form.html", form=filled)

    @app.get("/empty")
    def empty() -> str:
        return render_template("sample/empty.html")

    @app.get("/folder/")
    def folder() -> str:
        return render_template("sample/empty.html")

    @app.get("/paper")
    def paper() -> str:
        return render_template("sample/paper.html")


def _add_failures(app: Flask) -> None:
    @app.route("/fail/<what>", methods=["GET", "POST"])
    def fail(what: str) -> str:
        refusals: dict[str, Exception] = {
            "bug": RuntimeError("a bug"),
            "hidden": NotFound("城东中学的件"),
            "forbidden": NotAllowed("这件是您本人报请办结的，不能由您审核。"),
            "stale": StaleVersion("王小兰在 10:21 已经保存了这一件。"),
            "busy": ServiceUnavailable(),
        }
        if what in refusals:
            raise refusals[what]
        abort(int(what))


def _rows() -> list[dict[str, Any]]:
    row = {"channel": "电话", "status": ("办理中", "info"), "stage": "待学校反馈（12月3日前）"}
    return [
        {**row, "number": "ZJ20261109-0003", "school": "城东中学", "matter": "课后服务费退费迟迟没有到账", "level": "overdue", "words": "办理超期 3 个工作日"},
        {**row, "number": "ZJ20261116-0012", "school": "第三实验中学", "matter": "晚自习强制订购资料", "level": "today", "words": "今天到期", "status": ("待审核", "warn"), "stage": "李建国，今天到期"},
        {**row, "number": "CY20261119-0002", "school": "城西中心小学（含教学点）", "matter": "课后服务托管时间与公布方案不一致，老师提前离岗", "level": "soon", "words": "明天到期", "channel": "邮件"},
        {**row, "number": "CY20261120-0005", "school": "待核实", "matter": "食堂饭菜凉、份量少", "level": "ok", "words": "还剩 8 个工作日", "status": ("待受理", "neutral"), "stage": "还剩 2 个工作日"},
        {**row, "number": "ZJ20261102-0001", "school": "职业中专", "matter": "收费公示与实际不符", "level": "paused", "words": "暂停计时至 12月1日", "status": ("暂停计时", "muted"), "stage": "待反映人补充"},
        {**row, "number": "ZJ20261026-0004", "school": "城东中学", "matter": "咨询课后服务收费标准", "level": "met", "words": "按期，提前 2 个工作日", "status": ("已办结", "ok"), "stage": "—"},
    ]  # fmt: skip


def _entries() -> list[dict[str, Any]]:
    words = [
        ("来电登记", "王小兰", "家长来电反映课后服务费退费未到账。", True),
        ("受理", "李建国", "", False),
        ("开出交办单 安教交〔2026〕12号", "李建国", "请核实退费名单并于 12月3日 前反馈。", False),
        ("学校签收", "城东中学", "", False),
    ]
    return [
        {"at": NOW - timedelta(days=9 - 2 * i), "what": what, "who": who, "text": text, "late": late}
        for i, (what, who, text, late) in enumerate(words)
    ]
