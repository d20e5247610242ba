"""What was decided of a batch, before anything of it is written. Values."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from guichet.case.case import Case
from guichet.ids import AnchorId, CaseId, MessageId
from guichet.store.abuse_declarations import AbuseDeclaration
from guichet.store.threads.claim import Claim


class NewClaims:
    """Claims that are still to be made, in order."""

    def __init__(self) -> None:
        self.in_order: list[tuple[AnchorId, Claim]] = []
        self._on: dict[AnchorId, list[Claim]] = defaultdict(list)

    def add(self, anchor: AnchorId, claim: Claim) -> None:
        """Add a claim, to be made after all that are here."""
        self.in_order.append((anchor, claim))
        self._on[anchor].append(claim)

    def on(self, anchor: AnchorId) -> Sequence[Claim]:
        """Return the claims on an anchor."""
        return self._on.get(anchor, ())


@dataclass
class Decisions:
    """destinations: message → case. cases: as they shall be. claims: in the order they are to be made.

    copies: mail → the one that another route brought before. accounts: of such a first one, with its copies'. heads:
    of mails that are the first of theirs.
    links: of new cases, which others their message quoted.
    outgoing: anchors of mails that we will send. Nobody else can claim them: their ids cannot be guessed.
    declarations: of abuse, as they shall stand.
    """

    destinations: dict[MessageId, CaseId] = field(default_factory=dict)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    claims: NewClaims = field(default_factory=NewClaims)
    copies: dict[MessageId, MessageId] = field(default_factory=dict)
    accounts: dict[MessageId, tuple[str, ...]] = field(default_factory=dict)
    heads: dict[MessageId, MessageId] = field(default_factory=dict)
    links: dict[CaseId, tuple[CaseId, ...]] = field(default_factory=dict)
    outgoing: dict[AnchorId, Claim] = field(default_factory=dict)
    declarations: list[AbuseDeclaration] = field(default_factory=list)
