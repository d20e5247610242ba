"""The town's words as a citizen would read them, with invented values: to be looked at before any leaves. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from guichet.channel.lengths import units
from guichet.channel.segments import is_in_seven_bits, segments
from guichet.contracts.channels import Charged, Form, Words
from guichet.contracts.inbound import ChannelName
from guichet.french.basic_letters import in_basic_letters
from guichet.ids import ProcedureId
from guichet.town.acknowledgements import in_short_letters
from guichet.town.organisation import Department
from guichet.town.policies import SveStatus
from guichet.town.receipts import with_way_in
from guichet.town.samples import sample_replies, samples
from guichet.town.texts import (
    AcknowledgementValues,
    GatheredValues,
    ReceiptValues,
    Texts,
    TextTemplate,
    Written,
    written,
)
from guichet.town.town import Town

KINDS: Final[Mapping[str, Words]] = {
    "receipt": Words(fr="Accusé d’enregistrement (AEE)", en="Registration receipt (AEE)"),
    "receipts": Words(fr="Accusés d’enregistrement réunis", en="Registration receipts, gathered"),
    "acknowledgement": Words(fr="Accusé de réception (ARE)", en="Acknowledgement (ARE)"),
    "acknowledgements": Words(fr="Accusés de réception réunis", en="Acknowledgements, gathered"),
    "reply": Words(fr="Réponse d’un agent", en="An agent’s answer"),
    "closing": Words(fr="Réponse qui clôt la demande", en="An answer that closes the request"),
    "question": Words(fr="Réponse qui pose une question", en="An answer that asks a question"),
    "closed": Words(fr="Avis : demande close", en="Notice: request closed"),
    "reopened": Words(fr="Avis : demande rouverte", en="Notice: request open again"),
    "rerouted": Words(fr="Avis : autre service", en="Notice: another department"),
    "new_link": Words(fr="Nouveau lien de suivi", en="New follow link"),
    "abuse": Words(fr="Avis d’envois abusifs", en="Notice of abusive messages"),
    "mail_instead": Words(fr="Accusé par courriel, faute d’autre voie", en="Receipt by mail, for want of another way"),
    "another_way": Words(fr="Message envoyé par une autre voie", en="Message sent another way"),
}
"""What the town writes, by what its templates' names begin with."""
_NOTICES: Final = ("closed", "reopened", "rerouted", "new_link")  # each a letter, in the frame of an answer
_LINES: Final = ("closing", "question")  # below an answer's words
_OF_RECEIPTS: Final = ("mail_instead", "another_way")  # below a receipt's
_AS_IT_IS: Final = ("reply", "acknowledgement", "acknowledgements")  # by SMS, too: no letter of it is changed
_A_NUMBER: Final = "+33639980000"  # of those that ARCEP keeps for fiction


@dataclass(frozen=True)
class WordPreview:
    """A letter. written_from: the versions of its templates, by their names. units: its length as networks count it.

    segments: the SMS that its provider bills; None: it bills none. seven_bits: 160 letters fit in one, not 70.
    cost: of one such letter to a number in France, in millionths of the currency; None: the town has no price.
    """

    subject: str | None
    text: str
    written_from: Mapping[str, str]
    units: int
    seven_bits: bool
    segments: int | None
    cost: int | None
    currency: str


def has_form(kind: str, town: Town, channel: ChannelName) -> bool:
    """Say whether letters of a kind are written for a channel."""
    return kind not in _OF_RECEIPTS or town.facts[channel].form is Form.MAIL


def why_none(town: Town, kind: str, channel: ChannelName, procedure: ProcedureId | None) -> Words | None:
    """Return why there is no such letter; None: there is one."""
    if kind not in KINDS:
        there = ", ".join(KINDS)
        return Words(fr=f"Il n’y a pas de lettre {kind} ; il y a : {there}.", en=f"There is no letter {kind}: {there}.")
    if channel not in town.facts:
        return Words(fr=f"Il n’y a pas de canal {channel}.", en=f"There is no channel {channel}.")
    if procedure is not None and procedure not in town.procedures:
        return Words(fr=f"Il n’y a pas de démarche {procedure}.", en=f"There is no procedure {procedure}.")
    if not has_form(kind, town, channel):
        return Words(fr=f"{kind} ne part jamais par {channel}.", en=f"{kind} never leaves by {channel}.")
    return None


