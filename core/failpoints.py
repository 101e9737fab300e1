"""Named places where a test may kill the process, as a power cut would.

Off unless the settings name one (HOTLINE_FAILPOINT=name[:n], refused outside tests): `hit` is then one comparison.
"""

from __future__ import annotations

import os
import signal

from core.errors import CannotStart

_declared: dict[str, str] = {}
_armed: dict[str, int] = {}


def declare(name: str, meaning: str) -> str:
    """Makes a failpoint known to `doctor --json`; returns its name."""
    _declared[name] = meaning
    return name


def declared() -> dict[str, str]:
    """All failpoints of the program with what each one interrupts."""
    return dict(sorted(_declared.items()))


def arm(name: str, passes: int = 1) -> None:
    """The process dies with SIGKILL at the given pass of the failpoint. CannotStart for a name nobody declared.

    A test that misspells a name would otherwise prove that nothing happens when nothing is killed.
    """
    if name not in _declared:
        known = "、".join(sorted(_declared))
        raise CannotStart(f"HOTLINE_FAILPOINT：没有名为“{name}”的中断点。可用的有：{known}。")
    _armed[name] = passes


def hit(name: str) -> None:
    """Dies here if a test asked for it."""
    if not _armed or name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
