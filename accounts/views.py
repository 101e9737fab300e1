"""Pages of signing in and out, and of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts import admin_views, links, queries, sessions, signing_in, totp, verbs
from accounts.current import (
    TOKEN,
    current_actor,
    current_sign_in,
    forget_current,
    limits,
    require_actor,
    safe_path,
    security,
    totp_roles,
)
from accounts.forms import ChangePasswordForm, CodeForm, EndSessionForm, LoginForm, NewPasswordForm
from accounts.models import Account
from accounts.sessions import SignIn
from accounts.vocabulary import Role
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError

if TYPE_CHECKING:
    from config.settings import Settings

bp = Blueprint("accounts", __name__)
admin_views.register(bp)

_CSRF_RAW = "csrf_token"  # where the form library keeps its half in the cookie
_WORKBENCH, _OVERDUE = "/today", "/overdue"


@bp.get("/")
def home() -> ResponseReturnValue:
    """To where this person's day begins."""
    actor = require_actor()
    if actor.has(Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER):
        return redirect(_WORKBENCH, code=303)
    if actor.has(Role.SUPERVISOR):
        return redirect(_OVERDUE, code=303)
    return redirect(url_for("accounts.index"), code=303)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    target = safe_path(request.args.get("next"))
    if request.method == "GET" and current_actor() is not None:
        return redirect(target or url_for("accounts.home"), code=303)
    form = LoginForm()
    if not form.is_submitted():
        return _login_page(form, target)
    if not form.validate():
        return _login_page(form, target), 422
    before = session.get(TOKEN)
    try:
        opened = signing_in.sign_in(
            form.username.data,
            form.password.data,
            address=request.remote_addr,
            replacing=before,
            totp_roles=totp_roles(),
            password_days=security().password_days,
        )
    except signing_in.MustWait:
        return _login_page(form, target, signing_in.NOT_SIGNED_IN), 429
    if opened is None:
        return _login_page(form, target, signing_in.NOT_SIGNED_IN), 422
    _remember(opened, before)
    return redirect(target or url_for("accounts.home"), code=303)


def _login_page(form: LoginForm, target: str | None, message: str = "") -> str:
    return render_template("accounts/login.html", form=form, target=target, message=message)


