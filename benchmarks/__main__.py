"""`make bench` and `make bench-large`: measures everything, unattended, and writes benchmarks/RESULTS.md.

Each section of the file is replaced as soon as it has been measured, so that a run that is cut short has lost nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import load, pages
from benchmarks.installation import PROJECT
from benchmarks.machine import described
from benchmarks.results import replaced

RESULTS = Path(__file__).with_name("RESULTS.md")
INTAKE, PAGES, MILLION, TOGETHER = "Intake", "Pages", "A million tickets", "Fifty people at once"


def intake() -> str:
    """The table of `python -m benchmarks.intake`, from a process of its own."""
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.intake"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if made.returncode:
        return f"Could not be measured: {made.stderr.strip().splitlines()[-1]}"
    return made.stdout.strip()


def of_pages(sizes: list[int]) -> str:
    """The pages of several sizes on both engines, with what was missed and how it grows."""
    measured = list(pages.columns(sizes, list(pages.ENGINES), _say))
    missed = pages.missed(measured)
    verdict = (
        ["Over its limit:", "", *(f"* {line}" for line in missed)]
        if missed
        else ["No page is over its limit."]
    )
    filled = "; ".join(f"{each.tickets:,} on {each.engine} in {each.filled_in:.0f} s" for each in measured)
    return "\n".join(
        [
            "Behind `python app.py`, signed in, median of 50 requests after 3; in brackets the CPU of the server process"
            " for one of them. The bulletin is made once. Filled by bulk statements: " + filled + ".",
            "",
            pages.table(measured),
            "",
            *verdict,
            "",
            *pages.grown(measured),
        ]
    )


def together() -> str:
    """Fifty people with two seconds to think, every fifth request a call that is entered."""
    rows = [load.HEAD]
    remarks = []
    for engine in pages.ENGINES:
        office = load.at_work(50, 60, tickets=10_000, engine=engine)
        rows.append(load.told(office, engine))
        remarks += [f"* {engine}: {error}" for error in office.errors[:5]]
        if office.p95 > load.WANTED_P95:
            remarks.append(
                f"* {engine}: p95 is {office.p95:.0f} ms instead of {load.WANTED_P95:.0f}; the server computed"
                f" {100 * office.cpu / office.seconds:.0f} % of the time on its one processor."
            )
    return "\n".join(
        [
            "One process of `python app.py` over 10,000 tickets for a minute; a mail comes in every second and backups"
            " are made one after the other. Wanted: p95 at most 300 ms, no error, no “locked”.",
            "",
            *rows,
            "",
            *remarks,
        ]
    ).rstrip()


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Measures section by section."""
    sections: dict[str, Callable[[], str]] = {
        INTAKE: intake,
        PAGES: lambda: of_pages([1_000, 100_000]),
        TOGETHER: together,
        MILLION: lambda: of_pages([1_000, 1_000_000]),
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="a million tickets on both engines, and nothing else"
    )
    parser.add_argument("--only", choices=list(sections), action="append", help="these sections only")
    options = parser.parse_args()
    names = [MILLION] if options.large else options.only or [INTAKE, PAGES, TOGETHER]
    started = time.monotonic()
    for name in names:
        _say(f"{name} …")
        head = described()
        text = f"{head}\n\n{sections[name]()}"
        RESULTS.write_text(replaced(RESULTS.read_text(encoding="utf-8"), name, text), encoding="utf-8")
    _say(f"{RESULTS.name} is written, after {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
