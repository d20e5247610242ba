"""Facts that were told by mistake, and do not count since somebody said so. Pure."""

from collections.abc import Set

from guichet.law.clocks.facts import LegalFact, Withdrawn


def withdrawn_of(known: Set[LegalFact]) -> Set[LegalFact]:
    """Return what is withdrawn. Whoever withdraws a withdrawal brings its fact back."""
    withdrawals = [fact for fact in known if isinstance(fact, Withdrawn)]
    standing = {each for each in withdrawals if not _is_withdrawn(each, withdrawals)}
    return {each.what for each in standing} | {each for each in withdrawals if each not in standing}


def withdraws_nothing(known: Set[LegalFact]) -> bool:
    """Say whether a withdrawal names what nobody told: its day or its words are not those of the fact that is meant."""
    return any(isinstance(fact, Withdrawn) and fact.what not in known for fact in known)


def _is_withdrawn(fact: LegalFact, withdrawals: list[Withdrawn]) -> bool:
    return any(each.what == fact and not _is_withdrawn(each, withdrawals) for each in withdrawals)
