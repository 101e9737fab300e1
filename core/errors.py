"""Refusals that a person reads: what happened and what to do, in the words of the office."""

from __future__ import annotations

import click


class DomainError(Exception):
    """A rule said no; the text is one Chinese sentence for the person who asked."""


class NotFound(DomainError):
    """The thing does not exist, or this person must not know that it does."""


class NotAllowed(DomainError):
    """The person may know of the thing, but may not do this with it."""


class StaleVersion(DomainError):
    """Somebody else saved the thing since the page was shown."""


class CannotStart(click.ClickException):
    """The process must not run like this: a wrong setting, a missing key, an unsafe database."""

    exit_code = 2


class RanWithProblem(click.ClickException):
    """The command ran and met a problem that a person has to look at."""

    exit_code = 1


class HeldElsewhere(click.ClickException):
    """Another process holds the lease for this work."""

    exit_code = 3
