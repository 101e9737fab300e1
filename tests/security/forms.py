"""The forms of a page as a browser would send them, read from its HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

# A browser sends these as text, but only a number, a moment, or a value of a list is meant.
TYPED = frozenset(
    {"number", "date", "datetime-local", "time", "hidden", "select", "radio", "checkbox", "file"}
)


@dataclass
class Form:
    """Where it goes, and what a person who changes nothing would send: name → (kind, value)."""

    action: str
    method: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)

    def untouched(self) -> dict[str, str]:
        """Everything as the page shows it; a text that must be there is filled in."""
        return {
            name: value if kind in TYPED else value or "一段合适的文字。"
            for name, (kind, value) in self.fields.items()
            if kind != "file"
        }


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self._open)
            self.by_id[given.get("id", "")] = self._open
            return
        form = self.by_id.get(given["form"]) if "form" in given else self._open
        if form is None:
            return
        name = given.get("name", "")
        if tag == "option" and self._select:
            kind, value = form.fields[self._select]
            form.fields[self._select] = (kind, value or given.get("value", ""))
        elif not name:
            return
        elif tag in {"input", "button"}:
            kind = given.get("type", "text" if tag == "input" else "hidden")
            if kind == "radio" and name in form.fields:
                return
            form.fields[name] = (kind, given.get("value", ""))
        elif tag == "select":
            form.fields[name], self._select = ("select", ""), name
        elif tag == "textarea":
            form.fields[name], self._textarea = ("text", ""), name

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea and self._open is not None:
            kind, value = self._open.fields[self._textarea]
            self._open.fields[self._textarea] = (kind, value + data)


def forms_of(html: str) -> list[Form]:
    """Every form of a page in its order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
