"""Working on tickets: `perform` is the only way a status changes."""

from tickets.handling.closing import answer_in_full
from tickets.handling.perform import (
    answer_bounced,
    answer_reached,
    begin,
    notice_bounced,
    notice_reached,
    perform,
    rated,
    resume_by_date,
    to_resume,
    wrote_again,
)
from tickets.handling.work import Done, LetterDue, OnPaper

__all__ = [
    "Done",
    "LetterDue",
    "OnPaper",
    "answer_bounced",
    "answer_in_full",
    "answer_reached",
    "begin",
    "notice_bounced",
    "notice_reached",
    "perform",
    "rated",
    "resume_by_date",
    "to_resume",
    "wrote_again",
]
