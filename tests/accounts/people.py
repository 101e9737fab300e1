"""People for the tests: accounts as `accounts create` makes them, and their browsers."""

from __future__ import annotations

import json
import re
from typing import Any

import pyotp
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts import verbs
from accounts.actor import SYSTEM, Actor, actor_of
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.audit import AuditEntry
from core.clock import now
from core.db import db, transaction

PASSWORD = "窗台上有三盆绿萝和旧雨伞"
OTHER_PASSWORD = "moss under the seventh lamp"


class Desk:
    """Makes accounts and browsers for one application."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def account(
        self,
        username: str,
        *roles: Role,
        sections: tuple[str, ...] = ("zhongjiao",),
        password: str | None = PASSWORD,
        must_change: bool = False,
        name: str = "",
    ) -> int:
        """An account with a password of its own, and its id."""
        with self.app.app_context(), transaction() as session:
            placed = session.scalars(sa.select(Section).where(Section.slug.in_(sections))).all()
            account = verbs.create_account(
                session,
                SYSTEM,
                username=username,
                display_name=name or username,
                roles=roles or (Role.CLERK,),
                sections=placed,
                password=password,
                must_change_password=must_change,
            )
            return account.id

    def actor(self, account_id: int) -> Actor:
        with self.app.app_context():
            return actor_of(db.session().get_one(Account, account_id))

    def stored(self, account_id: int) -> Account:
        with self.app.app_context():
            account = db.session().get_one(Account, account_id)
            db.session.expunge_all()
            return account

    def browser(self) -> Browser:
        return Browser(self.app)

    def signed_in(self, username: str, password: str = PASSWORD) -> Browser:
        """A browser in which this person has entered the password, and the code where one is needed."""
        browser = self.browser()
        answer = browser.sign_in(username, password)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        if (
            answer.location.startswith("/login/code")
            or browser.get("/account").location == "/login/code?next=/account"
        ):
            browser.enrol()
        return browser

    def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What the audit log says: action, actor, data."""
        with self.app.app_context():
            entries = db.session().scalars(sa.select(AuditEntry).order_by(AuditEntry.seq)).all()
            return [(entry.action, entry.actor, json.loads(entry.data)) for entry in entries]

    def actions(self) -> list[str]:
        return [action for action, _, _ in self.audited()]


class Browser:
    """A browser with its cookies; a form is fetched before it is sent, as a person does."""

    def __init__(self, app: Flask, address: str = "192.0.2.7") -> None:
        self.client: FlaskClient = app.test_client()
        self.app = app
        self.address = address

    def get(self, path: str, **arguments: Any) -> TestResponse:
        answer = self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **arguments)
        answer.close()
        return answer

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, form: str | None = None, **arguments: Any
    ) -> TestResponse:
        """Sends a form; its token is taken from the page at `form`, by default the same address."""
        token = self.token(form or path)
        answer = self.client.post(
            path,
            data={"csrf_token": token, **(data or {})},
            environ_base={"REMOTE_ADDR": self.address},
            **arguments,
        )
        answer.close()
        answer.request.environ["wsgi.input"].close()  # a large upload lies in a file of the test client's
        return answer

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text(path))
        assert found, f"no form token on {path}"
        return found[1]

    def text(self, path: str) -> str:
        return self.get(path).get_data(as_text=True)

    def sign_in(
        self, username: str, password: str = PASSWORD, *, path: str = "/login", form: str | None = None
    ) -> TestResponse:
        return self.post(path, {"username": username, "password": password}, form=form)

    def secret(self) -> str:
        """The key offered for enrolment, as a person types it into the phone."""
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", self.text("/login/code"))
        assert found, "no key is offered"
        return found[1].replace(" ", "")

    def code_of(self, secret: str) -> str:
        with self.app.app_context():
            return pyotp.TOTP(secret).at(now())

    def enrol(self) -> str:
        """Binds a phone; the key."""
        secret = self.secret()
        answer = self.post("/login/code", {"code": self.code_of(secret)})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return secret