def previews(
    town: Town, kind: str, channel: ChannelName, procedure: ProcedureId | None = None
) -> tuple[WordPreview, ...]:
    """Return a letter of a kind for each sample that reads otherwise. Of one that there is (`why_none`)."""
    found = {each.text: each for each in _written(town, kind, channel, procedure)}
    return tuple(_counted(each, town, channel) for each in found.values())


def _written(town: Town, kind: str, channel: ChannelName, procedure: ProcedureId | None) -> Iterator[Written]:
    texts, is_mail = town.texts.of(channel, procedure), town.facts[channel].form is Form.MAIL
    department = _department(town, procedure)
    template = getattr(texts, f"{kind}_mail" if is_mail else f"{kind}_short")
    for sample in samples(town.name, department)[kind]:
        if not _is_of(sample, town, channel):
            continue
        named = _named(sample, town, procedure)
        values = named if is_mail else _in_short(named)
        if kind in _OF_RECEIPTS:
            for receipt in _written(town, "receipt", channel, procedure):
                yield _below(receipt, template, values)
        elif kind in _LINES or kind in _NOTICES:
            yield _framed(texts, town.name, department, template, values, is_mail=is_mail, is_line=kind in _LINES)
        elif is_mail:
            subject = getattr(texts, f"{kind}_subject")
            yield written(_text(template, values), subject, template, subject=subject.render(values))
        else:
            text = _text(template, values)
            yield written(text if kind in _AS_IT_IS else in_basic_letters(text), template)


def _department(town: Town, procedure: ProcedureId | None) -> Department:
    own = town.fallback_department if procedure is None else town.procedures[procedure].department
    return town.department_or_fallback(own)


def _is_of(values: Any, town: Town, channel: ChannelName) -> bool:
    """Say whether a sample is of the channel's status in law."""
    if not isinstance(values, ReceiptValues | GatheredValues):
        return True
    return values.is_saisine is (town.policy(channel).sve_status is SveStatus.SAISINE)


def _named(values: Any, town: Town, procedure: ProcedureId | None) -> Any:
    """Return an acknowledgement's sample with the procedure's own name."""
    if procedure is None or not isinstance(values, AcknowledgementValues) or not values.procedure:
        return values
    return replace(values, procedure=town.procedures[procedure].label)


def _in_short(values: Any) -> Any:
    """Return a sample in the letters of a short message, of an acknowledgement."""
    return in_short_letters(values) if isinstance(values, AcknowledgementValues) else values


def _text(template: TextTemplate[Any], values: Any) -> str:
    return (
        with_way_in(template, values) if isinstance(values, ReceiptValues | GatheredValues) else template.render(values)
    )


def _below(said: Written, template: TextTemplate[Any], values: Any) -> Written:
    used = {**said.written_from, template.name: template.version}
    return Written(said.subject, f"{said.text}\n\n{template.render(values)}", used)


def _framed(
    texts: Texts,
    town_name: str,
    department: Department,
    template: TextTemplate[Any],
    values: Any,
    *,
    is_mail: bool,
    is_line: bool,
) -> Written:
    """Return words in the frame of an answer. is_line: below an agent's words."""
    answer, said = sample_replies(town_name, department)[0], template.render(values)
    said = said if is_mail else in_basic_letters(said)
    framed = replace(answer, text=f"{answer.text}\n\n{said}" if is_line else said)
    if not is_mail:
        return written(texts.reply_short.render(framed), texts.reply_short, template)
    subject = texts.reply_subject.render(framed)
    return written(texts.reply_mail.render(framed), texts.reply_subject, texts.reply_mail, template, subject=subject)


def _counted(said: Written, town: Town, channel: ChannelName) -> WordPreview:
    facts, costs = town.facts[channel], town.costs_of(town.facts[channel].provider)
    billed = segments(said.text) if facts.charged is Charged.SEGMENT else None
    price = costs.price(channel, _A_NUMBER) if facts.charged is not None else 0
    return WordPreview(
        subject=said.subject,
        text=said.text,
        written_from=said.written_from,
        units=units(said.text),
        seven_bits=is_in_seven_bits(said.text),
        segments=billed,
        cost=price * (1 if billed is None else billed) or None,
        currency=costs.currency,
    )
