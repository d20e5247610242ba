"""The migrations of stored documents, in order (guichet.migrations runs them).

The table is pure and imports nothing, so that a service can look whether its store is up to date.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Migration:
    """One change of stored documents.

    number: its place in the order, never used again. module: of guichet.migrations, without its prefix.
    stops: why no service of the version before may run meanwhile; "": they may still read.
    """

    number: int
    name: str
    module: str
    stops: str = ""


_ROUTER = "the router reads participants and claims as they were"
MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(
        10,
        "citizen-ids",
        "m0010_citizen_ids",
        stops="the router of before would give citizens ids that can be computed, and find nobody under the new ones",
    ),
    Migration(11, "ledger-leads-to-nobody", "m0011_ledger_leads_to_nobody", stops="gdpr-worker reads ids of before"),
    Migration(12, "audit-leads-to-nobody", "m0012_audit_leads_to_nobody"),
    Migration(20, "cases-join-nothing", "m0020_cases_join_nothing", stops=_ROUTER),
    Migration(21, "sealed-claims", "m0021_seal_claims", stops=_ROUTER),
    Migration(22, "messages-join-nothing", "m0022_messages_join_nothing"),
    Migration(23, "registry-counts-in-months", "m0023_coarse_registry"),
    Migration(24, "destroyed-keys-by-day", "m0024_destroyed_keys_by_day"),
    Migration(
        30,
        "follow-links",
        "m0030_follow_links",
        stops="the portal of before finds no page any more, and its router opens cases without a link's secret",
    ),
    Migration(40, "agent-rights", "m0040_agent_rights"),
    Migration(
        50,
        "case-history",
        "m0050_case_history",
        stops="the router of before would find nothing done, and write its history into the case again",
    ),
    Migration(60, "clocks-of-the-law", "m0060_clocks_of_the_law"),
)
"""In order. Numbers leave gaps: a range for each theme."""

NAMES: Final = {each.number: each.name for each in MIGRATIONS}
