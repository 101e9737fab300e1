"""Letters to those who complained: their texts, and the acknowledgement that goes out by itself."""

from tickets.letters.acknowledging import ACKNOWLEDGEMENTS_A_DAY, acknowledge
from tickets.letters.answering import answer, outline, problems_of
from tickets.letters.notices import accepted, extended, merged, passed_on, refused, split_off, transferred
from tickets.letters.signing import signature_of, spoken
from tickets.letters.wording import Letter, Signature

__all__ = [
    "ACKNOWLEDGEMENTS_A_DAY",
    "Letter",
    "Signature",
    "accepted",
    "acknowledge",
    "answer",
    "extended",
    "merged",
    "outline",
    "passed_on",
    "problems_of",
    "refused",
    "signature_of",
    "split_off",
    "spoken",
    "transferred",
]
