"""For how long what agents have in the store outlives their work: rules of retention."""

from datetime import timedelta
from typing import Final

from guichet.privacy.data_map.retention import Executor, KeptFor, Phrase, Retention, Until, days

KEPT_AFTER_LEAVING: Final = timedelta(days=90)  # who comes back in a season finds what was theirs

_UNKNOWN: Final = Until(
    what=Phrase(
        "of who left and of whom nothing tells when: before rights were recorded; with syntheses alone, and taken out "
        "of agents.yaml, or of every mapping, without a last day",
        "de qui est parti sans que rien ne dise quand : avant que les droits ne soient consignés ; avec les seules "
        "synthèses, et retiré d’agents.yaml, ou de toute correspondance, sans dernier jour",
    ),
    event=Phrase("an operator removes it from the store", "un exploitant l’ôte de la base"),
    by=Executor.NOBODY_YET,
)
_NOT_RETIRED: Final = Until(
    what=Phrase(
        "of who signs in by an identity provider, which tells nobody here when they leave the town",
        "de qui se connecte par un fournisseur d’identité, qui n’annonce à personne ici son départ de la collectivité",
    ),
    event=Phrase(
        "an administrator gives their last day, takes them off the staff or leaves no mapping that is about them",
        "un administrateur saisisse son dernier jour, l’ôte de la liste ou ne lui laisse aucune correspondance",
    ),
    by=Executor.NOBODY_YET,
)


def kept_after_leaving(what: Phrase | None = None) -> Retention:
    """Return the rules of a place where agents have something of their own. what: that part of it; None: all."""
    left = Phrase("the agent’s last work for the town ended", "la fin du dernier travail de l’agent")
    return (
        KeptFor(what=what, period=days(KEPT_AFTER_LEAVING.days), since=left, by=Executor.LEAVERS),
        _NOT_RETIRED,
        _UNKNOWN,
    )
