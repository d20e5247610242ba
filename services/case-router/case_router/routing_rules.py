"""Which department a new case goes to, by the town's rules, and why. Pure.

Routing is not an individual decision, but the rule that matched is kept with the case all the same (CRPA R311-3-1-2).
"""

from dataclasses import dataclass

from guichet.contracts.case_events import RoutingReason
from guichet.ids import DepartmentId
from guichet.privacy.blind_tokens import folded_words
from guichet.town.town import Town

LONGEST_TEXT = 20_000  # characters that keywords are looked for in: about ten pages


@dataclass(frozen=True)
class Routing:
    """A department and the reason."""

    department: DepartmentId
    reason: RoutingReason


class RoutingRules:
    """The town's rules, prepared once."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._rules = [(rule, tuple(map(_pattern, rule.keywords))) for rule in town.rules]

    def choose(self, accounts: tuple[str, ...], subject: str | None, text: str) -> Routing:
        """Return where a message goes: the first rule that matches, else its mailbox's department, else the fallback.

        accounts: the town's addresses that received it.
        """
        words = f" {' '.join(folded_words(' '.join((subject or '', text[:LONGEST_TEXT]))))} "
        for rule, patterns in self._rules:
            if rule.mailbox in accounts:
                return Routing(rule.department, RoutingReason(rule=rule.id, kind="mailbox"))
            if any(pattern in words for pattern in patterns):
                return Routing(rule.department, RoutingReason(rule=rule.id, kind="keyword"))
        return self._by_mailbox(accounts)

    def _by_mailbox(self, accounts: tuple[str, ...]) -> Routing:
        for account in accounts:
            mailbox = self._town.mailboxes.get(account)
            if mailbox is not None and mailbox.department is not None:
                return Routing(mailbox.department, RoutingReason(rule=f"mailbox {account}", kind="mailbox"))
        return Routing(self._town.fallback_department, RoutingReason(rule="fallback", kind="fallback"))


def _pattern(keyword: str) -> str:
    """Return what to look for among words that stand between single blanks; a final * leaves the last word open."""
    return f" {' '.join(folded_words(keyword))}{'' if keyword.endswith('*') else ' '}"
