"""A month of an invented town, as the lines of an export that an import takes in (guichet_cli.town_export). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from guichet.batches import batched
from guichet.contracts.base import Contract
from guichet.contracts.channels import ChannelFacts, Form
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier
from guichet.follow_pages.page_content import link_ends_at, page_of
from guichet.ids import CitizenId, derive_id
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.cases.followed import FollowedCase, GivenAnswer
from guichet.store.follow_views.document import seal_view
from guichet.store.registry.citizens import CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder
from guichet.town import Town
from guichet_cli.demo.chance import Chance
from guichet_cli.demo.material import Person, Written, messages, people
from guichet_cli.demo.moments import DAYS, arrivals
from guichet_cli.demo.story import Story, Teller, Writer, without_outbox
from guichet_cli.demo.threads import is_still_told, threads_of
from guichet_cli.demo.words import Words
from guichet_cli.town_export.kind import Kind
from guichet_cli.town_export.kinds import (
    CASES,
    CITIZENS,
    DELIVERIES,
    FOLLOW_VIEWS,
    IDENTIFIERS,
    JOURNAL,
    RECEIVED,
    SENT,
    THREADS,
)

AT_ONCE: Final = 100
PROVENANCE: Final = "demonstration"


@dataclass(frozen=True)
class Keys:
    """By which the installation makes ids."""

    registry: bytes = field(repr=False)
    sector: bytes = field(repr=False)
    thread: bytes = field(repr=False)


@dataclass(frozen=True)
class Month:
    """What it holds. stories: oldest first. first: the number of its first person, by which ids are made."""

    people: Sequence[Person]
    stories: Sequence[Story]
    first: int = 0

    def one_of_each_state(self) -> list[Story]:
        """Return the newest story of each state, oldest first: what citizens' pages differ by."""
        newest = {story.case.record.state: story for story in self.stories}
        return [story for story in self.stories if story is newest[story.case.record.state]]


def make_month(town: Town, keys: Keys, portal: str, now: datetime, seed: int) -> Month:
    """Return a month that ends now; of one seed and one town the same people write the same."""
    chance, everybody = Chance(seed), people()
    written = chance.shuffled(messages())
    teller = Teller(town, keys.sector, keys.thread, Words(town, portal), chance, now)
    moments = arrivals(chance, len(written), now, town.working_days)
    told: defaultdict[ChannelName, dict[int, Story]] = defaultdict(dict)  # of each conversation the newest
    stories = []
    for number, (each, at) in enumerate(zip(written, moments, strict=True)):
        said = _on_an_open_channel(each, town)
        facts, drawn = town.facts[said.channel], chance.below(len(everybody))
        nth = _who_opens_a_case(drawn, told[said.channel], at, town)
        writer = writer_of(everybody[nth], nth, facts)
        stories.append(teller.tell(number, said, writer, account_of(said.channel, facts, town), at))
        if facts.is_conversation:
            told[said.channel][nth] = stories[-1]
    return Month(everybody, stories)


def _who_opens_a_case(drawn: int, told: Mapping[int, Story], at: datetime, town: Town) -> int:
    """Return the one who was drawn, or the next whose message does not go on with what they have written before."""
    everybody: list[int] = [*range(drawn, len(people())), *range(drawn)]
    free: Iterator[int] = (nth for nth in everybody if nth not in told or not is_still_told(told[nth], at, town))
    return next(free)


Lines = tuple[Kind, list[Contract]]
"""Of a kind, as if they had been read."""


def lines_of(month: Month, town: Town, keys: Keys, now: datetime, *, at_once: int = AT_ONCE) -> Iterator[Lines]:
    """Yield them in the order in which an import takes them; a case's journal comes while its key is at hand.

    at_once: cases.
    """
    since = now - timedelta(days=DAYS + 1)
    people = [*enumerate(month.people, month.first)]
    yield _lines(CITIZENS, (_citizen_values(nth, each, since) for nth, each in people))
    yield _lines(IDENTIFIERS, _addresses(people, town, keys, since))
    for stories in batched(month.stories, at_once):
        yield _lines(CASES, map(_case_values, stories))
        yield _lines(JOURNAL, (values for story in stories for values in _journal_values(story)))
        yield _lines(RECEIVED, (_opened(each, said) for story in stories for each, said in story.received))
        yield _lines(SENT, (_opened(each, said) for story in stories for each, said in story.sent))
        yield _lines(DELIVERIES, (vars(each) for story in stories for each in story.deliveries))
        yield _lines(FOLLOW_VIEWS, (vars(_view(story, town)) for story in stories))
    yield _lines(THREADS, threads_of(month.stories, town, keys.thread))


