"""The stores that the router works on, and the parts that it is put together of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from case_router.domain.keys import RouterKeys
from case_router.domain.open_case import CaseOpener
from case_router.domain.suspension import Suspend
from case_router.handlers.apply_declarations import ApplyDeclarations
from case_router.handlers.change_sector import ChangeSector
from case_router.handlers.commit_batch import CommitBatch
from case_router.handlers.decide_mail import DecideMail
from case_router.handlers.gather import GatherContext
from case_router.handlers.hold_back import HoldBack
from case_router.handlers.open_messages import MessageReader
from case_router.handlers.recognise_citizens import RecogniseCitizens
from case_router.handlers.remember_senders import RememberSenders
from case_router.handlers.search_sector import SectorSearch
from guichet.store.abuse_declarations import AbuseDeclarations
from guichet.store.agents.absences import Absences
from guichet.store.agents.news import AgentNewsStore
from guichet.store.agents.on_call import OnCallRota
from guichet.store.agents.rights import AgentRights
from guichet.store.cases.history import CaseHistory
from guichet.store.cases.store import CaseStore
from guichet.store.commands import CommandStore
from guichet.store.messages.store import MessageStore
from guichet.store.messages.suspended import SuspendedMail
from guichet.store.notes import Notes
from guichet.store.registry.citizens import CitizenStore
from guichet.store.registry.identifiers import IdentifierStore
from guichet.store.threads.store import ThreadStore
from guichet.store.unseen_mail import UnseenMails
from guichet.town import Town
from guichet.vault.ports import KeySource, Vault


@dataclass(frozen=True)
class Stores:
    """Every collection that the router writes, and the rights, notes, absences and rota that it reads."""

    cases: CaseStore
    history: CaseHistory
    messages: MessageStore
    suspended: SuspendedMail
    unseen: UnseenMails
    commands: CommandStore
    abuse: AbuseDeclarations
    rights: AgentRights
    news: AgentNewsStore
    on_call: OnCallRota
    absences: Absences
    notes: Notes
    threads: ThreadStore
    identifiers: IdentifierStore
    citizens: CitizenStore


@dataclass(frozen=True)
class RouterParts:
    """What several handlers of the router share is made once, when one first asks for it."""

    stores: Stores
    vault: Vault
    town: Town
    keys: RouterKeys
    new_keys: KeySource
    clock: Callable[[], datetime]

    @cached_property
    def registry(self) -> RecogniseCitizens:
        """Who recognises citizens."""
        return RecogniseCitizens(
            identifiers=self.stores.identifiers,
            citizens=self.stores.citizens,
            new_keys=self.new_keys,
            vault=self.vault,
            registry_key=self.keys.registry,
        )

    @cached_property
    def search(self) -> SectorSearch:
        """Who finds citizens of a sector."""
        return SectorSearch(citizens=self.stores.citizens, sector_key=self.keys.sector)

    @cached_property
    def reader(self) -> MessageReader:
        """Who opens messages."""
        return MessageReader(vault=self.vault, registry=self.registry, keys=self.keys, town=self.town)

    @cached_property
    def abuse(self) -> ApplyDeclarations:
        """Who applies declarations of abuse."""
        stores = self.stores
        return ApplyDeclarations(
            declarations=stores.abuse, messages=stores.messages, reader=self.reader, opener=self.vault, keys=self.keys
        )

    @cached_property
    def opener(self) -> CaseOpener:
        """Who opens cases."""
        return CaseOpener(self.town, self.keys)

    @cached_property
    def gather(self) -> GatherContext:
        """Who gathers what a batch needs."""
        stores = self.stores
        return GatherContext(
            threads=stores.threads,
            cases=stores.cases,
            history=stores.history,
            messages=stores.messages,
            reader=self.reader,
            registry=self.registry,
            search=self.search,
            abuse=self.abuse,
            rights=stores.rights,
            notes=stores.notes,
            opener=self.vault,
        )

    def commit(self) -> CommitBatch:
        """Who writes a batch."""
        return CommitBatch(
            gather=self.gather,
            threads=self.stores.threads,
            cases=self.stores.cases,
            commands=self.stores.commands,
            abuse=self.abuse,
            new_keys=self.new_keys,
            town=self.town,
            keys=self.keys,
            clock=self.clock,
        )

    def change_sector(self) -> ChangeSector:
        """Who takes a case to another sector."""
        return ChangeSector(
            messages=self.stores.messages,
            history=self.stores.history,
            reader=self.reader,
            registry=self.registry,
            search=self.search,
            opener=self.opener,
        )

    def remember_senders(self) -> RememberSenders:
        """Who remembers whom an agent recognised."""
        return RememberSenders(
            messages=self.stores.messages,
            history=self.stores.history,
            reader=self.reader,
            registry=self.registry,
            town=self.town,
            keys=self.keys,
        )

    def hold_back(self) -> HoldBack:
        """Who holds suspended mail back."""
        return HoldBack(
            suspend=Suspend(self.town, self.opener.rules),
            messages=self.stores.messages,
            suspended=self.stores.suspended,
            unseen=self.stores.unseen,
            gather=self.gather,
            reader=self.reader,
            opener=self.opener,
            town=self.town,
        )

    def decide_mail(self) -> DecideMail:
        """Who decides about suspended mail."""
        return DecideMail(
            messages=self.stores.messages,
            suspended=self.stores.suspended,
            unseen=self.stores.unseen,
            commands=self.stores.commands,
            rights=self.stores.rights,
            clock=self.clock,
        )
