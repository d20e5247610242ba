"""Find where an answer goes, at the moment that it is sent."""

from agent_desk.domain.cases.answer_addresses import Sending
from agent_desk.domain.cases.destination import Destination, answered_message, people_of, where_answers_go
from agent_desk.domain.cases.story import is_of
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_words
from guichet.case.record import CaseRecord
from guichet.ids import MessageId
from guichet.store.messages.store import MessageStore
from guichet.vault.ports import KeyOpener


class Destinations:
    """Finds where an answer goes, at the moment that it is sent."""

    def __init__(
        self, *, messages: MessageStore, citizens: CitizenDirectory, opener: KeyOpener, ways: WayFinder
    ) -> None:
        self._messages = messages
        self._citizens = citizens
        self._ways = ways
        self._opener = opener

    async def of(self, case: CaseRecord, shown: MessageId | None) -> Sending:
        """Return where an answer goes. Raises TransientError.

        shown: the message that the agent's page named; "" where it could name none; None: a page from before pages did.
        """
        found = await self._messages.find_many(filter(None, (shown, case.answered_at, case.opened_by)))
        mine = {each.message_id: each for each in found.values() if is_of(each, case)}
        words = (await open_words(self._opener, mine.values())).values
        cards = await self._citizens.cards([(case.sector, citizen) for citizen in people_of(case)])

        def place(message: MessageId) -> Destination | None:
            if not message:
                return None
            return where_answers_go(case, mine.get(message), words.get(message), cards.values())

        answers = answered_message(case, mine)
        seen = place(answers if shown is None else shown)
        card = cards.get(case.citizen) if case.citizen else None
        return Sending(answers, seen, place(answers), self._ways.of(case, card, seen, shown or answers))
