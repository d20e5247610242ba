"""What a document of each collection must be, as the services read it. Pure.

A collection that is not named here holds a date or a place, which its reader takes as it comes.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from bson import CodecOptions, decode
from bson.raw_bson import RawBSONDocument

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord, DestroyedCase
from guichet.contracts.case_events import CaseState
from guichet.mongo.dump import file_of, read_documents
from guichet.store import (
    abuse_declarations,
    commands,
    draft,
    drafts,
    letters,
    notes,
    read_marks,
    saved_answers,
    saved_views,
    unseen_mail,
)
from guichet.store.agents import absences, news, on_call, preferences, staff
from guichet.store.agents import accounts as agents
from guichet.store.agents import rights as agent_rights
from guichet.store.audit import trail as audit
from guichet.store.bulk import acts as bulk_acts
from guichet.store.bulk import cases as bulk_cases
from guichet.store.cases import department_days
from guichet.store.cases import history as case_history
from guichet.store.cases import store as cases
from guichet.store.deliveries import store as deliveries
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.follow_views import store as follow_views
from guichet.store.follow_views.document import FollowView
from guichet.store.messages import store as messages
from guichet.store.messages.document import MessageDocument
from guichet.store.registry import citizens, identifiers
from guichet.store.setup import migration_records
from guichet.store.setup.migration_records import MigrationRecord, unfinished
from guichet.store.setup.migration_table import MIGRATIONS

Form = Callable[[Mapping[str, Any]], object]
"""Raises ValueError, KeyError or TypeError for what is no such document."""


def _case(document: Mapping[str, Any]) -> object:
    form = DestroyedCase if document["state"] == CaseState.DESTROYED.value else CaseRecord
    return form.model_validate(document)


def _message(document: Mapping[str, Any]) -> object:
    """Of an erased one its bare id is left."""
    return document["erased_at"] if "erased_at" in document else MessageDocument.model_validate(document)


FORMS: Final[Mapping[str, Form]] = {
    absences.COLLECTION: absences.Absence.model_validate,
    preferences.COLLECTION: preferences.Preference.model_validate,
    abuse_declarations.COLLECTION: abuse_declarations.AbuseDeclaration.model_validate,
    agent_rights.COLLECTION: agent_rights.AgentRight.model_validate,
    agents.COLLECTION: agents.AgentAccount.model_validate,
    audit.COLLECTION: audit.AuditEntry.model_validate,
    bulk_acts.COLLECTION: bulk_acts.BulkAct.model_validate,
    bulk_cases.COLLECTION: bulk_cases.BulkCase.model_validate,
    case_history.COLLECTION: HistoryEntry.model_validate,
    cases.COLLECTION: _case,
    department_days.COLLECTION: department_days.DepartmentDay.model_validate,
    citizens.COLLECTION: citizens.CitizenDocument.model_validate,
    commands.COLLECTION: commands.CommandDocument.model_validate,
    deliveries.COLLECTION: DeliveryDocument.model_validate,
    drafts.COLLECTION: draft.Draft.model_validate,
    follow_views.COLLECTION: FollowView.model_validate,
    identifiers.COLLECTION: identifiers.IdentifierDocument.model_validate,
    letters.COLLECTION: letters.Letter.model_validate,
    messages.COLLECTION: _message,
    news.COLLECTION: news.AgentNews.model_validate,
    notes.COLLECTION: notes.Note.model_validate,
    on_call.COLLECTION: on_call.OnCall.model_validate,
    read_marks.COLLECTION: read_marks.ReadMark.model_validate,
    saved_answers.COLLECTION: saved_answers.SavedAnswer.model_validate,
    saved_views.COLLECTION: saved_views.SavedView.model_validate,
    staff.COLLECTION: staff.StaffEntry.model_validate,
    unseen_mail.COLLECTION: unseen_mail.UnseenMail.model_validate,
}


def has_todays_form(folder: Path) -> bool:
    """Return whether a backup's documents have been through every migration; another's form is its own version's."""
    path = folder / file_of(migration_records.COLLECTION)
    found = [whole(each) for each in read_documents(path)] if path.exists() else []
    there = [MigrationRecord.model_validate(each) for each in found if "name" in each]
    return not unfinished({each.number: each for each in there}, [each.number for each in MIGRATIONS])


def whole(document: RawBSONDocument) -> dict[str, Any]:
    """Return a document as the services meet it. Raises BSONError."""
    return decode(document.raw, CodecOptions(tz_aware=True))
