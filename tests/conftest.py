"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No deadline an example: the machine that runs the tests may be busy. Examples are the same in every run.
settings.register_profile(
    "hotline", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=False
)
settings.load_profile("hotline")
