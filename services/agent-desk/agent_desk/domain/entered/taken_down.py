"""What an agent takes down for somebody who spoke to them: a call, a visit, a word to an elected member. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from agent_desk.domain.decisions.decision import is_once, new_once
from agent_desk.domain.entered.stamp import wrong_day
from agent_desk.domain.typed_day import typed_day
from guichet.channel.text import clean_text
from guichet.channel.typed_address import is_typed_email
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, InboundContent
from guichet.ids import ProcedureId
from guichet.privacy.normal_form import normalised_phone

LONGEST: Final = {  # characters
    "name": 200,
    "address": 254,
    "represented_by": 200,
    "place": 200,
    "kept_at": 60,
    "subject": 200,
    "text": 20_000,
}
SETTLED: Final = "settled"  # the button of who answered on the spot


@dataclass(frozen=True)
class TakenDown:
    """What was typed. once: what makes this rendering of the form unlike others; blank: its page needs none.

    way: the channel by which they spoke.
    address: where the person is reached. represented_by: who spoke for them. place: where it is about.
    kept_at: where the paper of a letter lies. received: the day of the real receipt, as typed; blank: now.
    on_the_spot: it was answered there and then.

    errors: field → what is wrong, a code that the template words. problem: why a sound form was not taken.
    """

    once: str = ""
    way: str = ""
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    represented_by: str = field(default="", repr=False)
    procedure: str = ""
    place: str = field(default="", repr=False)
    received: str = ""
    on_the_spot: bool = False
    kept_at: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def content(self) -> InboundContent:
        """The message as its channel carries it."""
        return InboundContent(
            sender=() if (known := _identifier(self.address)) is None else (known,),
            display_name=_line(self.name),
            subject=_line(self.subject),
            text=clean_text(self.text.strip()),
            place=_line(self.place) or None,
            represented_by=_line(self.represented_by) or None,
        )

    @property
    def chosen(self) -> ProcedureId | None:
        """The procedure, if one was chosen."""
        return ProcedureId(self.procedure) if self.procedure else None

    @property
    def received_on(self) -> date | None:
        """The day of the real receipt; None: it is received now."""
        return typed_day(self.received)


def blank_form() -> TakenDown:
    """Return the form before anybody has typed."""
    return TakenDown(new_once())


def taken_down(
    form: Mapping[str, str], ways: Collection[ChannelName], procedures: Collection[ProcedureId], today: date
) -> TakenDown:
    """Return what the form says, and what is wrong with it. ways: channels of the desk; procedures: of the town.

    today: in Paris.
    """
    typed = half_typed(form)
    return replace(typed, errors=_errors(typed, ways, procedures, today))


def half_typed(form: Mapping[str, str]) -> TakenDown:
    """Return what the form says while its agent still types."""
    once = form.get("once", "")
    return TakenDown(
        once if is_once(once) else new_once(),
        way=form.get("way", ""),
        name=form.get("name", ""),
        address=form.get("address", ""),
        represented_by=form.get("represented_by", ""),
        procedure=form.get("procedure", ""),
        place=form.get("place", ""),
        kept_at=form.get("kept_at", ""),
        received=form.get("received", ""),
        on_the_spot=form.get("act") == SETTLED,
        subject=form.get("subject", ""),
        text=form.get("text", ""),
    )


def _errors(
    typed: TakenDown, ways: Collection[ChannelName], procedures: Collection[ProcedureId], today: date
) -> dict[str, str]:
    found: dict[str, str] = {}
    if typed.way not in ways:
        found["way"] = "missing"
    found |= {name: "missing" for name in ("name", "subject", "text") if not getattr(typed, name).strip()}
    if typed.address.strip() and _identifier(typed.address) is None:
        found["address"] = "invalid"
    if typed.procedure and typed.procedure not in procedures:
        found["procedure"] = "unknown"
    if (wrong := wrong_day(typed.received, today)) is not None:
        found["received"] = wrong
    return found | {name: "too-long" for name, most in LONGEST.items() if len(getattr(typed, name)) > most}


def _identifier(typed: str) -> Identifier | None:
    address = typed.strip()
    if is_typed_email(address):
        return Identifier(kind=MAIL_ADDRESS, value=address)
    return None if normalised_phone(address) is None else Identifier(kind=PHONE_NUMBER, value=address)


def _line(typed: str) -> str:
    return clean_text(" ".join(typed.split()))
