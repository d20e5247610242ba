"""Every kind of line, in the order in which an import can take them: what others lead to comes first."""

from typing import Annotated, Final

from pydantic import AwareDatetime, Field, StringConstraints

from guichet.case.history import HistoryEntry, entry_id
from guichet.case.record import CaseRecord
from guichet.contracts.base import Contract
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import CaseId, MessageId, SectorCitizenId, SectorId
from guichet.mongo.former_keys import THERE
from guichet.privacy.follow_link import read_follow_link
from guichet.store import abuse_declarations, commands, draft, drafts, notes, saved_answers, saved_views, unseen_mail
from guichet.store.agents import absences, on_call, rights, staff
from guichet.store.audit import trail
from guichet.store.cases import history
from guichet.store.cases import store as cases
from guichet.store.cases.fields import LINK, LINKED_CASES, REASON, SUBJECT
from guichet.store.deliveries import store as deliveries
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.follow_views import store as follow_views
from guichet.store.follow_views.document import FollowView
from guichet.store.messages import store as messages
from guichet.store.messages.document import (
    INBOUND_CONTENT,
    OUTBOUND_CONTENT,
    Direction,
    MessageDocument,
    OutboundContent,
)
from guichet.store.registry import citizens, identifiers
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenRecord
from guichet.store.registry.identifiers import VALUE, IdentifierDocument
from guichet.store.threads import store as threads
from guichet.store.threads.store import ThreadDocument
from guichet_cli.town_export.draft_files import NamedFile
from guichet_cli.town_export.kind import Kind, Part

LIVING: Final = {"destroyed_at": {"$exists": False}}
HELD: Final = {"erased_at": {"$exists": False}}


class Tombstone(Contract):
    """A case that was destroyed: that it was, and on which day it went."""

    case_id: CaseId = Field(alias="_id")
    version: int
    state: CaseState
    erasing: bool = True
    destroyed_at: AwareDatetime


class BareId(Contract):
    """A message that was erased: its bare id, so that no source brings it again."""

    message_id: MessageId = Field(alias="_id")
    erased_at: AwareDatetime


