"""Read everything that deciding a batch needs, in bulk, until nothing is missing.

A claim may lead to a case that another process has not written yet. Nobody waits for it: its message is in the store
since before the claim, so it is filed along with our batch ("help"). Whoever is slower finds it done.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from case_router.domain.arrival import Arrival
from case_router.domain.batch_context import BatchContext, considered
from case_router.domain.commands.decide import case_of
from case_router.domain.commands.lost_right import EndAssignment
from case_router.handlers.apply_declarations import ApplyDeclarations
from case_router.handlers.open_messages import MessageReader
from case_router.handlers.recognise_citizens import RecogniseCitizens
from case_router.handlers.search_sector import SectorSearch
from guichet.case.record import CaseRecord
from guichet.contracts.base import Event
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CaseCommand,
    DeclareAbuse,
    LiftAbuse,
    RerouteCase,
    SendReply,
    StateFact,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.inbound_content import Identifier
from guichet.ids import AgentId, AnchorId, CaseId, MessageId, NoteId
from guichet.store.agents.rights import AgentRights
from guichet.store.cases.history import CaseHistory
from guichet.store.cases.store import CaseStore
from guichet.store.messages.document import Direction
from guichet.store.messages.store import MessageStore
from guichet.store.notes import Notes
from guichet.store.threads.claim import Claim
from guichet.store.threads.store import ThreadStore
from guichet.vault.ports import KeyOpener


@dataclass(frozen=True, kw_only=True)
class GatherContext:
    """Makes contexts. Every method raises TransientError."""

    threads: ThreadStore
    cases: CaseStore
    history: CaseHistory
    messages: MessageStore
    reader: MessageReader
    registry: RecogniseCitizens
    search: SectorSearch
    abuse: ApplyDeclarations
    rights: AgentRights
    notes: Notes
    opener: KeyOpener

    async def gather(self, arrivals: Iterable[Arrival], commands: Sequence[Event]) -> BatchContext:
        """Return the context of a batch."""
        context = BatchContext(arrivals={arrival.message_id: arrival for arrival in arrivals})
        batch_reader = _BatchReader(context, self)
        about = {case_of(command) for command in commands}
        await batch_reader.cases(about)
        if unknown := about - set(context.cases):
            context.erased = await self.cases.erased(unknown)
        while await batch_reader.follow_leads():
            pass
        await self._read_what_is_done(context, commands)
        await self._read_for_commands(context, commands)
        return context

    async def _read_what_is_done(self, context: BatchContext, commands: Sequence[Event]) -> None:
        """Read which causes have been through: commands' and claimed messages'. A new message is in no case.

        After the cases: what has left an outbox by then is in the history.
        """
        claimed = [each.message_id for each in context.arrivals.values() if context.own_claim_of(each) is not None]
        answered = [each.answers for each in commands if isinstance(each, SendReply) and each.answers is not None]
        causes = {*claimed, *answered, *(command.event_id for command in commands)}
        cases = {*context.cases, *context.erasing} if claimed else {case_of(command) for command in commands}
        for entry in await self.history.of_causes(cases, causes):
            context.happened.setdefault((entry.case_id, entry.cause or ""), set()).add(entry.type)

    async def _read_for_commands(self, context: BatchContext, commands: Sequence[Event]) -> None:
        authors = {command.issued_by for command in commands if isinstance(command, CaseCommand)}
        if concerned := authors | _workers(context, commands) | _who_answered(context):
            context.rights = await self.rights.of(concerned)
        if authors:
            await self._read_moves(context, {each.case_id for each in commands if isinstance(each, CaseCommand)})
        if renewing := {command.case_id for command in commands if isinstance(command, RenewLink)} & set(context.cases):
            await self._read_for_renewals(context, [context.cases[case] for case in renewing])
        of_abuse = {(each.case_id, each.sector) for each in commands if isinstance(each, DeclareAbuse | LiftAbuse)}
        if judged := [(context.cases[case], sector) for case, sector in of_abuse if case in context.cases]:
            context.senders = await self.abuse.senders_of(judged)
        answers = [command.outbound_id for command in commands if isinstance(command, SendReply)]
        if answers:
            found = await self.messages.find_many(answers)
            context.outbound.update({key: each for key, each in found.items() if each.direction is Direction.OUTBOUND})
            await self._read_chosen_addresses(context, commands)
        if said := [*_words_of(commands)]:
            context.notes = await self.notes.find_many(said)
        if moving := {command.case_id for command in commands if isinstance(command, RerouteCase)} & set(context.cases):
            await self._read_for_reroutings(context, [context.cases[case] for case in moving])

    async def _read_chosen_addresses(self, context: BatchContext, commands: Sequence[Event]) -> None:
        """Read whose the addresses are to which answers go that do not go back to who wrote."""
        chosen = {each.outbound_id for each in commands if isinstance(each, SendReply) and each.goes_by is not None}
        if there := [context.outbound[each] for each in chosen if each in context.outbound]:
            context.chosen = await self.reader.chosen_addresses(there)
            context.proven = await self.registry.proven(context.chosen)
            context.wrote = await self.registry.holders(await self._answered_addresses(context, commands))

    async def _answered_addresses(
        self, context: BatchContext, commands: Sequence[Event]
    ) -> dict[MessageId, Identifier]:
        """Return from where the messages came that these answers answer, by the answers' ids."""
        answered = {
            each.outbound_id: each.answers or context.cases[each.case_id].answered_at
            for each in commands
            if isinstance(each, SendReply) and each.outbound_id in context.chosen and each.case_id in context.cases
        }
        opened = await self.reader.open_others((await self.messages.find_many(set(answered.values()))).values())
        came_from = {each.message.message_id: each.answered_at for each in opened}
        return {name: address for name, each in answered.items() if (address := came_from.get(each)) is not None}

    async def _read_moves(self, context: BatchContext, cases: set[CaseId]) -> None:
        for entry in await self.history.moves(cases):
            context.moves.setdefault(entry.case_id, []).append(entry)

    async def _read_for_reroutings(self, context: BatchContext, cases: Sequence[CaseRecord]) -> None:
        openings = await self.messages.find_many({case.opened_by for case in cases})
        holders = await self.registry.look_up(await self.reader.open_others(openings.values()))
        likely = {citizen for each in holders.values() for citizen in each.everybody}
        theirs = {(case.sector, own) for case in cases for own in (case.citizen, *case.candidates) if own is not None}
        context.people = await self.search.behind(theirs, likely)

    async def _read_for_renewals(self, context: BatchContext, cases: Sequence[CaseRecord]) -> None:
        context.case_keys = await self.opener.open_keys({case.link.key_id for case in cases if case.link is not None})
        context.answered = await self.messages.find_many(
            {message for case in cases for message in (case.answered_at, case.opened_by)}
        )
        context.verified = await self.registry.verified(await self.reader.open_others(context.answered.values()))


