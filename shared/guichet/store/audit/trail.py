"""The audit trail: who signed in, read, decided or erased what, and when. Append-only; ids only, no personal data.

An entry is durable before the answer that it is about is given (docs/law.md 38). There is no
method that changes or removes an entry, and no user of the store has the right to: after a year MongoDB itself takes it
away (docs/decisions/0038).
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.write_concern import WriteConcern

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, KeptFor, Phrase, days

COLLECTION = "audit"
KEPT: Final = timedelta(days=365)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("at", ASCENDING)], name="kept_a_year", expireAfterSeconds=int(KEPT.total_seconds())),
        IndexModel([("agent", ASCENDING), ("at", DESCENDING)], name="by_agent"),
        IndexModel([("things", ASCENDING), ("at", DESCENDING)], name="by_thing"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="show who read, decided or erased what, and find who should not have",
        legal_basis=SECURITY,
        whose="agents and operators; of citizens only when a case was followed",
        retention=(
            KeptFor(
                period=days(KEPT.days),
                since=Phrase("the entry", "l’inscription"),
                because=Phrase(
                    "CNIL délibération 2021-122: 6 to 12 months", "CNIL délibération 2021-122 : 6 à 12 mois"
                ),
                by=Executor.TTL_INDEX,
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,  # it holds ids only, and an erasure is itself an entry
        fields=(
            PersonalField("agent", Form.PSEUDONYM, "the agent's id"),
            PersonalField(
                "things",
                Form.PSEUDONYM,
                "ids of cases, messages, files, and of citizens looked for",
            ),
        ),
    ),
)


class Act(StrEnum):
    """What was done. A refused or fruitless try is an act too: it shows who looks where they should not."""

    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    CODE_ASKED = "code-asked"  # the password was right; the second factor is still to come
    CODE_REFUSED = "code-refused"  # by who knew the password
    RECOVERY_CODE_USED = "recovery-code-used"
    SIGNED_OUT = "signed-out"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105  by the agent themselves
    SECOND_FACTOR_ADDED = "second-factor-added"
    SECOND_FACTOR_REMOVED = "second-factor-removed"  # by the agent themselves
    SECOND_FACTOR_RESET = "second-factor-reset"  # by an operator
    RECOVERY_CODES_RENEWED = "recovery-codes-renewed"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_RESET = "account-reset"
    ACCOUNT_DISABLED = "account-disabled"
    LEAVERS_REMOVED = "leavers-removed"  # accounts and preferences of agents who left, by gdpr-worker
    AGENT_PROVISIONED = "agent-provisioned"  # by their first sign-in with the identity provider
    AGENT_CHANGED = "agent-changed"  # what the provider says of them
    STAFF_CHANGED = "staff-changed"  # an agent, a profile, a unit or a mapping
    STAFF_GIVEN_BACK = "staff-given-back"  # to the town's files
    ABSENCE_STATED = "absence-stated"  # of an agent, by themselves or an administrator
    ABSENCE_WITHDRAWN = "absence-withdrawn"
    ON_CALL_STATED = "on-call-stated"  # of an agent, by who heads the department or an administrator
    ON_CALL_WITHDRAWN = "on-call-withdrawn"
    EXPLAINED = "explained"  # what an agent sees of a case, and why
    LISTED = "listed"
    SEARCHED = "searched"  # cases that have some words, which stand nowhere; the things are those that were shown
    READ = "read"
    NOT_FOUND = "not-found"  # missing or out of scope: the trail tells no more than the answer did
    SOUGHT = "sought"  # a case was there, of which nothing is told before a caller is recognised or a reason given
    NOT_ALLOWED = "not-allowed"  # seen, and not theirs to do: a page of before, or somebody who tries
    REASON_GIVEN = "reason-given"  # why an agent opened a case that their profile opens with a reason only
    CALLER_RECOGNISED = "caller-recognised"  # what a caller said of themselves is what the case knows
    CALLER_REFUSED = "caller-refused"  # it is not
    LIST_EXPORTED = "list-exported"  # a list of cases, as a file
    FIGURES_SHOWN = "figures-shown"  # of departments, to who heads them
    FIGURES_EXPORTED = "figures-exported"  # as a file
    CASE_EXPORTED = "case-exported"  # a case with its history and pictures of its files, as one document
    ENTERED = "entered"  # an agent took down what somebody told them
    LETTERS_ADDED = "letters-added"  # a stack of scans
    LETTER_SET_ASIDE = "letter-set-aside"  # a scan that is no letter
    REPLIED = "replied"
    SUBMITTED = "submitted"  # an agent gave an answer to whoever may sign it
    SUBMISSION_WITHDRAWN = "submission-withdrawn"  # its author took it back
    SIGNED = "signed"  # an agent sent what a colleague had submitted: the case, the draft, its author
    SENT_BACK = "sent-back"  # an agent gave it back to its author, unsigned
    REROUTED = "rerouted"
    ASSIGNED = "assigned"  # an agent gave a case to one of them, or back
    NOTED = "noted"  # an agent wrote an internal note
    SAVED_VIEW_CHANGED = "saved-view-changed"  # kept, renamed or thrown away by an agent
    SAVED_ANSWER_CHANGED = "saved-answer-changed"  # written, changed or thrown away by an agent
    SNOOZED = "snoozed"  # an agent put a case off until a day, or took it up again
    CLOSED = "closed"
    REOPENED = "reopened"
    TASK_MARKED = "task-marked"  # an agent said that a task of a workflow is done, or open again
    FACT_STATED = "fact-stated"  # an agent said what the law's clocks ask for, or that this was a mistake
    CONFIRMED = "confirmed"  # an agent recognised whom nobody vouched for
    ABUSE_DECLARED = "abuse-declared"  # an agent declared a sender's messages abusive
    ABUSE_LIFTED = "abuse-lifted"
    DELIVERY_SETTLED = "delivery-settled"  # an agent said what became of a message of which nobody knew
    MAIL_RELEASED = "mail-released"  # an agent let a suspended mail in
    SPAM_CONFIRMED = "spam-confirmed"
    SHOWN = "shown"  # a dead letter opened
    REPLAYED = "replayed"
    DROPPED = "dropped"
    FOLLOWED = "followed"  # a citizen's follow page was given to whoever holds its link
    FOLLOW_ENDED = "follow-ended"  # it was asked for after its link had ended
    FOUND = "found"  # an operator asked the registry who it is
    ERASURE_ASKED = "erasure-asked"
    ERASURE_CANCELLED = "erasure-cancelled"
    ERASED = "erased"
    EXPORT_ASKED = "export-asked"  # of the whole town, for a person whom the entry names
    EXPORT_APPROVED = "export-approved"
    EXPORTED = "exported"
    IMPORTED = "imported"


class AuditEntry(Contract):
    """One act. `agent`: the pseudonymous id (None: nobody known, a refused sign-in or a follow link).

    `thing`: the kind ("case", "account", "dead-letter", "follow-link" …); `things`: the ids it was done to.
    `reason`: why an operator replayed or dropped a dead letter, in their own words, without a citizen's; why an agent
    opened a case, a code of the town's list.
    `changed`: what a change of the staff came to, a field each, without names or other words.
    `count`: which one this is of many alike that are not an entry each (None: each of these is an entry).
    """

    entry_id: str = Field(alias="_id", default_factory=lambda: secrets.token_hex(16))
    at: AwareDatetime
    agent: AgentId | None
    act: Act
    thing: str
    things: tuple[str, ...] = ()
    reason: str | None = None
    changed: tuple[str, ...] = ()
    count: int | None = None


def with_own_account(act: Act, agent: AgentId, at: datetime) -> AuditEntry:
    """Return what an agent did with the account that is theirs."""
    return AuditEntry(at=at, agent=agent, act=act, thing="account", things=(agent,))


class AuditTrail(Protocol):
    """Where acts are recorded."""

    async def record(self, *entries: AuditEntry) -> None:
        """Append; return once durable. Raises TransientError, and then the caller gives no answer.

        An entry whose id is there already stays as it was: an act that is done again after a crash is one act.
        """

    async def about(self, thing_id: str) -> list[AuditEntry]:
        """Return what was done to a thing, newest first."""

    async def by(self, agent: AgentId) -> list[AuditEntry]:
        """Return what an agent did, newest first."""


class MongoAuditTrail(AuditTrail):
    """The trail in MongoDB, journalled on a majority whatever the connection's own setting."""

    def __init__(self, database: Database) -> None:
        durable = WriteConcern(w="majority", j=True)
        self._entries = database.get_collection(COLLECTION, write_concern=durable)

    @translate_errors
    async def record(self, *entries: AuditEntry) -> None:
        await insert_new(self._entries, [_document(entry) for entry in entries])

    @translate_errors
    async def about(self, thing_id: str) -> list[AuditEntry]:
        return await self._newest_first({"things": thing_id})

    @translate_errors
    async def by(self, agent: AgentId) -> list[AuditEntry]:
        return await self._newest_first({"agent": agent})

    async def _newest_first(self, query: dict[str, object]) -> list[AuditEntry]:
        found = self._entries.find(query).sort("at", DESCENDING)
        return [AuditEntry.model_validate(document) async for document in found]


def _document(entry: AuditEntry) -> dict[str, Any]:
    document = {**entry.model_dump(by_alias=True, exclude={"changed"}), "act": entry.act.value}
    more = {"changed": list(entry.changed)} if entry.changed else {}
    return {**document, "things": list(entry.things), **more}