def _on_an_open_channel(written: Written, town: Town) -> Written:
    if written.channel in town.channels:
        return written
    mail = next(name for name in town.channels if town.facts[name].form is Form.MAIL)
    return Written(mail, written.department, written.subject, written.text)


def writer_of(person: Person, nth: int, facts: ChannelFacts) -> Writer:
    """Return somebody as they write on a channel. nth: their number."""
    return Writer(_citizen(nth), person.name, _address(person, nth, facts))


def _citizen(nth: int) -> CitizenId:
    return CitizenId(derive_id("demonstration-citizen", str(nth)))


def _address(person: Person, nth: int, facts: ChannelFacts) -> Identifier:
    """Return where somebody is reached on a channel; of a kind that a channel brings, one like its example."""
    assert facts.kind is not None
    known = {MAIL_ADDRESS: person.mailbox, PHONE_NUMBER: person.telephone}
    example = facts.kind.example
    own = known.get(facts.kind.name) or (str(int(example) + nth) if example.isdigit() else example)
    return Identifier(kind=facts.kind.name, value=own)


def account_of(channel: ChannelName, facts: ChannelFacts, town: Town) -> str:
    """Return to which of the town's accounts one writes on a channel."""
    if facts.has_mailboxes:
        return town.main_mailbox
    return facts.kind.example if facts.kind is not None and facts.kind.name == PHONE_NUMBER else channel


def _lines(kind: Kind, values: Iterable[dict[str, Any]]) -> Lines:
    return kind, [kind.line.model_validate(each) for each in values]


def _citizen_values(nth: int, person: Person, since: datetime) -> dict[str, Any]:
    record = CitizenRecord(
        given_name=person.given_name,
        family_name=person.family_name,
        birth_year=person.birth_year,
        address=person.address,
    )
    return {
        "citizen_id": _citizen(nth),
        "state": CitizenState.REGISTERED,
        "record": record,
        "since": since,
        "sector_ids": {},
    }


def _addresses(
    people: Iterable[tuple[int, Person]], town: Town, keys: Keys, since: datetime
) -> Iterator[dict[str, Any]]:
    kinds = {facts.kind.name: facts for name in town.channels if (facts := town.facts[name]).kind is not None}
    for nth, person in people:
        for facts in kinds.values():
            address = _address(person, nth, facts)
            holder = Holder(
                citizen_id=_citizen(nth), provenance=PROVENANCE, verified=True, vouched=True, named=True, since=since
            )
            value = comparable(address)
            yield {
                "identifier_id": identifier_id(keys.registry, address.kind, value),
                "kind": address.kind,
                "holders": (holder,),
                "value": value,
            }


def _case_values(story: Story) -> dict[str, Any]:
    record = without_outbox(story.case.record)
    known = {name: getattr(record, name) for name in CASES.line.model_fields}
    return {**known, "subject": story.subject, "link": story.link.token, "linked_to": None, "no_receipt": None}


def _journal_values(story: Story) -> Iterator[dict[str, Any]]:
    for entry in story.journal:
        reason = story.reasons.get(entry.cause or "") if entry.reason is not None else None
        yield {**vars(entry), "reason": reason}


def _opened(document: Contract, said: Contract) -> dict[str, Any]:
    names = RECEIVED.line.model_fields
    return {**{name: value for name, value in vars(document).items() if name in names}, "content": said}


def _view(story: Story, town: Town) -> Contract:
    record = story.case.record
    replies = [(each, said) for each, said in story.sent if each.author is not None]
    case = FollowedCase(
        _id=record.case_id,
        version=record.page_version,
        reference=record.reference,
        received_at=record.received_at,
        closed_at=record.closed_at,
        state=record.state,
        department=record.department,
        follow=record.follow,
        facts=record.facts,
        due=record.due,
        answers=tuple(GivenAnswer(message_id=each.message_id, department=record.department) for each, _ in replies),
    )
    page = page_of(case, {each.message_id: (each, said.text) for each, said in replies}, town)
    return seal_view(
        story.link,
        page,
        case_id=record.case_id,
        version=case.version,
        expires_at=link_ends_at(case, town),
        answers=tuple(each.message_id for each, _ in replies),
    )
