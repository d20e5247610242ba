"""What the product needs to know of a channel, as data: nobody runs a channel's code to learn it. Pure.

Facts are written in the channel's package, one YAML file a channel (docs/adding-a-channel.md), and read at start
(guichet.town.channel_facts). Names of channels and of kinds of address are open: a new channel extends no list here.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import SchemaError, SchemaValidator
from pydantic_core.core_schema import str_schema

from guichet.contracts.accounts import AccountFacts, is_among
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.fact import Fact
from guichet.contracts.inbound import ChannelName, host_of
from guichet.contracts.inbound_content import MAIL_ADDRESS, IdentifierKind

REASON: Final = r"^[a-z][a-z0-9-]{1,39}$"
Reason = Annotated[str, StringConstraints(pattern=REASON)]
GATHERED: Final = "-gathered"  # how the lane of an account's receipts ends that leave together; of no account's name
PerSecond = Annotated[float, Field(ge=0.001, le=1_000)]  # one in a quarter of an hour, at the least


class Words(Fact):
    """What people read, in French and in English."""

    fr: str
    en: str


class Form(StrEnum):
    """How a letter is written: a mail has a subject and goes on at any length, a short one is one or more messages."""

    MAIL = "mail"
    SHORT = "short"


class Charged(StrEnum):
    """What a provider bills letters by, where each costs.

    SEGMENT: the SMS that a text travels as (guichet.channel.segments). MESSAGE: one for each letter.
    """

    SEGMENT = "segment"
    MESSAGE = "message"


class Voucher(StrEnum):
    """Who may vouch for whoever wrote. PROVIDER: its webhook is signed, and it knows its own numbers and accounts;
    whose a mailbox is, it does not know.

    MAIL_AUTHENTICATION: the receiving server's verdict on the author in From (DMARC), mail by mail.
    """

    NOBODY = "nobody"
    PROVIDER = "provider"
    MAIL_AUTHENTICATION = "mail-authentication"


OUTSIDE_WINDOW: Final = "outside-window"
"""Why a letter fails whose words are free, once its channel's window is over."""
UNWANTED: Final = frozenset({"unsubscribed", "blocked"})
"""Why a letter fails whose recipient has said that they want no more of them there; channels use these words."""
LONGEST_ADDRESS: Final = 128  # characters: what is longer is no address of a kind that a channel brings


def _compiles(pattern: str) -> str:
    try:
        _whole(pattern)
    except SchemaError as error:
        why = str(error).strip().splitlines()[-1].strip()
        raise ValueError(f"no regular expression that can be used here ({why}).") from None
    return pattern


Pattern = Annotated[str, StringConstraints(max_length=200), AfterValidator(_compiles)]


class AddressKind(Fact):
    """The kind of address that citizens have on a channel.

    name: goes into pseudonyms, so it is never renamed. pattern: of its one written form, whole; without one the kind is
    `email` or `phone`, whose forms guichet.privacy.normal_form knows. A host takes no message of another form for read
    (guichet.channel.lent), and the registry's file no such line. It is a regular expression without look-around
    and back-references: processes that hold opening keys match it. example: what the registry's file and the sandbox
    show.
    """

    name: IdentifierKind
    title: Words
    pattern: Pattern | None = None
    example: str

    def matches(self, address: str) -> bool:
        """Return whether an address has this kind's one written form; of a kind without a pattern, any has."""
        return self.pattern is None or _matches_whole(self.pattern, address)


def _matches_whole(pattern: str, text: str) -> bool:
    return len(text) <= LONGEST_ADDRESS and _whole(pattern).isinstance_python(text)


@cache
def _whole(pattern: str) -> SchemaValidator:
    """Return what matches a whole text. Raises SchemaError for what is no pattern, or too large a one.

    By pydantic's engine, Rust's regex, which tries no way twice: it takes as long as the text, whatever the pattern,
    where Python's own may take hours for a line (docs.rs/regex, "Untrusted input").
    """
    SchemaValidator(str_schema(pattern=pattern))  # by itself, too: nothing in it may close the group that is around it
    return SchemaValidator(str_schema(pattern=rf"\A(?:{pattern})\z"))


