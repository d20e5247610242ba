"""For how long what agents have in the store outlives their work: rules of retention."""

from datetime import timedelta
from typing import Final

from guichet.privacy.data_map.retention import Executor, KeptFor, Phrase, Retention, Until, days

KEPT_AFTER_LEAVING: Final = timedelta(days=90)  # who comes back in a season finds what was theirs
UNVOUCHED_FOR: Final = timedelta(days=365)  # longer than most leaves: nobody says of these agents that they left

_UNKNOWN: Final = Until(
    what=Phrase(
        "of who left and of whom nothing tells when: before rights were recorded; with syntheses alone, taken out of "
        "agents.yaml without a last day; signing in by a provider that vouches for no address, and given none",
        "de qui est parti sans que rien ne dise quand : avant que les droits ne soient consignés ; avec les seules "
        "synthèses, retiré d’agents.yaml sans dernier jour ; venu par un fournisseur qui ne garantit aucune adresse, "
        "sans dernier jour",
    ),
    event=Phrase("an operator removes it from the store", "un exploitant l’ôte de la base"),
    by=Executor.NOBODY_YET,
)
_UNVOUCHED: Final = KeptFor(
    what=Phrase(
        "of who signs in by an identity provider, at the longest",
        "de qui se connecte par un fournisseur d’identité, au plus",
    ),
    period=days(UNVOUCHED_FOR.days),
    since=Phrase("it last vouched for their address", "la dernière fois qu’il a garanti leur adresse"),
    by=Executor.LEAVERS,
)


def kept_after_leaving(what: Phrase | None = None) -> Retention:
    """Return the rules of a place where agents have something of their own. what: that part of it; None: all."""
    left = Phrase("the agent’s last work for the town ended", "la fin du dernier travail de l’agent")
    return (
        KeptFor(what=what, period=days(KEPT_AFTER_LEAVING.days), since=left, by=Executor.LEAVERS),
        _UNVOUCHED,
        _UNKNOWN,
    )
