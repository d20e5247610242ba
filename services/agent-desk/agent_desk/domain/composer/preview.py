"""An answer as the citizen will see it, before it is sent. Pure.

As notifier's `wording` writes it, but for the follow link, which nobody but the citizen holds.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from guichet.channel.lengths import beginning, units
from guichet.channel.segments import is_in_seven_bits, segments
from guichet.contracts.channels import Charged, Form
from guichet.contracts.inbound import ChannelName
from guichet.follow_pages.page_content import is_sensitive
from guichet.ids import DepartmentId, ProcedureId, Reference
from guichet.town.enclosed import with_files_said
from guichet.town.texts import ReplyValues
from guichet.town.town import Town

LINK: Final = "https://… (lien)"
_COUNTED_LINK: Final = "https://" + "x" * 112  # as long as a follow link gets
_WORDS: Final = "\ue000"  # in the place of an answer's: around none at all, blank lines are left out


@dataclass(frozen=True)
class Counted:
    """What is counted beside the words of an answer that a provider bills by the segment: the agent's signature, where
    they sign, and what the town writes around it. longest: in UTF-16 units; past it the answer is cut, or parted.
    """

    frame: str
    signature: str = field(repr=False)
    longest: int | None


class Answered(Protocol):
    """What of a case, or of its row, decides how an answer to it is written."""

    @property
    def reference(self) -> Reference: ...
    @property
    def department(self) -> DepartmentId: ...
    @property
    def channel(self) -> ChannelName: ...
    @property
    def procedure(self) -> ProcedureId | None: ...


@dataclass(frozen=True)
class Preview:
    """What the citizen gets. subject: of a mail. segments: SMS that the provider bills; None: it bills none.

    units: the text's length as networks count it. seven_bits: its letters are all of the SMS alphabet, so that 160 fit
    in one, and not 70. is_cut: the rest is on the follow page. in_parts: too long, and of a sensitive sector: it goes
    whole, in several messages.
    """

    channel: ChannelName
    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    segments: int | None = None
    units: int = 0
    seven_bits: bool = False
    is_cut: bool = False
    in_parts: bool = False


def preview_of(case: Answered, channel: ChannelName, text: str, subject: str, town: Town, files: int = 0) -> Preview:
    """Return it. channel: by which it leaves. text: with its signature. subject: the citizen's, or a blank.

    files: how many go with it.
    """
    facts, texts = town.facts[channel], town.texts.of(channel, case.procedure)
    values = _values(case, text, subject, town)
    if facts.form is Form.MAIL or facts.longest is None:
        return Preview(channel, texts.reply_mail.render(values), texts.reply_subject.render(values))
    plain = replace(values, text=with_files_said(values.text, files, _COUNTED_LINK), follow_url=_COUNTED_LINK)
    values = replace(values, text=with_files_said(values.text, files, LINK))
    too_long = units(texts.reply_short.render(plain)) > facts.longest
    in_parts = too_long and is_sensitive(case.department, town)
    is_cut = too_long and not in_parts
    if is_cut:
        frame = units(texts.reply_short.render(replace(plain, text="", is_cut=True)))
        cut = beginning(values.text, facts.longest - frame).rstrip()
        values, plain = (replace(each, text=cut, is_cut=True) for each in (values, plain))
    counted = texts.reply_short.render(plain)
    return Preview(
        channel,
        texts.reply_short.render(values),
        segments=segments(counted) if facts.charged is Charged.SEGMENT else None,
        units=units(counted),
        seven_bits=is_in_seven_bits(counted),
        is_cut=is_cut,
        in_parts=in_parts,
    )


def frame_of(case: Answered, channel: ChannelName, town: Town) -> str:
    """Return what the town writes around every answer that leaves by a channel."""
    values, is_mail = _values(case, "", "", town), town.facts[channel].form is Form.MAIL
    texts = town.texts.of(channel, case.procedure)
    return (texts.reply_mail if is_mail else texts.reply_short).render(values)


def counted_frame(case: Answered, channel: ChannelName, town: Town) -> str | None:
    """Return what is counted around every answer by a channel that bills by the segment; None: it does not."""
    if town.facts[channel].charged is not Charged.SEGMENT:
        return None
    values = replace(_values(case, _WORDS, "", town), follow_url=_COUNTED_LINK)
    return town.texts.of(channel, case.procedure).reply_short.render(values).replace(_WORDS, "")


def _values(case: Answered, text: str, subject: str, town: Town) -> ReplyValues:
    department = town.department_or_fallback(case.department)
    return ReplyValues(
        town_name=town.name,
        reference=case.reference,
        text=text.strip(),
        department=department,
        follow_url=LINK,
        privacy_url=LINK,
        subject=subject,
    )