class Sending(Fact):
    """How a provider account may be used. per_second: sends on average, `burst` of them at once; per_recipient: to one.

    at_once: how many letters each of its senders hands over together. repeats: how often a message is sent again while
    nobody knows whether it left. settle_after: how long after a lost answer the provider is asked what became of it;
    zero: it cannot be asked.
    """

    per_second: PerSecond = 1
    burst: int = Field(default=1, ge=1, le=1_000)
    per_recipient: PerSecond | None = None
    at_once: int = Field(default=2, ge=1, le=16)
    repeats: int = Field(default=1, ge=0, le=5)
    settle_after: timedelta = Field(default=timedelta(0), ge=timedelta(0), le=timedelta(hours=1))


class ChannelFacts(Fact):
    """One channel; the defaults are those of a channel by voice or on paper.

    icon: path data of an SVG of 16 × 16, drawn as lines. provider: the account that carries it: its lane, its sender
    process and the prefix of its variables; several channels may share one. variables: their prefixes, where it is not
    GUICHET_<PROVIDER>_. account: what its processes are told, said by one of the channels that share it; None: what is
    usual. topic: that its messages come in on.
    answered_on: the channel that carries what the town sends back; None: no electronic one does, so no receipt is owed.
    reached_by: then, the channel by which an agent's answer goes to who left an address of its kind. kind: of address
    that an answer goes to. form: of a letter. longest: what one short message holds, in UTF-16 units, by the provider.
    charged: what its provider bills each letter by; None: nothing is billed by the letter. Where something is, it is
    counted, and letters to telephone numbers go to the countries alone that the town allows.
    on_paper: what comes by it has an original on paper, of which the desk takes scans.
    writes_first: the town may write by it to whom it knows at an address of its kind, who has not written from there
    of late: in a chat it answers only.
    window: how long after a citizen's last message the town may write to them in words of its own; None: always.
    templates: the form, whole, of the ids that its provider gives to messages of fixed words, which it has approved and
    which may be sent at any time (docs/decisions/0111); None: it has none. It is an expression as AddressKind.pattern.
    is_conversation: messages carry no thread of their own; who writes on, and when, says what belongs together.
    statuses: the provider's words for what became of a message, in ours; reasons: its codes for why it failed.
    stop_words: what a whole message says by which its author wants no more of them; its provider then refuses the
    town's, and no receipt is owed for it (guichet.channel.stop_words).
    failures: every reason for which a letter can fail, in words that an agent reads. processor: who processes citizens'
    data for the town on this channel, for the privacy notice; None: nobody but the town.
    """

    name: ChannelName
    title: Words
    icon: str
    provider: ChannelName
    variables: tuple[Annotated[str, StringConstraints(pattern=r"^GUICHET_[A-Z][A-Z0-9]*_$")], ...] = ()
    account: AccountFacts | None = None
    topic: str | None = None
    answered_on: ChannelName | None = None
    reached_by: ChannelName | None = None
    kind: AddressKind | None = None
    form: Form | None = None
    longest: int | None = Field(default=None, ge=160)
    charged: Charged | None = None
    on_paper: bool = False
    writes_first: bool = False
    window: timedelta | None = Field(default=None, ge=timedelta(minutes=10))
    templates: Pattern | None = None
    is_conversation: bool = False
    vouched_by: Voucher = Voucher.NOBODY
    sending: Sending = Sending()
    statuses: Mapping[str, DeliveryState] = Field(default_factory=dict)
    reasons: Mapping[str, Reason] = Field(default_factory=dict)
    stop_words: tuple[str, ...] = ()
    failures: Mapping[Reason, Words] = Field(default_factory=dict)
    processor: Words | None = None

    def names_template(self, template: str) -> bool:
        """Say whether a text has the form of an id of a template of its provider's."""
        return self.templates is not None and _matches_whole(self.templates, template)

    @property
    def is_electronic(self) -> bool:
        """Whether the town can answer by it, and so owes a receipt there (docs/law.md 7)."""
        return self.answered_on is not None

    @property
    def prefixes(self) -> tuple[str, ...]:
        """How the names of its provider's variables begin."""
        return self.variables or (f"GUICHET_{_upper(self.provider)}_",)

    @property
    def host(self) -> str:
        """The ingest process of its provider's account, where that is a third party's."""
        return host_of(self.provider)

    @property
    def lane(self) -> str | None:
        """The provider account that an answer leaves by; None: no electronic channel carries one."""
        return self.provider if self.is_electronic else None

    @property
    def has_mailboxes(self) -> bool:
        """Whether its messages come to mailboxes, which its code may be asked to try (`guichet mailbox`)."""
        return self.topic is not None and self.answered_on == self.name and self._is_of_mail

    @property
    def _is_of_mail(self) -> bool:
        return self.kind is not None and self.kind.name == MAIL_ADDRESS

    def _is_not_its(self, variable: str) -> bool:
        """Say whether a variable is another's; a sandbox is told where it posts to under the channel's name, too."""
        played = (f"GUICHET_SANDBOX_{_upper(name)}_" for name in (self.provider, self.name))
        return not is_among(variable, (*self.prefixes, *played))

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.is_electronic and (self.kind is None or self.form is None):
            raise ValueError("a channel that is answered needs the kind of address and the form of a letter.")
        if self.writes_first and self.answered_on != self.name:
            raise ValueError("only a channel that carries letters itself may write first.")
        if self.window is not None and OUTSIDE_WINDOW not in self.failures:
            raise ValueError(f"a channel with a window says among its `failures` what {OUTSIDE_WINDOW} is.")
        if self.templates is not None and self.window is None:
            raise ValueError("templates are for when a window is over: give `window`, too.")
        if self.account is not None and (not_its := [*filter(self._is_not_its, self.account.named)]):
            raise ValueError(f"{not_its[0]} is no variable of its provider's: they begin with {self.prefixes[0]}.")
        if self.vouched_by is Voucher.PROVIDER and self._is_of_mail:
            raise ValueError("no provider vouches for a mailbox: say nobody, or another kind of address than email.")
        if (self.form is Form.SHORT) != (self.longest is not None):
            raise ValueError("a short message needs `longest`, and only a short one has it.")
        return self


