"""Write one answer into many cases: each with its own variables, signature and channel."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent_desk.domain.bulk.bulk_form import BulkForm
from agent_desk.domain.bulk.selected import Selected
from agent_desk.domain.bulk.why_no_answer import why_no_answer
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import is_hidden
from agent_desk.domain.composer.variables import filled, unfilled
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.composer.case_facts import CaseFactsReader
from agent_desk.handlers.composer.write_answers import AnswerWriter
from guichet.batches import batched
from guichet.case.record import CaseRecord
from guichet.ids import MessageId, SectorCitizenId
from guichet.town.provider_accounts import channels_carried
from guichet.town.town import Town

_AT_ONCE = 20


@dataclass(frozen=True)
class BulkAnswers:
    """Every method raises TransientError."""

    destinations: Destinations
    citizens: CitizenDirectory
    writer: AnswerWriter
    facts: CaseFactsReader
    town: Town

    async def written(self, visitor: Visitor, selected: Sequence[Selected], form: BulkForm) -> tuple[Selected, ...]:
        """Return the cases with what is said in each, by which channel it leaves and why one gets no answer."""
        people = [(each.case.sector, each.case.citizen) for each in selected if each.case.citizen]
        cards = await self.citizens.cards(people) if people else {}
        found: list[Selected] = []
        for some in batched(selected, _AT_ONCE):
            asked = (self._written(visitor, each, _card_of(each.case, cards), form) for each in some)
            found += await asyncio.gather(*asked)
        return tuple(found)

    async def why_not(self, case: CaseRecord, answers: MessageId | None, words: str) -> str | None:
        """Return why an answer that was written may go no longer. answers: to whose sender, as it was shown."""
        sending = await self.destinations.of(case, answers)
        return why_no_answer(case, sending, words, self.town, channels_carried(self.town))

    async def _written(self, visitor: Visitor, each: Selected, card: CitizenCard | None, form: BulkForm) -> Selected:
        if each.why is not None:
            return each
        case, known = each.case, None if is_hidden(each.case, card) else card
        sending = await self.destinations.of(case, None)
        text = filled(form.words.strip(), self.facts.of_row(visitor, each.row, known))
        typed = FormInput(form.once, text=text, signed=form.signed)
        words = self.writer.words(visitor, each.row, sending.shown, typed) if text else ""
        return replace(
            each,
            words=words,
            answers=sending.answers,
            to=sending.shown,
            channel=self.writer.channel(each.row, sending.shown),
            unfilled=unfilled(words),
            why=why_no_answer(case, sending, words, self.town, channels_carried(self.town)),
        )


def _card_of(case: CaseRecord, cards: Mapping[SectorCitizenId, CitizenCard]) -> CitizenCard | None:
    return cards.get(case.citizen) if case.citizen is not None else None
