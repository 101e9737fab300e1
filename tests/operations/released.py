"""A backup of every released version, kept for good: what comes after has to read it.

`python -m tests.operations.released` writes the present version's, on the day it is released. Until then it is written anew
whenever the tables change; afterwards never again: a change of the tables is a migration then.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from accounts.vocabulary import Role
from operations import installation
from operations.backup import making
from tests.accounts.people import Desk
from tests.operations.support import add_tickets, let_go
from tests.support.app import make_app

KEPT = Path(__file__).with_name("released")
TICKETS = 3


def versions() -> list[str]:
    """The released versions, oldest first."""
    return sorted(folder.name for folder in KEPT.iterdir() if folder.is_dir())


def write(folder: Path) -> None:
    """An installation with a few cases, its backup and its key file."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        app = make_app(Path(name))
        Desk(app).account("linfang", Role.CLERK, Role.HANDLER)
        add_tickets(app, TICKETS)
        with app.app_context():
            making.create(folder)
        let_go(app)
        shutil.copy(Path(name) / "keys.json", folder / "keys.json")


if __name__ == "__main__":
    write(KEPT / installation.program_version())
