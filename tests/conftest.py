"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# No deadline an example: the machine that runs the tests may be busy. Examples are the same in every run.
settings.register_profile(
    "hotline", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=False
)
settings.load_profile("hotline")

# These ask whole pages or real servers, again and again: `make test` runs them, `make check` has ninety seconds.
WHOLE_APPLICATION = (
    "tests/access/",
    "tests/demo/",
    "tests/desk/",
    "tests/journeys/",
    "tests/letters/",
    "tests/mail_ingest/",
    "tests/operations/",
    "tests/performance/",
    "tests/reminders/",
    "tests/secrecy/",
    "tests/security/",
    "tests/workbench/",
    "tests/accounts/test_lockout.py",
    "tests/accounts/test_looking_after.py",
    "tests/accounts/test_signing_in.py",
    "tests/accounts/test_timing.py",
    "tests/intake/test_register.py",
    "tests/intake/test_search.py",
    "tests/life/test_any_order.py",
    "tests/life/test_relations.py",
    "tests/life/test_two_people.py",
    "tests/orders/test_pages.py",
    "tests/orders/test_table.py",
    "tests/outbox/test_crashes.py",
    "tests/outbox/test_every_code.py",
    "tests/outbox/test_page.py",
    "tests/outbox/test_refusals.py",
    "tests/reading/test_hostile.py",
    "tests/reports/test_freezing.py",
    "tests/reports/test_layouts.py",
    "tests/reports/test_pages.py",
    "tests/reports/test_recount.py",
    "tests/reports/test_situation.py",
    "tests/reports/test_statistics.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what drives the whole application as slow."""
    for item in items:
        place = item.path.relative_to(config.rootpath).as_posix()
        if place.startswith(WHOLE_APPLICATION):
            item.add_marker(pytest.mark.slow)
