"""Decide for every message of a batch which case it belongs to. Pure: a context in, changed cases and claims out.

A message goes where its own claim says (on its own anchor, in its own name), else to the first case that it may join
by the question that it answers, signed reply address, In-Reply-To, References and its own Message-ID, in this order,
else into a case of its own. A mail that another route brought before goes where that went, and changes nothing there.
One of a conversation joins where it corrects its sender's words, or the conversation's present case, and nothing else.
What an agent enters opens a case of its own, from which the conversation goes on where the request was asked in its
present case, and in no third.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from case_router.domain.arrival import Arrival
from case_router.domain.batch_context import CLAIMS_CONSIDERED, BatchContext, considered
from case_router.domain.commands.rights import may_close
from case_router.domain.decisions import Decisions
from case_router.domain.earlier_mail import EarlierMail, is_copy
from case_router.domain.may_join import may_correct, may_join_by_mail, may_join_conversation, takes_mail
from case_router.domain.open_case import CaseOpener
from case_router.domain.route_copies import RouteCopies
from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.ids import AnchorId, CaseId, MessageId, case_id
from guichet.store.threads.claim import Claim
from guichet.town.town import Town

Resolve = Callable[[Claim], CaseRecord | None]


@dataclass(frozen=True)
class _Lead:
    """A case that something in a message leads to. own: the claim is on the message's own anchor.

    corrects: the case has the message that this one corrects. asked: it asked what this one answers.
    """

    case: CaseRecord
    claim: Claim | None = None
    own: bool = False
    corrects: bool = False
    asked: bool = False

    @property
    def is_of_the_thread(self) -> bool:
        """True unless the case only quotes the same Message-ID."""
        return self.claim is None or self.claim.quoted_by is None


class ChooseCase:
    """Files the messages of one context, each once; asked for a message, it may have to decide another one first."""

    def __init__(self, context: BatchContext, town: Town, opener: CaseOpener, attempts: dict[CaseId, int]) -> None:
        self._context = context
        self._town = town
        self._opener = opener
        self._attempts = attempts  # references found taken, by case
        self._in_work: set[MessageId] = set()
        self._openings = {case_id(message): message for message in context.filed}
        self._openings |= {arrival.own_case: message for message, arrival in context.arrivals.items()}
        self.decisions = Decisions()
        self._copies = RouteCopies(context, self.decisions)

    def file(self, message: MessageId) -> None:
        """Decide a message of the context; nothing where that is done."""
        self._case_of_message(message)

    def case(self, case: CaseId) -> Case | None:
        """Return a case to be changed; one that a message of the context opens, after deciding that message."""
        if self._case(case) is None and case in self._openings:
            self._case_of_message(self._openings[case])
        record = self._case(case)
        return None if record is None else self._changing(record)

    def answers_open_case(self, message: MessageId) -> bool:
        """Say whether a message of the context belongs to an open case, or has begun to be filed."""
        arrival = self._context.arrivals[message]
        if self._claimed(arrival) is not None or self._first_of(arrival) is not None:
            return True
        joined = self._to_join(arrival)
        case = self._case(joined) if joined is not None else None
        return case is not None and case.state is not CaseState.CLOSED

    def _case_of_message(self, message: MessageId) -> CaseId | None:
        """Return where a message went or goes; None when that cannot be told (gone, or being decided: a circle)."""
        if message in self.decisions.destinations:
            return self.decisions.destinations[message]
        if message in self._context.filed:
            return self._context.filed[message]
        if message not in self._context.arrivals or message in self._in_work:
            return None
        self._in_work.add(message)
        self._file(self._context.arrivals[message])
        self._in_work.discard(message)
        return self.decisions.destinations[message]

    def _file(self, arrival: Arrival) -> None:
        if (gone := self._case_under_erasure(arrival)) is not None:
            self.decisions.destinations[arrival.message_id] = gone
            return
        if (first := self._first_of(arrival)) is not None:
            self._file_copy(arrival, *first)
            return
        self._copies.keep_head(arrival)
        chosen = self._claimed(arrival) or self._to_join(arrival) or arrival.own_case
        there = self._written_or_opened(chosen, arrival) or self._case(arrival.own_case)
        case = self._open(arrival) if there is None else self._changing(there)
        if there is not None and not self._context.is_done(there, arrival.message_id):
            self._join(case, arrival)
        self.decisions.destinations[arrival.message_id] = case.record.case_id
        self._claim(arrival, case.record)

    def _join(self, case: Case, arrival: Arrival) -> None:
        """Take a message into a case that is there: as the answer to a question only where the case asked it."""
        asks, said = self._context.by_question.get(arrival.message_id), arrival.opened.content.question
        people = self._opener.participants.tags(case.record.case_id, arrival.marks.people)
        is_answer = said is not None and asks == case.record.case_id
        case.join(arrival.message, people, said.outbound_id if said is not None and is_answer else None)

    def _first_of(self, arrival: Arrival) -> tuple[EarlierMail, CaseId] | None:
        """Return the mail that this one is another route's copy of, and its case. Whoever has claimed is no copy."""
        if self._claimed(arrival) is not None:
            return None
        copied = ((claim, mail) for claim, mail in self._copies.earlier(arrival) if is_copy(arrival.opened, mail))
        firsts = ((mail, case) for claim, mail in copied if (case := self._case_of_first(claim)) is not None)
        return next(firsts, None)

    def _case_of_first(self, claim: Claim) -> CaseId | None:
        if claim.case_id in self._context.erasing:
            return claim.case_id
        case = self._case_of_claim(claim)
        return None if case is None else case.case_id

    def _file_copy(self, arrival: Arrival, first: EarlierMail, case: CaseId) -> None:
        """Let a copy go with the first. It claims nothing: whoever decides anew finds the first's claim again."""
        if (record := self._case(case)) is not None:
            self._changing(record)
        self.decisions.destinations[arrival.message_id] = case
        self._copies.note(arrival, first)

    def _case_under_erasure(self, arrival: Arrival) -> CaseId | None:
        """Return the case under erasure that has the message already: it goes with that case."""
        if not self._context.erasing:
            return None
        mine = [case for case in (self._claimed(arrival), arrival.own_case) if case in self._context.erasing]
        erasing, is_done = self._context.erasing, self._context.is_done
        return next((case for case in mine if is_done(erasing[case], arrival.message_id)), None)

    def _written_or_opened(self, chosen: CaseId, arrival: Arrival) -> CaseRecord | None:
        """Return a case; one that nobody has written yet, after its opening message was decided."""
        case, opening = self._case(chosen), self._openings.get(chosen)
        if case is None and opening is not None and opening != arrival.message_id:
            went_to = self._case_of_message(opening)
            return self._case(went_to) if went_to else None
        return case

    def _open(self, arrival: Arrival) -> Case:
        """Open a case, linked to those that a mail quoted and may not join, or in which an agent found the request."""
        self.decisions.links[arrival.own_case] = self._linked(arrival)
        case = self._opener.open(arrival, self._attempts.get(arrival.own_case, 0))
        if arrival.message.on_the_spot:
            self._close_on_the_spot(case, arrival)
        self.decisions.cases[arrival.own_case] = case
        return case

    def _linked(self, arrival: Arrival) -> tuple[CaseId, ...]:
        """Return the cases that a message's own is linked to; a conversation's former case is no lead."""
        if arrival.message.entered_by is not None:
            asked_in = arrival.opened.content.asked_in
            return () if asked_in is None else (asked_in,)
        quoted = (
            [] if arrival.marks.conversation else list(self._leads(arrival, lambda claim: self._case(claim.case_id)))
        )
        best = [lead for lead in quoted if lead.is_of_the_thread] or quoted
        return tuple(islice(dict.fromkeys(lead.case.case_id for lead in best), CLAIMS_CONSIDERED))

    def _close_on_the_spot(self, case: Case, arrival: Arrival) -> None:
        """Close a case as it opens, if who took it down may close such a case; else its department decides."""
        by, at = arrival.message.entered_by, arrival.at
        if by is not None and may_close(case.record, self._context.rights.get(by, ()), at):
            case.close_on_the_spot(arrival.message, by)

    def _to_join(self, arrival: Arrival) -> CaseId | None:
        if arrival.message.entered_by is not None:
            return None
        leads = self._leads(arrival, self._case_of_claim)
        return next((lead.case.case_id for lead in leads if self._may_join(arrival, lead)), None)

    def _claimed(self, arrival: Arrival) -> CaseId | None:
        claim = self._context.own_claim_of(arrival)
        return claim.case_id if claim is not None else None

    def _may_join(self, arrival: Arrival, lead: _Lead) -> bool:
        if lead.asked:
            return takes_mail(lead.case, arrival, self._town)
        if lead.corrects:
            return may_correct(arrival, lead.case, self._opener.participants)
        if arrival.marks.conversation is not None:
            return may_join_conversation(arrival, lead.case, self._town)
        return may_join_by_mail(
            arrival, lead.case, lead.claim if lead.own else None, self._town, self._opener.participants
        )

    def _leads(self, arrival: Arrival, resolve: Resolve) -> Iterator[_Lead]:
        """Yield the cases that a message leads to, the strongest lead first."""
        marks = arrival.marks
        asked = self._context.by_question.get(arrival.message_id)
        if asked is not None and (case := self._case(asked)):
            yield _Lead(case, asked=True)
        if (original := self._original(arrival)) is not None and (case := self._case(original)):
            yield _Lead(case, corrects=True)
        if marks.conversation is not None:
            yield from self._leads_of(arrival, self._claims(marks.conversation)[-1:], resolve)
            return
        references = [self._context.by_reference.get(reference) for reference in marks.references]
        for known in references:
            if known is not None and (case := self._case(known)):
                yield _Lead(case)
        for anchor in marks.nearest_first:
            yield from self._leads_of(arrival, considered(self._claims(anchor)), resolve)
        for lead in self._leads_of(arrival, considered(self._claims(marks.own)), resolve):
            yield replace(lead, own=True)

    def _leads_of(self, arrival: Arrival, claims: Iterable[Claim], resolve: Resolve) -> Iterator[_Lead]:
        for claim in claims:
            if claim.claimed_by != arrival.message_id and (case := resolve(claim)):
                yield _Lead(case, claim)

    def _original(self, arrival: Arrival) -> CaseId | None:
        return None if arrival.message.edits is None else self._case_of_message(arrival.message.edits)

    def _case_of_claim(self, claim: Claim) -> CaseRecord | None:
        """Return the claiming case; where it was never written, the one that the claiming message went to instead."""
        case = self._case(claim.case_id)
        if case is None and (instead := self._case_of_message(claim.claimed_by)):
            case = self._case(instead)
        return case

    def _case(self, case: CaseId) -> CaseRecord | None:
        changing = self.decisions.cases.get(case)
        return self._context.cases.get(case) if changing is None else changing.record

    def _changing(self, case: CaseRecord) -> Case:
        """Return a case among those that the batch comes to."""
        return self.decisions.cases.get(case.case_id) or self.decisions.cases.setdefault(case.case_id, Case(case))

    def _claims(self, anchor: AnchorId) -> tuple[Claim, ...]:
        return (*self._context.claims(anchor), *self.decisions.claims.on(anchor))

    def _claim(self, arrival: Arrival, case: CaseRecord) -> None:
        """Note the claims that are still to be made for the message's case, its own anchor last: that one decides.

        Where too many mails came under its Message-ID, it claims an anchor apart: who answers that Message-ID joins
        another's case or opens one, linked to those.
        """
        marks, opens = arrival.marks, case.opened_by == arrival.message_id
        for anchor in marks.oldest_first[:-1]:
            if anchor == marks.conversation and not (opens and self._may_lead_on(arrival, anchor)):
                continue
            quoter = None if anchor == marks.conversation else marks.sender
            quoted_by = self._opener.participants.tag(case.case_id, quoter) if quoter is not None else None
            claim = Claim(case_id=case.case_id, claimed_by=arrival.message_id, quoted_by=quoted_by)
            self._claim_anchor(anchor, claim, at_most=None if anchor == marks.conversation else CLAIMS_CONSIDERED)
        plain = Claim(case_id=case.case_id, claimed_by=arrival.message_id)
        if opens:
            self.decisions.outgoing.update(dict.fromkeys(self._opener.receipt_anchors(arrival), plain))
        if self._claimed(arrival) is None:
            has_room = self._context.has_room(arrival, self.decisions.claims.on(marks.own))
            self.decisions.claims.add(marks.own if has_room else marks.apart, plain)

    def _may_lead_on(self, arrival: Arrival, conversation: AnchorId) -> bool:
        """Say whether a conversation goes on in a case that this message opens.

        What an agent enters takes it from the case in which it was asked alone: of another one, which may be of another
        sector, the citizen may be answering a question just then.
        """
        if arrival.message.entered_by is None:
            return True
        leads = list(self._leads_of(arrival, self._claims(conversation)[-1:], self._case_of_claim))
        return all(lead.case.case_id == arrival.opened.content.asked_in for lead in leads)

    def _claim_anchor(self, anchor: AnchorId, claim: Claim, at_most: int | None) -> None:
        there = self._claims(anchor)
        held = any(each.case_id == claim.case_id or each.claimed_by == claim.claimed_by for each in there)
        if not held and (at_most is None or len(there) < at_most):
            self.decisions.claims.add(anchor, claim)
