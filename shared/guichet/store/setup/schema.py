"""Make every collection and index, in a deploy step (`guichet store prepare`), never from a service.

A store file says what it needs in module-level constants, and is listed here:
    INDEXES: dict[str, list[IndexModel]]       collection → its indexes (an empty list: the collection alone)
    ENDS: Ends                                 when its documents are over, if they end: gdpr-worker removes them then
    DATA_MAP: tuple[DataMapEntry, ...]         see guichet.privacy.data_map.entry
A view of some fields of a collection, for who may read no others, is listed below too (guichet.mongo.views).
tests in shared/tests/store fail on a store file that is not listed.
"""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType

from guichet.mongo.client import Database
from guichet.mongo.ended import Ends
from guichet.mongo.prepare import make_collections, make_views
from guichet.mongo.views import View
from guichet.privacy.data_map import files as files_data_map
from guichet.privacy.data_map import topics as topics_data_map
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store import (
    abuse_declarations,
    catch_ups,
    commands,
    drafts,
    letters,
    mailbox_places,
    notes,
    objects,
    read_marks,
    saved_answers,
    saved_views,
    unseen_mail,
    verified_backups,
)
from guichet.store.agents import (
    absences,
    agent_mails,
    leavers,
    news,
    on_call,
    preferences,
    presence,
    sessions,
    sign_in_places,
    sign_in_tries,
    staff,
)
from guichet.store.agents import accounts as agents
from guichet.store.agents import rights as agent_rights
from guichet.store.audit import trail as audit
from guichet.store.bulk import acts as bulk_acts
from guichet.store.bulk import cases as bulk_cases
from guichet.store.cases import department_days, ended_clocks
from guichet.store.cases import erase as case_erasing
from guichet.store.cases import followed as followed_cases
from guichet.store.cases import history as case_history
from guichet.store.cases import reader as case_reader
from guichet.store.cases import store as cases
from guichet.store.deliveries import receipt_counts, spending
from guichet.store.deliveries import store as deliveries
from guichet.store.follow_views import store as follow_views
from guichet.store.messages import erase as message_erasing
from guichet.store.messages import store as messages
from guichet.store.messages import suspended as suspended_mail
from guichet.store.registry import citizens, identifiers
from guichet.store.registry import reader as citizen_reader
from guichet.store.setup import migration_records
from guichet.store.setup.migration_table import NAMES
from guichet.store.threads import store as threads
from guichet.vault.schema import VAULT_FILES

STORE_FILES: tuple[ModuleType, ...] = (
    absences,
    abuse_declarations,
    agent_mails,
    agent_rights,
    agents,
    audit,
    bulk_acts,
    bulk_cases,
    case_erasing,
    case_history,
    case_reader,
    cases,
    catch_ups,
    citizen_reader,
    citizens,
    commands,
    deliveries,
    department_days,
    drafts,
    ended_clocks,
    follow_views,
    followed_cases,
    identifiers,
    letters,
    mailbox_places,
    message_erasing,
    messages,
    migration_records,
    notes,
    preferences,
    news,
    on_call,
    presence,
    read_marks,
    receipt_counts,
    saved_answers,
    saved_views,
    sessions,
    sign_in_places,
    sign_in_tries,
    spending,
    staff,
    suspended_mail,
    threads,
    unseen_mail,
    verified_backups,
)
ENDING: tuple[Ends, ...] = tuple(file.ENDS for file in STORE_FILES if hasattr(file, "ENDS"))

VIEWS: tuple[View, ...] = (*catch_ups.VIEWS, *agent_mails.VIEWS, *leavers.VIEWS)

RETIRED_INDEXES: dict[str, tuple[str, ...]] = {
    # by_reference was not sparse: destroyed cases have no reference, and there may be many. Links lead to follow_views.
    # by_queue sorted in memory; so did in_queue_of_…, for many departments of many sectors. In those of agents,
    # procedures and entries lay every case, also those that have none; in those by receipt of what is nobody's or to be
    # answered, every new one.
    "cases": (
        *("by_reference", "by_follow", "by_queue"),
        *("in_queue_of_agent", "in_queue_of_procedure", "in_queue_of_entry"),
        *("queue_of_agent", "queue_of_procedures", "queue_of_entries"),
        *("active_of_agent", "active_of_procedures", "active_of_entries", "queue_of_nobody", "queue_to_answer"),
    ),
    # These swept as soon as it was over by the server's clock, which is not the Clock's (guichet.mongo.ended).
    "sessions": ("swept_when_over",),
    "sign_in_places": ("swept_when_over",),
    "sign_in_tries": ("swept_when_empty",),
    "receipt_counts": ("swept_when_over",),
    "abuse_declarations": ("swept_when_over",),
    "audit": ("by_time",),  # kept_a_year finds by time, and ends what is old
    "messages": ("erased", "by_case", "by_citizen"),  # by_case sorted in memory, and by_citizen told no mails apart
    # overdue began with the state: a page of it, newest first, had to be sorted in memory; so had by_case's.
    # by_provider knew no lane: an id that many deliveries of another account have was read as often.
    # receipts_not_left held those of purpose AEE alone.
    "deliveries": ("overdue", "by_case", "by_provider", "receipts_not_left"),
}


async def prepare(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Make what is missing in the database of cases, messages and the registry. Raises TransientError.

    A database that is made today has today's form: no migration is for it. clock: aware UTC.
    """
    is_new = await make_collections(database, STORE_FILES, RETIRED_INDEXES)
    await make_views(database, VIEWS)
    if is_new:
        await migration_records.MigrationRecords(database).mark_done(NAMES, clock())


def whole_data_map() -> tuple[DataMapEntry, ...]:
    """Return every declared place."""
    declared = (topics_data_map, objects, *STORE_FILES, *VAULT_FILES, files_data_map)
    return tuple(entry for file in declared for entry in file.DATA_MAP)
