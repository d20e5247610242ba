"""What is sealed in a case, all of it under the case's own key.

Links to other cases stay when such a case is destroyed: they lead to a bare tombstone, for whoever may open this case,
and go with it. A blind value to find them by would be the same in every case that is linked to one, and join those.
"""

from typing import Final

from pydantic import TypeAdapter

from guichet.ids import CaseId
from guichet.privacy.follow_link import FollowLink
from guichet.vault.fields import TEXT, Codec, SealedField

_CASES: Final = TypeAdapter(tuple[CaseId, ...])

SUBJECT: Final = SealedField("case", "subject", TEXT, holds="the citizen's subject or first words")
LINKED_CASES: Final = SealedField(
    "case",
    "linked_to",
    Codec[tuple[CaseId, ...]](_CASES.dump_json, _CASES.validate_json),
    holds="cases that the opening message quoted and could not join, or in which an agent found its request",
)
LINK: Final = SealedField(
    "case",
    "link",
    Codec[FollowLink](lambda link: link.secret, FollowLink),
    holds="the secret of the link that the citizen was sent",
)
REASON: Final = SealedField("case", "reason", TEXT, holds="an agent's reason, in words")
"""Called by the id of the command that gave it: a case has many."""