CITIZENS: Final = Kind(
    "citizens",
    "A person of the citizen registry. sector_ids: by which their cases name them, in each sector.",
    citizens.COLLECTION,
    CitizenDocument,
    parts=(Part("record", lambda _: RECORD, lambda each: each.citizen_id, CitizenRecord),),
    without=frozenset({"before_erasing"}),
    more={"sector_ids": (dict[SectorId, tuple[SectorCitizenId, ...]], ...)},
)
IDENTIFIERS: Final = Kind(
    "identifiers",
    "An address, number or account, and who of the registry is reached there.",
    identifiers.COLLECTION,
    IdentifierDocument,
    parts=(Part("value", lambda _: VALUE, lambda each: each.identifier_id, str),),
    without=frozenset({"left_keys"}),
)
CASES: Final = Kind(
    "cases",
    "A case as it stands. link: the secret of the citizen's link to their page.",
    cases.COLLECTION,
    CaseRecord,
    parts=(
        Part("subject", lambda _: SUBJECT, lambda each: each.case_id, str),
        Part("linked_to", lambda _: LINKED_CASES, lambda each: each.case_id, tuple[CaseId, ...]),
        Part(
            "link",
            lambda _: LINK,
            lambda each: each.case_id,
            Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")],
            shown=lambda link: link.token,
            read=read_follow_link,
        ),
        Part(
            "no_receipt",
            lambda _: abuse_declarations.NO_RECEIPT,
            lambda each: each.case_id,
            abuse_declarations.NoReceipt,
        ),
    ),
    query=LIVING,
    without=frozenset({"outbox", "erasing"}),
)
JOURNAL: Final = Kind(
    "journal",
    "A step of a case: who did what and when. The steps of a case stand together, in their order.",
    history.COLLECTION,
    HistoryEntry,
    parts=(Part("reason", lambda each: REASON.called(each.reason_field), lambda each: each.case_id, str),),
    document_id=lambda each: entry_id(each.case_id, each.version),
)
RECEIVED: Final = Kind(
    "messages-received",
    "A message of a citizen's. Its files lie under files/<message_id>/<attachment_id>; a mail is in mails/ as well.",
    messages.COLLECTION,
    MessageDocument,
    parts=(Part("content", lambda _: INBOUND_CONTENT, lambda each: each.message_id, InboundContent),),
    query={"direction": Direction.INBOUND.value, **HELD},
    without=frozenset({"copies"}),
)
SENT: Final = Kind(
    "messages-sent",
    "A message of the town's, to a citizen.",
    messages.COLLECTION,
    MessageDocument,
    parts=(Part("content", lambda _: OUTBOUND_CONTENT, lambda each: each.message_id, OutboundContent),),
    query={"direction": Direction.OUTBOUND.value, **HELD},
    without=frozenset({"copies"}),
)
NOTES: Final = Kind(
    "notes",
    "What an agent wrote to colleagues about a case. No citizen was sent it; the person whom it is about may read it.",
    notes.COLLECTION,
    notes.Note,
    parts=(Part("words", lambda _: notes.WORDS, lambda each: each.note_id, str),),
)
DRAFTS: Final = Kind(
    "drafts",
    "An answer that an agent has begun and not sent. Its files lie under draft-files/<draft_id>/<file_id>.",
    drafts.COLLECTION,
    draft.Draft,
    parts=(Part("words", lambda _: draft.WORDS, lambda each: each.draft_id, str),),
    query={"$or": [{"is_over": False}, {"leaving.is_taken": False}]},  # what has not left is a draft where it arrives
    without=frozenset({"is_over", "leaving", "refused", "files", "to_sign", "sent_back", "signing"}),
    more={"files": (tuple[NamedFile, ...], ())},
)
SAVED_ANSWERS: Final = Kind(
    "saved-answers",
    "A text that agents put into their answers: of a department, or an agent's own.",
    saved_answers.COLLECTION,
    saved_answers.SavedAnswer,
    parts=(Part("words", lambda _: saved_answers.SAVED_WORDS, lambda each: each.answer_id, saved_answers.SavedWords),),
    query=THERE,
)
SAVED_VIEWS: Final = Kind(
    "saved-views",
    "A list that agents open again and again: of a department, or an agent's own.",
    saved_views.COLLECTION,
    saved_views.SavedView,
    parts=(Part("list", lambda _: saved_views.SAVED_LIST, lambda each: each.view_id, saved_views.SavedList),),
    query=THERE,
)
ABUSE: Final = Kind(
    "abuse-declarations",
    "A sender whose messages an agent declared abusive, in one sector.",
    abuse_declarations.COLLECTION,
    abuse_declarations.AbuseDeclaration,
    parts=(Part("reason", lambda each: REASON.called(each.reason_field), lambda each: each.case_id, str),),
)
DELIVERIES: Final = Kind(
    "deliveries",
    "A message that the town owed, and how far it got. What had not left stands as undecided: nothing is sent anew.",
    deliveries.COLLECTION,
    DeliveryDocument,
    without=frozenset({"held_by", "held_until"}),
)
THREADS: Final = Kind(
    "threads",
    "What ties messages into a case: the keyed digest of a mail's Message-ID or of a conversation.",
    threads.COLLECTION,
    ThreadDocument,
)
COMMANDS: Final = Kind(
    "commands",
    "What an agent asked for, or a provider reported, and what it came to.",
    commands.COLLECTION,
    commands.CommandDocument,
)
FOLLOW_VIEWS: Final = Kind(
    "follow-pages",
    "A citizen's page, as it rests: sealed under the link that its case tells. All that it shows stands in the case.",
    follow_views.COLLECTION,
    FollowView,
    query={"erasing": False},
)
UNSEEN: Final = Kind(
    "unseen-mail", "A suspended mail that no agent has seen.", unseen_mail.COLLECTION, unseen_mail.UnseenMail
)
TOMBSTONES: Final = Kind(
    "destroyed-cases",
    "A case that was destroyed: its id and the day, nothing of anybody.",
    cases.COLLECTION,
    Tombstone,
    query={"destroyed_at": {"$exists": True}},
)
BARE_IDS: Final = Kind(
    "erased-messages",
    "A message that was erased: its bare id and the day.",
    messages.COLLECTION,
    BareId,
    query={"erased_at": {"$exists": True}},
)
STAFF: Final = Kind(
    "staff",
    "An agent, a profile, a unit or a mapping as it was changed since the town's files.",
    staff.COLLECTION,
    staff.StaffEntry,
)
ABSENCES: Final = Kind(
    "absences",
    "When an agent is away, and who does their work meanwhile.",
    absences.COLLECTION,
    absences.Absence,
)
ON_CALL: Final = Kind(
    "on-call",
    "When an agent is on call, and for which department.",
    on_call.COLLECTION,
    on_call.OnCall,
)
RIGHTS: Final = Kind(
    "agent-rights",
    "What an agent might do, and when. For the record.",
    rights.COLLECTION,
    rights.AgentRight,
    returns=False,
)
AUDIT: Final = Kind(
    "audit", "An act in the audit trail. For the record.", trail.COLLECTION, trail.AuditEntry, returns=False
)

KINDS: Final = (
    *(CITIZENS, IDENTIFIERS, CASES, JOURNAL, RECEIVED, SENT, NOTES, DRAFTS, ABUSE, DELIVERIES, THREADS, COMMANDS),
    *(FOLLOW_VIEWS, UNSEEN, TOMBSTONES, BARE_IDS, SAVED_ANSWERS, SAVED_VIEWS, STAFF, ABSENCES, ON_CALL, RIGHTS, AUDIT),
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}

LEFT_BEHIND: Final = {
    "agents": "passwords and second factors: each installation's own",
    "bulk_acts": "under way at this desk: let them end before; what came of each case stands in its journal",
    "bulk_cases": "likewise",
    "catch_ups": "how far a provider's list was read: of this installation's adapters",
    "department_days": "numbers alone, of 13 months: counted again there, of the last fortnight; delays met, of all",
    "letters": "scans that nobody has filed yet: file them before, or scan the paper again",
    "mailbox_places": "how far a mailbox was read, and its token: likewise",
    "migrations": "the manifest says it",
    "preferences": "how each agent likes the desk to be: said again there",
    "agent_news": "what agents are told of, of a month: nothing of it is what a case says",
    "agent_mails": "that mails told them: likewise",
    "presence": "of a minute",
    "read_marks": "what agents have read, of a month: what waits for an answer is unread where it arrives",
    "receipt_counts": "of hours; counted again",
    "sessions": "of hours; people sign in again",
    "sign_in_places": "as sessions",
    "sign_in_tries": "as sessions",
    "spending": "what this installation's accounts have spent this month; each counts its own",
    "verified_backups": "of the folders beside this store",
}
"""Collections of which an export holds nothing, and why. A test holds that every other one has its kind."""
