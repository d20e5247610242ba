"""What citizens got: each letter that left, by the case that it is of, whether alone or together with others'. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose
from tests.year.providers import Handed


@dataclass
class Post:
    """of_case: deliveries of each case. own: when each left by itself. together: when letters left that name a case
    and are no delivery of its own."""

    of_case: dict[str, list[DeliveryChanged]] = field(default_factory=lambda: defaultdict(list))
    own: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    together: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def sorted_out(
        cls, handed: Iterable[Handed], deliveries: Iterable[DeliveryChanged], references: Mapping[str, str]
    ) -> "Post":
        """Sort letters. references: the case of each."""
        post, case_of = cls(), dict[str, str]()
        for each in deliveries:
            post.of_case[each.case_id].append(each)
            case_of[each.outbound_id] = each.case_id
        for letter in handed:
            own = case_of.get(letter.outbound_id)
            if own is not None:
                post.own[letter.outbound_id].append(letter.at)
            for case in {references[each] for each in letter.references if each in references} - {own}:
                post.together[case].append(letter.at)
        return post

    def receipts(self, case: str, purpose: Purpose) -> list[datetime]:
        """Return when the receipts of a case left, those of one purpose: alone, else with others'."""
        found = [at for each in self.of_case[case] if each.purpose is purpose for at in self.own[each.outbound_id]]
        return sorted((*found, *self._gathered(case, purpose)))

    def _gathered(self, case: str, purpose: Purpose) -> list[datetime]:
        """Return when those left that no letter of their own is of, in the order in which they are said to have."""
        left = [
            each
            for each in sorted(self.of_case[case], key=lambda one: one.occurred_at)
            if each.state is DeliveryState.SENT and not self.own[each.outbound_id]
        ]
        together = sorted(self.together[case])
        beyond = together[len(left) :] if left else together
        matched = [at for each, at in zip(left, together, strict=False) if each.purpose is purpose]
        return [*matched, *(beyond if purpose is Purpose.AEE else ())]  # more than was owed shows as a doubled receipt