def _remember(opened: signing_in.Opened, before: str | None) -> None:
    """A new cookie for the new session.

    The form token survives only if this browser's last session was the same person's: then a form left open in another
    tab can still be sent, and nobody who planted a cookie knows the token.
    """
    same_person = before is not None and sessions.account_of(db.session(), before) == opened.account_id
    form_token = session.get(_CSRF_RAW) if same_person else None
    session.clear()
    if form_token:
        session[_CSRF_RAW] = form_token
    session[TOKEN] = opened.token
    forget_current()


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    found = current_sign_in()
    if found is not None:
        signing_in.sign_out(found)
    session.clear()
    forget_current()
    flash("已退出登录。", "success")
    response = redirect(url_for("accounts.login"), code=303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _pending() -> SignIn:
    """The session on the pages that come before a complete sign-in; the guard let nobody else here."""
    found = current_sign_in()
    if found is None:
        raise DomainError("登录已过期，请重新登录。")
    return found


@bp.route("/login/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    found, target = _pending(), safe_path(request.args.get("next"))
    if not found.awaits_second_step(totp_roles()):
        return redirect(target or url_for("accounts.home"), code=303)
    form = CodeForm()
    if not form.is_submitted():
        return _code_page(form, found, target)
    if not form.validate():
        return _code_page(form, found, target), 422
    try:
        right = signing_in.enter_code(found, form.code.data, address=request.remote_addr)
    except signing_in.MustWait:
        return _code_page(form, found, target, signing_in.WRONG_CODE), 429
    if not right:
        return _code_page(form, found, target, signing_in.WRONG_CODE), 422
    if not found.has_totp:
        flash("动态口令已绑定。以后登录时，输完密码再输手机上的 6 位数字。", "success")
    return redirect(target or url_for("accounts.home"), code=303)


def _code_page(form: CodeForm, found: SignIn, target: str | None, message: str = "") -> str:
    secret = qr_code = None
    if not found.has_totp:
        settings: Settings = current_app.extensions["settings"]
        secret = totp.pending_secret(found.token_hash)
        qr_code = totp.picture(
            totp.enrolment_address(secret, username=found.actor.username, office=settings.office.short_name)
        )
    form.code.data = ""
    return render_template(
        "accounts/code.html", form=form, target=target, message=message, secret=secret, qr_code=qr_code
    )


@bp.get("/account")
def mine() -> ResponseReturnValue:
    actor = require_actor()
    reading = db.session()
    return render_template(
        "accounts/mine.html",
        account=reading.get_one(Account, actor.id),
        sessions=queries.living_sessions(reading, actor.id or 0, now(), limits()),
        here=_pending().token_hash,
    )


@bp.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    found, target = _pending(), safe_path(request.args.get("next"))
    form = NewPasswordForm() if found.must_change_password else ChangePasswordForm()
    if not form.is_submitted():
        return _password_page(form, found, target)
    if not form.validate():
        return _password_page(form, found, target), 422
    try:
        _change_password(form, found)
    except DomainError as refusal:
        form.new_password.errors = [str(refusal)]
        return _password_page(form, found, target), 422
    except signing_in.MustWait:
        return _password_page(form, found, target, signing_in.WRONG_OLD_PASSWORD), 429
    flash("密码已修改；这个账号在其他地方的登录已全部退出。", "success")
    return redirect(target or url_for("accounts.home"), code=303)


def _change_password(form: NewPasswordForm, found: SignIn) -> None:
    if isinstance(form, ChangePasswordForm) and not signing_in.confirm_password(
        found, form.old_password.data, address=request.remote_addr
    ):
        raise DomainError(signing_in.WRONG_OLD_PASSWORD)
    with transaction() as writing:
        account = writing.get_one(Account, found.actor.id, with_for_update=True)
        verbs.set_own_password(writing, account, form.new_password.data, keep_session=found.token_hash)


def _password_page(form: NewPasswordForm, found: SignIn, target: str | None, message: str = "") -> str:
    return render_template(
        "accounts/password.html", form=form, target=target, message=message, forced=found.must_change_password
    )


@bp.post("/account/sessions")
def end_own_session() -> ResponseReturnValue:
    """Ends one session of one's own, or all others when none is named."""
    actor, here, form = require_actor(), _pending().token_hash, EndSessionForm()
    with transaction() as writing:
        if form.session.data:
            sessions.end(writing, form.session.data, now(), account_id=actor.id or 0)
        else:
            sessions.end_all(writing, actor.id or 0, now(), but=here)
    flash("已退出。", "success")
    return redirect(url_for("accounts.mine"), code=303)


@bp.route("/login/link/<code>", methods=["GET", "POST"])
def link(code: str) -> ResponseReturnValue:
    """The single-use link: choose a password, then sign in with it."""
    account = links.account_behind(db.session(), code, now())
    if account is None:
        return render_template("accounts/link_dead.html"), 404
    form = NewPasswordForm()
    if not form.is_submitted():
        return render_template("accounts/link.html", form=form, account=account, code=code)
    if not form.validate():
        return render_template("accounts/link.html", form=form, account=account, code=code), 422
    try:
        with transaction() as writing:
            opened = _still_opened_by(code, writing)
            verbs.set_own_password(writing, opened, form.new_password.data, keep_session=None)
    except DomainError as refusal:
        form.new_password.errors = [str(refusal)]
        return render_template("accounts/link.html", form=form, account=account, code=code), 422
    flash("密码已设好，请用新密码登录。", "success")
    return redirect(url_for("accounts.login"), code=303)


def _still_opened_by(code: str, writing: Session) -> Account:
    """The account again, inside the transaction: a link opens once, also when it is sent twice at the same time."""
    account = links.account_behind(writing, code, now(), for_change=True)
    if account is None:
        raise DomainError("这个链接刚刚已经用过，请直接登录。")
    return account