class KnownChannels(Mapping[ChannelName, ChannelFacts]):
    """The facts of every channel that is known here. What is asked of another is that of a channel without answers.

    of_other_packages: those that no package of Guichet brings, each served by processes of its own.
    """

    def __init__(
        self, facts: Mapping[ChannelName, ChannelFacts], of_other_packages: Collection[ChannelName] = ()
    ) -> None:
        self._facts = MappingProxyType(dict(facts))
        self.of_other_packages = frozenset(of_other_packages)

    def __getitem__(self, name: ChannelName) -> ChannelFacts:
        return self._facts.get(name) or _unknown(name)

    def __iter__(self) -> Iterator[ChannelName]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def reaching(self, name: ChannelName) -> ChannelFacts:
        """Return the channel by which an agent's answer goes to who wrote or spoke on one; itself, where none does."""
        facts = self[name]
        return facts if facts.is_electronic or facts.reached_by is None else self[facts.reached_by]

    @property
    def kinds(self) -> Mapping[IdentifierKind, AddressKind]:
        """The kinds of address that citizens are known by; what Guichet's own channels say of one wins."""
        others_first = sorted(self._facts.values(), key=lambda facts: facts.name not in self.of_other_packages)
        return {kind.name: kind for facts in others_first if (kind := facts.kind) is not None}


def _upper(name: ChannelName) -> str:
    return re.sub("[^A-Z0-9]", "_", name.upper())


def _unknown(name: ChannelName) -> ChannelFacts:
    return ChannelFacts(name=name, title=Words(fr=name, en=name), icon="M2 2h12v12H2z", provider=name)
