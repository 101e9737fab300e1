"""What every page shares: strict templates, the filters for dates and figures, versioned files, security headers, error pages."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, render_template, request, url_for
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from wtforms import fields, widgets

from core.clock import OFFICE_ZONE, now, office_day
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.widgets import remembered

log = logging.getLogger(__name__)

# Bootstrap draws ticks and arrows as data: pictures.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR: Final = 365 * 24 * 3600
ABSENT: Final = "—"
_WEEKDAYS: Final = "一二三四五六日"
_STATIC_ENDPOINTS: Final = frozenset({"static", "bootstrap.static"})
_PAGES: Final = frozenset({400, 403, 404, 405, 409, 413, 422, 429})
# These extend nothing and ask nothing: whatever broke must not break the page that says so.
_PLAIN_PAGES: Final = frozenset({500, 503})
_SECRET_WORDS: Final = frozenset({"password", "passphrase", "token", "secret", "code", "totp", "pin"})
_WORTH_KEEPING: Final = 6


def init_app(app: Flask) -> None:
    """Sets up templates, versioned static files, security headers and error pages."""
    # Read when the extension starts: the office network may have no internet.
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    app.config.setdefault("WTF_I18N_ENABLED", False)
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(
        office_date=office_date,
        office_datetime=office_datetime,
        relative_day=relative_day,
        filesize=filesize,
        number=number,
        field_kind=field_kind,
    )
    environment.globals.update(asset=asset, remembered=remembered)
    app.after_request(add_security_headers)
    register_error_pages(app)


# Dates and figures


def office_date(value: date | None) -> str:
    """2026-11-23 周一; a moment is taken to the office's own day; nothing is a dash."""
    if value is None:
        return ABSENT
    day = _local(value).date() if isinstance(value, datetime) else value
    return f"{day.isoformat()} 周{_WEEKDAYS[day.weekday()]}"


def office_datetime(value: datetime | None) -> str:
    """11月23日 09:05, with the year when it is not this year's."""
    if value is None:
        return ABSENT
    local = _local(value)
    year = "" if local.year == office_day(now()).year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"


def relative_day(value: date | None) -> str:
    """今天, 昨天, 明天, else how many natural days before or after today."""
    if value is None:
        return ABSENT
    day = _local(value).date() if isinstance(value, datetime) else value
    days = (day - office_day(now())).days
    words = {-1: "昨天", 0: "今天", 1: "明天"}
    return words.get(days) or (f"{days}天后" if days > 0 else f"{-days}天前")


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(OFFICE_ZONE)


def filesize(octets: int | None) -> str:
    if octets is None:
        return ABSENT
    if octets < 1024:
        return f"{octets} 字节"
    size = octets / 1024
    for unit in ("KB", "MB"):
        # 1023.95 would be printed as 1024.0 of the smaller unit.
        if size < 1023.95:
            return f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def number(value: int | float | None) -> str:
    """12,345; a dash for nothing, which is not the same as 0."""
    return ABSENT if value is None else f"{value:,}"


# Forms


def field_kind(field: fields.Field) -> str:
    """How a form field is drawn, by what it is and not by the name of its class, so that sub-classes look right."""
    if isinstance(field, fields.RadioField):
        return "radios"
    if isinstance(field, fields.SelectMultipleField) and isinstance(field.widget, widgets.ListWidget):
        return "checks"
    if isinstance(field, fields.SelectFieldBase):
        return "select"
    if isinstance(field, fields.BooleanField):
        return "check"
    if isinstance(field.widget, widgets.TextArea):
        return "textarea"
    input_type = getattr(field.widget, "input_type", "")
    return "hidden" if input_type == "hidden" else "input"


# Static files


def asset(path: str, *, package: str = "") -> str:
    """The address of a static file with a digest of its content, so that browsers may keep it for a year.

    With package="bootstrap" the file is one of Bootstrap's own; a file that is not there fails the page.
    """
    folder = current_app.blueprints[package].static_folder if package else current_app.static_folder
    if folder is None:
        raise FileNotFoundError(path)
    file = Path(folder) / path
    version = _digest(file, file.stat().st_mtime_ns)
    endpoint = f"{package}.static" if package else "static"
    return url_for(endpoint, filename=path, v=version)


@lru_cache(maxsize=256)
def _digest(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


# Headers


def add_security_headers(response: Response) -> Response:
    """Adds what a view has not set itself: an attachment or a mail's frame brings a stricter policy of its own."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
    if request.endpoint not in _STATIC_ENDPOINTS:
        # Over what a view says: a file that is sent would ask the browser to keep a copy and only check it.
        response.headers["Cache-Control"] = "no-store"
    elif "v" in request.args and response.status_code < 400:
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


# Error pages


def register_error_pages(app: Flask) -> None:
    """Every refusal and failure ends on a page that says what happened, what to do, and what was not lost."""
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DomainError, _refusal)
    app.register_error_handler(500, _broken)


def _expired_form(_error: Exception) -> tuple[str, int]:
    return render_template("errors/400_expired.html", kept=kept_texts()), 400


def _refusal(error: DomainError) -> tuple[str, int]:
    """A refusal that no view has caught; that something exists is not told to whom must not know."""
    if isinstance(error, NotFound):
        return render_template("errors/404.html"), 404
    code = {NotAllowed: 403, StaleVersion: 409}.get(type(error), 422)
    return render_template(f"errors/{code}.html", message=str(error), kept=kept_texts()), code


def _http_error(error: HTTPException) -> HTTPException | Response:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    if error.code in _PAGES:
        # The body of a request that was too large is not read again.
        kept = [] if error.code == 413 else kept_texts()
        page = render_template(f"errors/{error.code}.html", kept=kept)
    elif error.code in _PLAIN_PAGES:
        page = plain_page(error.code)
    else:
        page = render_template("errors/400.html", kept=kept_texts()) if error.code < 500 else plain_page(500)
    headers = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    return Response(page, error.code, headers, mimetype="text/html")


def _broken(_error: Exception) -> tuple[str, int]:
    reference = secrets.token_hex(4)
    log.error("the failure above was shown to the person as %s", reference)
    return plain_page(500, reference=reference), 500


def plain_page(code: int, **context: str) -> str:
    """Renders a page that extends nothing, past the context processors, which may need what is broken."""
    return current_app.jinja_env.get_template(f"errors/{code}.html").render(**context)


def kept_texts() -> list[str]:
    """The longer texts of a form that was refused, to be shown again: nothing a person typed is lost."""
    if request.method != "POST":
        return []
    return [
        text
        for name, text in request.form.items(multi=True)
        if len(text.strip()) >= _WORTH_KEEPING and _SECRET_WORDS.isdisjoint(re.split(r"[-_]", name.lower()))
    ]