def _workers(context: BatchContext, commands: Sequence[Event]) -> set[AgentId]:
    """Return the agents of whom the commands ask whether a case may be, or stay, their work, or they be told of it."""
    given = {each.to for each in commands if isinstance(each, AssignCase)}
    mentioned = {agent for each in commands if isinstance(each, AddNote) for agent in each.mentions}
    losing = {each.agent for each in commands if isinstance(each, EndAssignment)}
    moving = (context.cases.get(each.case_id) for each in commands if isinstance(each, RerouteCase))
    having = {case.assigned_to for case in moving if case is not None}
    return {agent for agent in given | mentioned | losing | having if agent is not None}


def _who_answered(context: BatchContext) -> set[AgentId]:
    """Return the agents who answered on the spot what they took down."""
    entered = (each.message.entered_by for each in context.arrivals.values() if each.message.on_the_spot)
    return {agent for agent in entered if agent is not None}


class _BatchReader:
    """One context in the making: what has been asked for is not asked for again."""

    def __init__(self, context: BatchContext, stores: GatherContext) -> None:
        self._context = context
        self._stores = stores
        self._marks_read = set[MessageId]()
        self._anchors_asked = set[AnchorId]()
        self._cases_asked = set[CaseId]()
        self._messages_asked = set[MessageId]()

    async def follow_leads(self) -> bool:
        """Read what the arrivals lead to; return False when nothing is left to read."""
        fresh = [each for each in self._context.arrivals.values() if each.message_id not in self._marks_read]
        if not fresh:
            return False
        self._marks_read.update(arrival.message_id for arrival in fresh)
        await self._anchors({anchor for arrival in fresh for anchor in arrival.marks.oldest_first})
        await self._anchors({arrival.marks.apart for arrival in fresh if not self._context.has_room(arrival)})
        await self._by_reference(fresh)
        await self._by_question(fresh)
        await self.cases({claim.case_id for claim in self._claims()})
        await self._messages_behind({each.message.edits for each in fresh if each.message.edits} | self._unwritten())
        await self._earlier_mails(fresh)
        await self._cases_written_meanwhile()
        return True

    async def _anchors(self, anchors: Iterable[AnchorId]) -> None:
        """Read threads."""
        if new := set(anchors) - self._anchors_asked:
            self._anchors_asked |= new
            self._context.threads.update(await self._stores.threads.find_many(new))

    async def cases(self, cases: Iterable[CaseId]) -> None:
        """Read cases; one that a signed address led to is here already."""
        if new := set(cases) - self._cases_asked - self._context.cases.keys():
            self._cases_asked |= new
            self._context.add_cases((await self._stores.cases.find_many(new)).values())

    async def _cases_written_meanwhile(self) -> None:
        """Read the cases of filed messages, also where another process wrote one since we asked for it."""
        if missing := set(self._context.filed.values()) - set(self._context.cases):
            self._context.add_cases((await self._stores.cases.find_many(missing)).values())

    async def _by_reference(self, arrivals: Iterable[Arrival]) -> None:
        if wanted := {reference for arrival in arrivals for reference in arrival.marks.references}:
            found = await self._stores.cases.find_by_references(wanted)
            self._context.cases.update({case.case_id: case for case in found.values()})
            self._context.by_reference.update({reference: case.case_id for reference, case in found.items()})

    async def _by_question(self, arrivals: Iterable[Arrival]) -> None:
        """Read the letters whose forms these messages answer, where their proofs hold, and their cases."""
        asked = {each.message_id: said for each in arrivals if (said := each.opened.content.question) is not None}
        if not asked:
            return
        letters = await self._stores.messages.find_many({each.outbound_id for each in asked.values()})
        questions = await self._stores.reader.questions(letters.values())
        for message, said in asked.items():
            question, letter = questions.get(said.outbound_id), letters.get(said.outbound_id)
            is_proven = question is not None and question.proves(message, said.proof)
            if is_proven and letter is not None and letter.filed is not None:
                self._context.by_question[message] = letter.filed
        await self.cases(self._context.by_question.values())

    def _claims(self) -> Iterable[Claim]:
        return (claim for thread in self._context.threads.values() for claim in considered(thread.claims))

    def _unwritten(self) -> set[MessageId]:
        """Return the messages whose claims lead to no case yet."""
        return {claim.claimed_by for claim in self._claims() if claim.case_id not in self._context.cases}

    async def _messages_behind(self, messages: set[MessageId]) -> None:
        """Read where these messages went; those that went nowhere yet join the batch."""
        new = messages - self._messages_asked - set(self._context.arrivals)
        if not new:
            return
        self._messages_asked |= new
        found = await self._stores.messages.find_many(new)
        self._context.filed.update({key: each.filed for key, each in found.items() if each.filed is not None})
        unfiled = [each for each in found.values() if each.filed is None and each.direction is Direction.INBOUND]
        unfiled = [each for each in unfiled if not each.is_held_back]  # a correction leads to it before an agent does
        helped = await self._stores.reader.recognise(await self._stores.reader.open_others(unfiled))
        self._context.arrivals = {arrival.message_id: arrival for arrival in helped} | self._context.arrivals

    async def _earlier_mails(self, arrivals: Iterable[Arrival]) -> None:
        """Read the mails that came before under these mails' own Message-IDs, as far as they may be the same.

        One that is filed says so by its head; one that is about to be has none yet.
        """
        context, wanted, heads = self._context, set[MessageId](), set[MessageId | None]()
        for arrival in arrivals:
            if before := context.own_claims_before(arrival):
                wanted |= {claim.claimed_by for claim in before}
                heads.add(arrival.opened.head)
        if new := wanted - context.earlier.keys() - context.arrivals.keys():
            found = (await self._stores.messages.find_many(new)).values()
            alike = [each for each in found if each.mail_head in heads or each.filed is None]
            context.earlier.update(await self._stores.reader.open_earlier(alike))


def _words_of(commands: Sequence[Event]) -> Iterator[NoteId]:
    """Yield the notes whose words commands speak of: what is said to colleagues, and decisions."""
    for command in commands:
        if isinstance(command, AddNote):
            yield command.note_id
        elif isinstance(command, StateFact) and command.fact.decision is not None:
            yield command.fact.decision.words
