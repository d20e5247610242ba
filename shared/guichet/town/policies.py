"""What a town decides about each channel."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AnyHttpUrl, BeforeValidator, Field, TypeAdapter, ValidationError

from guichet.contracts.channels import PerSecond
from guichet.contracts.inbound import ChannelName
from guichet.law.clocks.delay import Delay
from guichet.town.values import Duration, Mailbox, TownModel


def _mailbox_or_page(value: object) -> object:
    kind: TypeAdapter[object] = _MAILBOX if "@" in str(value) and "://" not in str(value) else _PAGE
    try:
        return str(kind.validate_python(value))
    except ValidationError:
        raise ValueError(f"{value!r} is neither a mailbox nor the address of a page.") from None


THREATS_KEPT: Final = Delay(72)
"""Where a town says nothing: until the offence lapses, six years (code de procédure pénale, art. 8; docs/law.md 68)."""
_MAILBOX: Final[TypeAdapter[object]] = TypeAdapter(Mailbox)
_PAGE: Final[TypeAdapter[object]] = TypeAdapter(AnyHttpUrl)
SeizingAddress = Annotated[str, BeforeValidator(_mailbox_or_page)]


class SveStatus(StrEnum):
    """Whether a message on this channel validly seizes the town (saisine par voie électronique, docs/law.md 1, 3)."""

    SAISINE = "saisine"
    CONTACT_ONLY = "contact_only"  # still a case and a courtesy receipt, but no legal clock


class Templates(TownModel):
    """What is sent where a channel's window is over: by the kind of letter, its provider's id of an approved message.

    Its words are fixed, with two places: {{1}} is the case's reference, {{2}} the address of its page. A kind without
    one goes another way (docs/decisions/0111). receipt: an AEE; an ARE must say more than a page does.
    """

    receipt: str | None = None
    answer: str | None = None
    change: str | None = None
    link: str | None = None


class ChannelPolicy(TownModel):
    """idle_window: in a conversation without subjects, a message after so long a silence opens a new case.

    new_case_words: a message that begins with one of these lines opens a new case; compared without case and accents.
    package: name and version of what brings a channel that is not part of Guichet, as `guichet channels enable` wrote
    it.
    per_second: what the town's account at the provider may send; None: what the channel's facts say.
    templates: those that the town's account has for this channel.
    """

    sve_status: SveStatus = SveStatus.SAISINE
    idle_window: Duration = timedelta(hours=24)
    new_case_words: tuple[str, ...] = ()
    package: str | None = None
    per_second: PerSecond | None = None
    templates: Templates = Templates()


class ChannelList(TownModel):
    """channels.yaml"""

    channels: dict[ChannelName, ChannelPolicy] = Field(min_length=1)


class PublishedTerms(TownModel):
    """The published terms of use of the town's téléservices (docs/law.md 2), and the address of their page.

    seize_at: where a message does seize the town, a mailbox of its or the address of a page; what comes on a channel
    that is contact_only is answered with it.
    """

    published_on: date
    url: AnyHttpUrl
    seize_at: SeizingAddress | None = None
