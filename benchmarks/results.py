"""A page of results in sections: one of them is written anew, the others stay. Pure."""

from __future__ import annotations

import re


def replaced(page: str, title: str, text: str) -> str:
    """The page with the section of that title written anew; at the end if there is none yet."""
    section = f"## {title}\n\n{text.strip()}\n"
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        return f"{page.rstrip()}\n\n{section}"
    after = page[found.end() :]
    return page[: found.start()] + section + (f"\n{after}" if after else "")
