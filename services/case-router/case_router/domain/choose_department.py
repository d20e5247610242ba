"""Which department a new case goes to, by the town's rules, and why. Pure.

Routing is not an individual decision, but the rule that matched is kept with the case all the same (docs/law.md 26).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from guichet.contracts.case_events import RoutingReason
from guichet.ids import DepartmentId, ProcedureId
from guichet.privacy.blind_tokens import folded_words
from guichet.town import Town

LONGEST_TEXT = 20_000  # characters that keywords are looked for in: about ten pages
_BEGINNING = 3  # letters by which a keyword whose first word is open (trottoir*) is found


@dataclass(frozen=True)
class Routing:
    """A department and the reason. procedure: what the message asks for, where the rule says so.

    is_confirmed: whether a person, or a rule for which the town answers, says so.
    """

    department: DepartmentId
    reason: RoutingReason
    procedure: ProcedureId | None = None
    is_confirmed: bool = False


class RoutingRules:
    """The town's rules, prepared once."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._routings = [
            Routing(
                rule.department,
                RoutingReason(rule=rule.id, kind="mailbox" if rule.mailbox else "keyword"),
                rule.procedure,
                is_confirmed=rule.vouches,
            )
            for rule in town.rules
        ]
        self._by_mailbox = {rule.mailbox: place for place, rule in reversed([*enumerate(town.rules)]) if rule.mailbox}
        self._by_word: dict[str, int] = {}  # keywords of one whole word, which most are: the first rule of each
        self._by_first_word: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_beginning: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._always_looked_for: list[tuple[int, str]] = []  # ra*: it may go on in too many ways
        for place, rule in enumerate(town.rules):
            for pattern in map(_pattern, rule.keywords):
                self._learn(place, pattern)

    def choose(self, accounts: Sequence[str], subject: str | None, text: str) -> Routing:
        """Return where a message goes: the first rule that matches, else its mailbox's department, else the fallback.

        accounts: the town's addresses that received it.
        """
        words = folded_words(" ".join((subject or "", text[:LONGEST_TEXT])))
        by_mailbox = (self._by_mailbox[account] for account in accounts if account in self._by_mailbox)
        first = min((*by_mailbox, *self._by_words(words)), default=None)
        return self._by_department_s_mailbox(accounts) if first is None else self._routings[first]

    def entered(
        self, procedure: ProcedureId | None, accounts: Sequence[str], subject: str | None, text: str
    ) -> Routing:
        """Return where a message goes that an agent took down: to who treats its procedure, else as its words say."""
        known = self._town.procedures.get(procedure) if procedure is not None else None
        if known is None:
            return self.choose(accounts, subject, text)
        return Routing(known.department, RoutingReason(rule="agent", kind="agent"), procedure, is_confirmed=True)

    def by_account(self, accounts: Sequence[str]) -> Routing:
        """Return where a message goes of which no words count: by the mailboxes that it came to."""
        return self.choose(accounts, None, "")

    def unread(self) -> Routing:
        """Return where a message goes whose words nobody knows yet: to the department that sorts by hand."""
        return Routing(self._town.fallback_department, RoutingReason(rule="unread", kind="fallback"))

    def _by_words(self, words: Sequence[str]) -> Iterable[int]:
        """Return the places of the rules of which a keyword is among these words."""
        whole, distinct = f" {' '.join(words)} ", set(words)
        first_words = distinct & self._by_first_word.keys()
        beginnings = {word[:_BEGINNING] for word in distinct} & self._by_beginning.keys()
        possible = chain(
            self._always_looked_for,
            *(self._by_first_word[word] for word in first_words),
            *(self._by_beginning[beginning] for beginning in beginnings),
        )
        return chain(
            (self._by_word[word] for word in distinct & self._by_word.keys()),
            (place for place, pattern in possible if pattern in whole),
        )

    def _learn(self, place: int, pattern: str) -> None:
        """Keep a pattern where it is found by the fewest looks at a text."""
        first, is_whole, more = pattern[1:].partition(" ")
        if is_whole and not more:
            self._by_word.setdefault(first, place)
        elif is_whole:
            self._by_first_word[first].append((place, pattern))
        elif len(first) >= _BEGINNING:
            self._by_beginning[first[:_BEGINNING]].append((place, pattern))
        else:
            self._always_looked_for.append((place, pattern))

    def _by_department_s_mailbox(self, accounts: Sequence[str]) -> Routing:
        for account in accounts:
            mailbox = self._town.mailboxes.get(account)
            if mailbox is not None and mailbox.department is not None:
                return Routing(mailbox.department, RoutingReason(rule=f"mailbox {account}", kind="mailbox"))
        return Routing(self._town.fallback_department, RoutingReason(rule="fallback", kind="fallback"))


def _pattern(keyword: str) -> str:
    """Return what to look for among words that stand between single blanks; a final * leaves the last word open."""
    return f" {' '.join(folded_words(keyword))}{'' if keyword.endswith('*') else ' '}"
