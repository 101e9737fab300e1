"""Is somebody's life or body in danger now? Words raise the alarm, the clause around them may take it back."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.suggestions import urgency_rules as rules
from tickets.suggestions.patterns import Clause, clauses
from tickets.suggestions.urgency_rules import ALARMS, AlarmRule, Excuse

_LEVELS = ("Y1", "Y2", "Y3")
_WORDS_TOLD = 3
_BEFORE = 24
# The longest real complaint has some 4,300 characters; what follows this is quoted history or an attack on our time.
READ_AT_MOST = 20_000


@dataclass(frozen=True)
class AlarmGuess:
    """`alarm` is the gravest found; `why` one Chinese sentence for each kind of it."""

    alarm: str | None
    why: tuple[str, ...]

    @property
    def urgent(self) -> bool:
        """Danger to life or body; Y3 alone goes to the leader but does not shorten the time limit."""
        return self.alarm in ("Y1", "Y2")


def guess_alarm(title: str, body: str) -> AlarmGuess:
    """Reads title and body clause by clause. A person confirms or clears the flag, with a reason."""
    found: dict[str, dict[str, list[str]]] = {level: {} for level in _LEVELS}
    for clause in (*clauses(title[:READ_AT_MOST]), *clauses(body[:READ_AT_MOST])):
        if not rules.ANY_ALARM.search(clause.text):
            continue
        for rule in ALARMS:
            word = _alarming_word(rule, clause)
            if word is not None:
                words = found[rule.alarm].setdefault(rule.what, [])
                if word not in words:
                    words.append(word)
    for level in _LEVELS:
        if found[level]:
            why = tuple(
                f"{level} {what}：{'、'.join(words[:_WORDS_TOLD])}" for what, words in found[level].items()
            )
            return AlarmGuess(level, why)
    return AlarmGuess(None, ())


def _alarming_word(rule: AlarmRule, clause: Clause) -> str | None:
    if rule.beside is not None and not rule.beside.search(clause.sentence):
        return None
    for match in rule.pattern.finditer(clause.text):
        if not _taken_back(rule.excuses, clause, match.start(), match.end()):
            return match.group()
    return None


def _taken_back(excuses: Excuse, clause: Clause, start: int, end: int) -> bool:
    before, after = clause.text[max(0, start - _BEFORE) : start], clause.text[end : end + _BEFORE]
    checks = (
        (Excuse.DENIED, lambda: _denied(before, after, clause.following)),
        (Excuse.DENIED, lambda: rules.DENIED_INSIDE.search(clause.text[start:end])),
        (Excuse.PREVENTION, lambda: rules.PREVENTION_BEFORE.search(before)),
        (Excuse.TOPIC, lambda: rules.TOPIC_AFTER.search(after)),
        (Excuse.TOPIC, lambda: rules.LESSON_BEFORE.search(before)),
        (Excuse.HYPOTHETICAL, lambda: rules.HYPOTHETICAL_BEFORE.search(before)),
        (Excuse.HYPOTHETICAL, lambda: rules.HYPOTHETICAL_AFTER.search(after + clause.following)),
        (Excuse.BACKGROUND, lambda: rules.KIN_BEFORE.search(before)),
        (Excuse.BACKGROUND, lambda: rules.RECOVERED_AFTER.search(after)),
        (Excuse.BACKGROUND, lambda: rules.PAST_BEFORE.search(before)),
        (Excuse.BACKGROUND, lambda: rules.ILL_BEFORE.search(clause.text[:end])),
        (Excuse.ELSEWHERE, lambda: rules.ELSEWHERE.search(clause.sentence)),
    )
    return _plain_words(clause.text, start, end) or any(
        excuse in excuses and check() for excuse, check in checks
    )


def _plain_words(text: str, start: int, end: int) -> bool:
    """The alarming word is part of an everyday one: 打折, 跳楼价, 曝光相机."""
    return any(plain.start() < end and plain.end() > start for plain in rules.PLAIN_WORDS.finditer(text))


def _denied(before: str, after: str, following: str) -> bool:
    if rules.DENIED_AFTER.search(after) or rules.DENIED_NEXT.search(following):
        return True
    denial = rules.DENIED_BEFORE.search(before)
    return denial is not None and not rules.DENIAL_BROKEN.search(before) and not rules.EITHER_OR.match(after)
