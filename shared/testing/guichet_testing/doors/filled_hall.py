"""Ways to fill the twins behind a desk: people, cases, messages, suspended mail, sealed as the real ones are."""

from datetime import datetime, timedelta
from mimetypes import guess_type

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.base import Sealed
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import Attachment, ChannelName, Suspicion
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, InboundContent
from guichet.contracts.questions import Question
from guichet.ids import AgentId, CitizenId, DepartmentId, IdentifierId, MessageId, derive_id
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.cases.fields import LINKED_CASES
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.store.messages.suspension import Suspension
from guichet.store.objects import ObjectStore
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet.store.unseen_mail import UnseenMail
from guichet.town.town import Town
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey, Thing, seal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.sealing import seal_attachment, seal_model
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.reader import InMemoryCaseReader
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.registry.reader import InMemoryCitizenReader
from guichet_testing.twins.store.suspended_mail import InMemoryUnseenMails

KEY = b"k" * 32
_SAID = {"called": "display_name", "place": "place", "thread": "thread"}


class FilledHall:
    """What TownHall fills."""

    town: Town
    cases: InMemoryCaseReader
    history: InMemoryCaseHistory
    messages: InMemoryMessageStore
    registry: InMemoryCitizenReader
    unseen: InMemoryUnseenMails
    objects: ObjectStore
    vault: Vault

    async def key(self) -> DataKey:
        """Return a fresh key."""
        (key,) = await self.vault.new_keys(1)
        return key

    async def register(
        self,
        name: str,
        *identifiers: Identifier,
        state: CitizenState = CitizenState.REGISTERED,
        address: str | None = None,
    ) -> CitizenId:
        """Put a citizen with their addresses into the registry. address: where they live."""
        citizen = CitizenId(derive_id("test-person", name))
        who = CitizenRecord(display_name=name, address=address)
        record = seal_model(await self.key(), Thing("citizen", citizen), "record", who)
        self.registry.citizens.append(CitizenDocument(_id=citizen, state=state, record=record, since=ARRIVED))
        for identifier in identifiers:
            await self.hold(identifier, citizen)
        return citizen

    async def hold(self, identifier: Identifier, citizen: CitizenId, *, verified: bool = True) -> None:
        """Note that a citizen is reached at an address."""
        name = IdentifierId(derive_id("test-address", identifier.kind, identifier.value))
        holder = Holder(citizen_id=citizen, provenance="import", verified=verified, since=ARRIVED)
        known = next((each for each in self.registry.identifiers if each.identifier_id == name), None)
        if known is not None:
            self.registry.identifiers.remove(known)
            self.registry.identifiers.append(known.model_copy(update={"holders": (*known.holders, holder)}))
            return
        value = seal(await self.key(), Thing("identifier", name), "value", identifier.value.encode())
        self.registry.identifiers.append(
            IdentifierDocument(_id=name, kind=identifier.kind, holders=(holder,), value=value)
        )

    async def open_case(
        self,
        name: str,
        department: str = "voirie",
        *,
        subject: str | None = None,
        text: str = "Bonjour.",
        citizen: CitizenId | None = None,
        sender: tuple[Identifier, ...] = (),
        files: dict[str, bytes] | None = None,
        minutes: int = 0,
        **fields: object,
    ) -> CaseRecord:
        """File a case with its first message, sealed as the real ones are.

        called: how its author names themselves; place: where it is about, as an agent typed it; thread: a mail's
        headers, and who vouches for it.
        """
        at, links = ARRIVED + timedelta(minutes=minutes), fields.pop("linked_to", ())
        said = {name: fields.pop(key) for key, name in _SAID.items() if key in fields}
        sector = self.town.sector_of(DepartmentId(department))
        case = a_case(
            name,
            department=department,
            sector=sector,
            citizen=sector_citizen_id(KEY, sector, citizen) if citizen else None,
            received_at=at,
            updated_at=at,
            reference=fields.pop("reference", None) or _reference(name),
            **fields,
        )
        key = await self.key()
        case = case.model_copy(update={"linked_to": LINKED_CASES.seal(key, case.case_id, links) if links else None})  # type: ignore[arg-type]
        if subject is not None:
            sealed = seal(key, Thing("case", case.case_id), "subject", subject.encode())
            case = case.model_copy(update={"subject": sealed})
        self.cases.put(case)
        self.happened(case, HistoryEntry(case_id=case.case_id, version=1, type="CaseOpened", at=at))
        content = InboundContent(sender=sender, subject=subject, text=text, **said)
        await self.receive(case, content, message_id=case.opened_by, at=at, files=files or {})
        return case

    def happened(self, case: CaseRecord, *entries: HistoryEntry, **kept: object) -> CaseRecord:
        """Put entries into a case's history. kept: what the router would have noted of them in the case."""
        self.history.put(*entries)
        last = max((entry.version for entry in entries), default=case.version)
        now = case.model_copy(update={"version": last, **kept})
        self.cases.put(now)
        return now

    async def receive(
        self,
        case: CaseRecord,
        content: InboundContent,
        *,
        message_id: MessageId,
        at: datetime,
        files: dict[str, bytes] | None = None,
        channel: ChannelName | None = None,
    ) -> None:
        """Put an inbound message into a case."""
        key, attachments, names = await self.key(), [], {}
        for place, (name, content_bytes) in enumerate((files or {}).items()):
            attachment_id = derive_id("test-file", message_id, str(place))
            await self.objects.put(attachment_id, seal_attachment(key, message_id, attachment_id, content_bytes))
            kind = guess_type(name.strip())[0] or "image/jpeg"
            attachments.append(
                Attachment(attachment_id=attachment_id, content_type=kind, size_bytes=len(content_bytes))
            )
            names[attachment_id] = name
        named = content.model_copy(update={"attachment_names": names})
        self.messages.messages[message_id] = MessageDocument(
            _id=message_id,
            direction=Direction.INBOUND,
            channel=channel or case.channel,
            accounts=(case.account,),
            at=at,
            filed=case.case_id,
            attachments=tuple(attachments),
            automatic=case.automatic if message_id == case.opened_by else None,
            entered_by=case.entered_by if message_id == case.opened_by else None,
            content=seal_model(key, Thing("message", message_id), "content", named),
        )

    async def suspend(
        self,
        name: str,
        content: InboundContent,
        *,
        department: str = "accueil",
        account: str = "contact@mairie.example",
        why: Suspicion = Suspicion.SPAM,
        minutes: int = 0,
        files: dict[str, bytes] | None = None,
        **fields: object,
    ) -> MessageId:
        """Put a mail among those that wait for an agent, unseen; return its id."""
        message_id, at = MessageId(derive_id("test-suspended", name)), ARRIVED + timedelta(minutes=minutes)
        case = a_case(name, channel="email", account=account)
        await self.receive(case, content, message_id=message_id, at=at, files=files)
        held = Suspension(
            why=why, department=DepartmentId(department), sector=self.town.sector_of(DepartmentId(department))
        )
        document = self.messages.messages[message_id]
        self.messages.messages[message_id] = document.model_copy(update={"filed": None, "suspended": held, **fields})
        await self.unseen.note([UnseenMail(_id=message_id, department=held.department, at=at)])
        return message_id

    async def send(
        self,
        case: CaseRecord,
        text: str,
        *,
        purpose: Purpose,
        at: datetime,
        author: AgentId | None = None,
        question: Question | None = None,
    ) -> MessageId:
        """Put an outbound message into a case; the caller puts it into the history."""
        said = OutboundContent(text=text, question=question)
        outbound = MessageId(derive_id("test-outbound", case.case_id, text))
        self.messages.messages[outbound] = MessageDocument(
            _id=outbound,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=at,
            filed=case.case_id,
            author=author,
            purpose=purpose,
            content=seal_model(await self.key(), Thing("message", outbound), "content", said),
        )
        return outbound

    async def seal_reason(self, case: CaseRecord, field_name: str, reason: str) -> Sealed:
        """Seal a reason as the router keeps it."""
        return seal(await self.key(), Thing("case", case.case_id), field_name, reason.encode())


def _reference(name: str) -> str:
    letters = derive_id("test-reference", name).upper()
    return f"2026-{letters[:4]}-{letters[4:7]}"


def mail(value: str) -> Identifier:
    """Return an e-mail address."""
    return Identifier(kind=MAIL_ADDRESS, value=value)


def phone(value: str) -> Identifier:
    """Return a phone number."""
    return Identifier(kind=PHONE_NUMBER, value=value)
