"""Who is asking, and the guard before every page: what the table of pages does not allow, nobody gets."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from accounts import sessions
from accounts.access import PUBLIC, access_table
from accounts.actor import Actor
from accounts.sessions import SEEN_EVERY, Known, Limits, SignIn
from accounts.vocabulary import Role, role_named
from core.clock import now
from core.db import db, transaction
from core.registry import registry
from core.templating import kept_texts

if TYPE_CHECKING:
    from config.office import SecuritySettings

log = logging.getLogger(__name__)

TOKEN = "token"  # noqa: S105 - the name of the cookie's field
CSRF_FIELD = "csrf_token"
LEAVING = "accounts.logout"
CODE_PAGE = "accounts.code"
PASSWORD_PAGE = "accounts.password"  # noqa: S105 - the name of a page


class NotSignedIn(RuntimeError):
    """A page that needs a person was reached without one: it is missing from the guard's table."""


def security() -> SecuritySettings:
    found: SecuritySettings = current_app.extensions["settings"].office.security
    return found


def limits() -> Limits:
    """How long sessions live, by the office's settings."""
    settings = security()
    return Limits(
        idle=timedelta(minutes=settings.idle_minutes), absolute=timedelta(hours=settings.session_hours)
    )


def totp_roles() -> frozenset[Role]:
    """The roles that need a code after the password."""
    return frozenset(role_named(role) for role in security().totp_roles)


def current_actor() -> Actor | None:
    """Who is signed in, completely; None before the code and before a forced change of password."""
    found = current_sign_in()
    return found.actor if found is not None and _pending_page(found) is None else None


def require_actor() -> Actor:
    """Who is signed in; NotSignedIn if nobody is."""
    actor = current_actor()
    if actor is None:
        raise NotSignedIn(request.path)
    return actor


def current_sign_in() -> SignIn | None:
    """The living session of this browser, complete or not."""
    found = _found()
    return found if isinstance(found, SignIn) else None


def _found() -> SignIn | Known:
    if "sign_in" not in g:
        token = session.get(TOKEN)
        g.sign_in = sessions.find(db.session(), token, now(), limits()) if token else Known.NOTHING
    found: SignIn | Known = g.sign_in
    return found


def forget_current() -> None:
    """Lets the next question read the session again, after it was changed in this request."""
    g.pop("sign_in", None)


def init_guard(app: Flask) -> None:
    app.before_request(guard)
    app.after_request(_note_seen_afterwards)


def guard() -> ResponseReturnValue | None:
    """Decides by the table of pages; what it returns is shown instead of the page."""
    if request.endpoint is None:  # no such page, or not with this method: the error page says so
        return None
    access = access_table().get(request.endpoint)
    if access == PUBLIC:
        return None
    found = _found()
    if not isinstance(found, SignIn):
        return _not_signed_in(expired=found is Known.ENDED)
    if request.endpoint == LEAVING:
        return None
    pending = _pending_page(found)
    if pending is not None:
        return None if request.endpoint == pending else _first(pending)
    if access is None or not access.permits(found.actor):
        abort(403)
    return None


def _pending_page(found: SignIn) -> str | None:
    """The one page that is open before everything else: the code, then a forced change of password."""
    if found.awaits_second_step(totp_roles()):
        return CODE_PAGE
    return PASSWORD_PAGE if found.must_change_password else None


def _not_signed_in(*, expired: bool) -> ResponseReturnValue:
    if wants_data():
        return jsonify(error="not_signed_in", message="请先登录。"), 401
    if expired and request.method == "POST" and _came_from_our_page():
        back = _kept_for_sender()
        if back is not None:
            flash("登录已过期。您刚才填写的内容已存成草稿，登录后接着填、再登记。", "warning")
            return redirect(url_for("accounts.login", next=back), code=303)
        if kept_texts():
            return _expired_with_texts()
    return redirect(url_for("accounts.login", next=_where_to_return()), code=303)


def _kept_for_sender() -> str | None:
    """Where the sender of a form finds it again, if the form's own feature keeps it: under whose session it was sent."""
    keeper = registry().keepers.get(request.endpoint or "")
    token = session.get(TOKEN)
    if keeper is None or not token:
        return None
    sender = sessions.account_of(db.session(), token)
    return keeper(sender, request.form) if sender is not None else None


def _came_from_our_page() -> bool:
    """Another site's form must not come back as one that only waits for a click."""
    try:
        validate_csrf(request.form.get(CSRF_FIELD))
    except ValidationError:
        return False
    return True


def _expired_with_texts() -> ResponseReturnValue:
    """Nothing typed is lost: the same form again, to be sent once more after signing in in another tab."""
    fields = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name != CSRF_FIELD and "password" not in name
    ]
    page = render_template(
        "accounts/expired.html",
        fields=fields,
        texts=kept_texts(),
        had_files=any(upload.filename for upload in request.files.values()),
        target=request.full_path if request.query_string else request.path,
    )
    return page, 401


def _first(endpoint: str) -> ResponseReturnValue:
    if wants_data():
        return jsonify(error="not_signed_in", message="登录还没有完成。"), 401
    return redirect(url_for(endpoint, next=_where_to_return()), code=303)


def wants_data() -> bool:
    """Whether a program asks and not a person: it cannot follow a redirect to a page."""
    if request.path.startswith("/api/") or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    if request.headers.get("Sec-Fetch-Mode", "navigate") not in {"navigate", "nested-navigate"}:
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def _where_to_return() -> str | None:
    """This page, if it can be asked for again; a form's address may have no page behind it."""
    if request.method in {"GET", "HEAD"}:
        path = request.full_path if request.query_string else request.path
    else:
        path = request.path
        adapter = current_app.create_url_adapter(request)
        try:
            if adapter is None or not adapter.test(path, method="GET"):
                return None
        except HTTPException:
            return None
    return path if path != "/" else None


def safe_path(target: str | None) -> str | None:
    """A path of this site to go to, or None for anything that a browser might read as another site's address."""
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return None
    if any(character == "\\" or not character.isprintable() or character.isspace() for character in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target


def _note_seen_afterwards(response: Response) -> Response:
    """Notes the sign of life when the answer has gone out: no page waits for it."""
    found = g.get("sign_in")
    at = now()
    if isinstance(found, SignIn) and at - found.seen_at >= SEEN_EVERY:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # outlives the request

        @response.call_on_close
        def _note() -> None:
            try:
                with app.app_context(), transaction() as writing:
                    sessions.note_seen(writing, found, at)
            except (sa.exc.SQLAlchemyError, RuntimeError):
                log.warning("a session's sign of life could not be noted", exc_info=True)

    return response
