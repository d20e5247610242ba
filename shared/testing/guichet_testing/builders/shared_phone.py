"""Two people on one phone, with all that a town may hold of them, in a real database. Everybody is invented.

Amina also has an address of her own and wrote before she was registered; Bruno has the phone alone. She is the one who
is erased; everything whose name begins with "bruno" must survive her.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord, OutboxEntry
from guichet.contracts.base import Sealed
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Attachment, Suspicion
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, InboundContent
from guichet.ids import (
    AgentId,
    AnchorId,
    BulkId,
    CaseId,
    CitizenId,
    DepartmentId,
    EventId,
    IdentifierId,
    MessageId,
    NoteId,
    Reference,
    SectorCitizenId,
    SectorId,
)
from guichet.mongo.client import Database
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.agents.news import AgentNews, MongoAgentNews, NewsKind
from guichet.store.bulk.cases import WORDS as SAID_TO_MANY
from guichet.store.bulk.cases import BulkCase, MongoBulkCases, row_of
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.cases.store import MongoCaseStore
from guichet.store.commands import CommandDocument, MongoCommandStore
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import MongoDeliveries
from guichet.store.draft import SIGNING, AttachedFile, Draft, SentBack, Signing, draft_of, file_name
from guichet.store.draft import WORDS as DRAFTED
from guichet.store.drafts import MongoDrafts
from guichet.store.messages.document import Copy, Direction, MessageDocument
from guichet.store.messages.store import MongoMessageStore
from guichet.store.messages.suspension import Suspension
from guichet.store.notes import WORDS, MongoNotes, Note
from guichet.store.objects import ObjectStore, draft_file
from guichet.store.read_marks import MongoReadMarks, read_mark
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState, MongoCitizenStore
from guichet.store.registry.identifiers import Holder, IdentifierDocument, MongoIdentifierStore
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import MongoThreadStore, ThreadDocument
from guichet.store.unseen_mail import MongoUnseenMails, UnseenMail
from guichet.vault.ports import Vault
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.sealing import seal_attachment, seal_model

STILL_THERE = ARRIVED + timedelta(days=36_500)  # to whoever removes what is over

REGISTRY_KEY: Final = bytes(32)
SECTOR_KEY: Final = bytes(range(32))
ROADS, WELFARE = SectorId("cadre-de-vie"), SectorId("social")
AMINA, AMINA_BEFORE, BRUNO = CitizenId("amina"), CitizenId("amina-before"), CitizenId("bruno")
EMAIL = Identifier(kind=MAIL_ADDRESS, value="amina@courriel.example")
PHONE = Identifier(kind=PHONE_NUMBER, value="+33199001234")


def in_sector(citizen: CitizenId, sector: SectorId = ROADS) -> SectorCitizenId:
    """Return the sector's own id of one of them."""
    return sector_citizen_id(SECTOR_KEY, sector, citizen)


def address(identifier: Identifier) -> IdentifierId:
    """Return the registry's id of an address."""
    return identifier_id(REGISTRY_KEY, identifier.kind, identifier.value)


