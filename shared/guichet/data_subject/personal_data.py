"""What of a person is where: ids only, nothing that names them. Values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from guichet.ids import CaseId, CitizenId, IdentifierId, KeyId, MessageId, SectorCitizenId
from guichet.vault.erasure_ledger.entry import ErasedCase, Noted


@dataclass(frozen=True)
class Spared:
    """What is kept as evidence of a threat, with all that lives with it: no erasure of its person takes it.

    listed: the same cases, for the archives and for who decides.
    """

    cases: frozenset[CaseId] = frozenset()
    messages: frozenset[MessageId] = frozenset()
    keys: frozenset[KeyId] = frozenset()
    objects: frozenset[str] = frozenset()
    listed: tuple[ErasedCase, ...] = ()


@dataclass(frozen=True)
class PersonalData:
    """Everything of one person that an erasure takes, and what it leaves because it is another's too.

    citizens: the registry's ids of the one person, former ones too. documents: by collection, the `_id`s of what goes
    whole. partly: by collection, those of what stays and loses this person's share: an address or a conversation that
    others use too, a case that someone else who shares the address may have opened. unfiled: those of the messages that
    no case has. noted: what was the person's before their addresses were left to newcomers; None before that.
    spared: what would go too, were it no evidence: nothing else here names any of it.
    """

    citizens: frozenset[CitizenId] = frozenset()
    sector_citizens: frozenset[SectorCitizenId] = frozenset()
    documents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    partly: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keys: frozenset[KeyId] = frozenset()
    objects: frozenset[str] = frozenset()
    listed: tuple[ErasedCase, ...] = ()
    unfiled: frozenset[MessageId] = frozenset()
    noted: Noted | None = None
    spared: Spared = field(default_factory=Spared)

    @property
    def is_empty(self) -> bool:
        """True when nothing is left of the person."""
        return not (any(self.documents.values()) or any(self.partly.values()) or self.keys or self.objects)

    @property
    def identifiers(self) -> frozenset[IdentifierId]:
        """Addresses that nobody else holds."""
        return frozenset(map(IdentifierId, self.documents.get("identifiers", ())))

    @property
    def addresses(self) -> frozenset[IdentifierId]:
        """Addresses whose mail was theirs alone: those that nobody else holds, or held at the diverting."""
        return self.identifiers | (frozenset(self.noted.addresses) if self.noted else frozenset())

    def may_have_sent(self, at: datetime) -> bool:
        """Return whether what arrived then from one of their addresses is theirs, and not a newcomer's."""
        return self.noted is None or at < self.noted.at

    @property
    def shared_identifiers(self) -> frozenset[IdentifierId]:
        """Addresses that others hold too, or that a newcomer has taken over since."""
        return frozenset(map(IdentifierId, self.partly.get("identifiers", ())))

    @property
    def cases(self) -> frozenset[CaseId]:
        """The person's cases: each needs the archives' visa."""
        return frozenset(map(CaseId, self.documents.get("cases", ())))

    @property
    def undecided_cases(self) -> frozenset[CaseId]:
        """Cases that another sharer of the address may have opened: they stay."""
        return frozenset(map(CaseId, self.partly.get("cases", ())))

    @property
    def messages(self) -> frozenset[MessageId]:
        """Messages of the person and of their cases."""
        return frozenset(map(MessageId, self.documents.get("messages", ())))

    @property
    def counts(self) -> dict[str, int]:
        """How many documents of each place go, "cases (shared)" how many stay without this person, files and keys."""
        whole = {name: len(ids) for name, ids in sorted(self.documents.items()) if ids}
        shared = {f"{name} (shared)": len(ids) for name, ids in sorted(self.partly.items()) if ids}
        rest = {"objects": len(self.objects), "keys": len(self.keys)}
        return whole | shared | {name: count for name, count in rest.items() if count}
