"""What forms and addresses call each thing that is done with many cases; with one case it has the same name. Pure."""

from collections.abc import Mapping
from typing import Final

from guichet.store.bulk.acts import BulkKind

FORM_NAMES: Final[Mapping[BulkKind, str]] = {
    BulkKind.ASSIGN: "attribution",
    BulkKind.CLOSE: "cloture",
    BulkKind.REROUTE: "transmission",
    BulkKind.REPLY: "reponse",
    BulkKind.REPLY_AND_CLOSE: "reponse-cloture",
}
"""Among `given_command.KINDS`: the page of a case gives back what was refused under the name."""

TAKE: Final = "prise"  # by its button a case becomes one's own work
KIND_NAMED: Final[Mapping[str, BulkKind]] = {
    **{name: kind for kind, name in FORM_NAMES.items()},
    TAKE: BulkKind.ASSIGN,
}
CLOSES: Final = "close"  # then, of an answer: as the composer's button
AWAITS: Final = "awaits_answer"  # then, of an answer: as the composer's box