@dataclass
class SharedPhone:
    """Writes both people into a database that is prepared. words: of every message, by its id, as it was sealed."""

    database: Database
    vault: Vault
    objects: ObjectStore
    words: dict[str, str] = field(default_factory=dict)

    async def insert(self) -> None:
        """Write everything."""
        await self._registry()
        await self._case("amina-roads", citizen=in_sector(AMINA))
        await self._case("amina-welfare", citizen=in_sector(AMINA_BEFORE, WELFARE), sector=WELFARE)
        await self._case("amina-judged", candidates=(in_sector(AMINA), in_sector(BRUNO)))
        await self._case("amina-forged", candidates=(in_sector(AMINA), in_sector(AMINA_BEFORE)))
        await self._case("bruno-roads", citizen=in_sector(BRUNO))
        await self._case("bruno-perhaps", candidates=(in_sector(AMINA), in_sector(BRUNO)))
        await self.message("amina-roads", EMAIL, in_sector(AMINA), file=b"her payslip")
        await self.message("amina-welfare", EMAIL, in_sector(AMINA_BEFORE, WELFARE), sector=WELFARE)
        await self.message("amina-judged", EMAIL, None)
        await self.message("amina-forged", EMAIL, None)
        await self.message("bruno-roads", PHONE, in_sector(BRUNO), file=b"his pothole")
        await self.message("bruno-perhaps", PHONE, None)
        await self.message("bruno-in-hers", PHONE, in_sector(BRUNO), case="amina-roads")
        await self.message("amina-in-his", PHONE, in_sector(AMINA), case="bruno-roads", file=b"her photo")
        await self.message("amina-unfiled", EMAIL, None, case=None)
        await self.message("bruno-unfiled", PHONE, None, case=None)
        await self._suspended("amina-suspended", EMAIL, file=b"what a filter took for spam")
        await self._suspended("bruno-suspended", PHONE)
        for case in ("amina-roads", "bruno-roads"):
            await self._answer(case, answers=case)
            await self._delivered_twice(case, b"the same once more")
        await self._answer("bruno-roads", answers="amina-in-his")
        await self._threads()

    async def _registry(self) -> None:
        await MongoCitizenStore(self.database).insert_new(
            [
                await self._citizen(AMINA, CitizenState.REGISTERED, formerly=(AMINA_BEFORE,)),
                await self._citizen(AMINA_BEFORE, CitizenState.PROVISIONAL),
                await self._citizen(BRUNO, CitizenState.REGISTERED),
            ]
        )
        await MongoIdentifierStore(self.database).insert_new(
            [await self._held(EMAIL, AMINA), await self._held(PHONE, AMINA, BRUNO)]
        )

    async def _citizen(self, citizen: CitizenId, state: CitizenState, **more: Any) -> CitizenDocument:
        [key] = await self.vault.new_keys(1)
        record = seal_model(key, Thing("citizen", citizen), "record", CitizenRecord(given_name=citizen))
        return CitizenDocument(_id=citizen, state=state, record=record, since=ARRIVED, **more)

    async def _held(self, identifier: Identifier, *citizens: CitizenId) -> IdentifierDocument:
        [key] = await self.vault.new_keys(1)
        name = address(identifier)
        return IdentifierDocument(
            _id=name,
            kind=identifier.kind,
            holders=tuple(Holder(citizen_id=each, provenance="import", since=ARRIVED) for each in citizens),
            shared=len(citizens) > 1,
            value=seal(key, Thing("identifier", name), "value", identifier.value.encode()),
        )

    async def _case(self, name: str, **owner: Any) -> None:
        case = CaseId(name)
        first, second = await self.vault.new_keys(2)  # a re-routing that gave no subject's key its reason
        event = {"event_id": f"event-{name}", "reason": (await self._sealed(case, "o")).model_dump(mode="json")}
        document = a_case(
            name,
            **{
                "_id": case,
                "citizen": None,
                "opened_by": name,
                "last_inbound": name,
                "subject": seal(first, Thing("case", case), "subject", name.encode()),
                "outbox": (OutboxEntry(cause=name, event=event),),
                **owner,
            },
        )
        await MongoCaseStore(self.database).insert_new([CaseRecord.model_validate(document)])
        reason = seal(second, Thing("case", case), "k", b"not ours")
        at_once = partial(HistoryEntry, case_id=case, at=ARRIVED)
        await MongoCaseHistory(self.database).add(
            [
                at_once(version=1, type="CaseOpened", cause=name, message_id=MessageId(name)),
                at_once(version=2, type="CaseRerouted", reason=reason, reason_field="k"),
            ]
        )
        [third] = await self.vault.new_keys(1)
        words, note = WORDS.seal(third, f"note-{name}", "an agent's words"), NoteId(f"note-{name}")
        await MongoNotes(self.database).insert(
            Note(_id=note, case_id=case, author=AgentId("lea"), at=ARRIVED, words=words)
        )
        await self._draft(case)
        await self._one_of_many(case)
        command = CommandDocument(_id=EventId(f"command-{name}"), type="RerouteCase", case_id=case, at=ARRIVED)
        await MongoCommandStore(self.database).insert_causes([command])

    async def _draft(self, case: CaseId) -> None:
        [key] = await self.vault.new_keys(1)
        author = AgentId("lea")
        draft = draft_of(case, author)
        words = DRAFTED.seal(key, draft, "an agent's words")
        aside = SIGNING.seal(key, draft, Signing(compared="an agent's words", reason="a colleague's"))
        at = {"begun_at": ARRIVED, "saved_at": ARRIVED}
        back = SentBack(by=AgentId("max"), at=ARRIVED)
        kept = Draft(
            _id=draft, case_id=case, author=author, once="once", **at, words=words, sent_back=back, signing=aside
        )
        await MongoDrafts(self.database).put(kept, "")
        file, name = f"drafted-{case}", "the-plan.pdf"
        await self.objects.put(file, draft_file(file).seal(key, draft, b"an agent's file").box)
        sealed = file_name(file).seal(key, draft, name)
        attached = AttachedFile(file_id=file, name=sealed, content_type="application/pdf", size_bytes=15)
        await MongoDrafts(self.database).attach(draft, "once", attached)
        await MongoReadMarks(self.database).put(read_mark(author, case, None, ARRIVED))
        await MongoAgentNews(self.database).add(
            [AgentNews(_id=case, agent=author, case_id=case, kind=NewsKind.GIVEN, by=None, at=ARRIVED)]
        )

    async def _one_of_many(self, case: CaseId) -> None:
        [key] = await self.vault.new_keys(1)
        bulk = BulkId("one-act")  # hers and his are of the same
        row = row_of(bulk, case)
        words, reference = SAID_TO_MANY.seal(key, row, "an agent's words"), Reference("2026-0000-000")
        kept = BulkCase(
            _id=row, bulk_id=bulk, number=1, case_id=case, reference=reference, ends=STILL_THERE, words=words
        )
        await MongoBulkCases(self.database).insert([kept])

    async def _sealed(self, case: CaseId, name: str) -> Sealed:
        [key] = await self.vault.new_keys(1)
        return seal(key, Thing("case", case), name, b"an agent's words")

    async def message(
        self,
        name: str,
        sender: Identifier,
        citizen: SectorCitizenId | None,
        *,
        case: str | None = "",
        sector: SectorId = ROADS,
        file: bytes | None = None,
        suspended: Suspension | None = None,
    ) -> None:
        """Write a message. case: by default the case of the same name."""
        [key] = await self.vault.new_keys(1)
        filed = name if case == "" else case
        files = []
        if file is not None:
            files = [Attachment(attachment_id=f"file-{name}", content_type="text/plain", size_bytes=9)]
            await self.objects.put(f"file-{name}", seal_attachment(key, name, f"file-{name}", file))
        self.words[name] = f"The words of {name}"
        content = InboundContent(sender=(sender,), text=self.words[name])
        document = MessageDocument(
            _id=MessageId(name),
            direction=Direction.INBOUND,
            channel="email" if sender is EMAIL else "sms",
            accounts=("contact@mairie.example",),
            at=ARRIVED,
            filed=CaseId(filed) if filed else None,
            sector=sector if filed else None,
            citizen=citizen,
            suspended=suspended,
            attachments=tuple(files),
            content=seal_model(key, Thing("message", name), "content", content),
        )
        await MongoMessageStore(self.database).insert_causes([document])

    async def _suspended(self, name: str, sender: Identifier, *, file: bytes | None = None) -> None:
        """Write a mail that waits, unseen, and a decision about it on its way."""
        mail, department = MessageId(name), DepartmentId("voirie")
        held = Suspension(why=Suspicion.SPAM, department=department, sector=ROADS)
        await self.message(name, sender, None, case=None, file=file, suspended=held)
        await MongoUnseenMails(self.database).note([UnseenMail(_id=mail, department=department, at=ARRIVED)])
        command = CommandDocument(_id=EventId(f"command-{name}"), type="ReleaseMail", message_id=mail, at=ARRIVED)
        await MongoCommandStore(self.database).insert_causes([command])

    async def _delivered_twice(self, name: str, file: bytes) -> None:
        [key] = await self.vault.new_keys(1)
        again = f"file-{name}-again"
        await self.objects.put(again, seal_attachment(key, name, again, file))
        copy = Copy(key_id=key.key_id, files=(again,))
        await MongoMessageStore(self.database).add_copies({MessageId(name): [copy]})

    async def _answer(self, case: str, answers: str) -> None:
        await MongoDeliveries(self.database).insert_new(
            DeliveryDocument(
                _id=MessageId(f"answer-to-{answers}"),
                case_id=CaseId(case),
                purpose=Purpose.REPLY,
                channel="sms",
                lane="twilio-sms",
                account="+33199001200",
                answers=MessageId(answers),
                state=DeliveryState.SENT,
                requested_at=ARRIVED,
                due_at=ARRIVED,
                changed_at=ARRIVED,
                provider_id=f"SM-{answers}",
            )
        )

    async def _threads(self) -> None:
        def claim(case: str, message: str) -> Claim:
            return Claim(case_id=CaseId(case), claimed_by=MessageId(message))

        hers, his = claim("amina-roads", "amina-roads"), claim("bruno-roads", "bruno-roads")
        threads = {
            "hers": (hers,),
            "both": (hers, his),
            "bruno": (his,),
            "her-mail-in-his": (claim("bruno-roads", "amina-in-his"),),
        }
        await MongoThreadStore(self.database, ClaimSealing(REGISTRY_KEY, REGISTRY_KEY)).insert_missing(
            [ThreadDocument(_id=AnchorId(name), claims=claims) for name, claims in threads.items()]
        )
