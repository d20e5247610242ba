"""What must hold at the end. Pure: what was found in, what is wrong out; an empty list is a proof.

Each verdict has a test that shows that it can fail (test_verdicts.py).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from guichet.ids import MessageId
from tests.faults.trouble.schedule import BROKERS
from tests.faults.verdicts.found import Copy, Letter, PublishedEvent, Receipt, StoredCase

DOUBLED_ON = ("mail", "telegram")  # where an unknown outcome is settled by sending once more
MOST_COPIES = {"mail": 3, "telegram": 2}  # of one message; then its fate is unknown for good
SHOWN = 5
Place = tuple[str, str]


@dataclass(frozen=True)
class Verdict:
    """One thing that must hold. figures: what was counted; wrong: what does not hold, a line each."""

    name: str
    figures: str
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.wrong


def accepted_is_stored(accepted: Collection[MessageId], stored: Collection[MessageId]) -> Verdict:
    """What the clients were told is accepted, and what lies in the store, are the same set."""
    missing, extra = set(accepted) - set(stored), set(stored) - set(accepted)
    wrong = [*_some("accepted and not stored", missing), *_some("stored and never accepted", extra)]
    if len(stored) != len(set(stored)):
        wrong.append(f"{len(stored) - len(set(stored))} stored twice")
    return Verdict("accepted = stored", f"{len(set(accepted))} accepted, {len(stored)} stored", tuple(wrong))


def filed_is_searched(filed: Collection[MessageId], searched: Sequence[MessageId]) -> Verdict:
    """What is filed is found by a search, once: the files of all sectors together hold each message."""
    missing, extra = set(filed) - set(searched), set(searched) - set(filed)
    wrong = [*_some("filed and not searched", missing), *_some("searched and not filed", extra)]
    if len(searched) != len(set(searched)):
        wrong.append(f"{len(searched) - len(set(searched))} searched twice")
    return Verdict("filed = searched", f"{len(set(searched))} messages", tuple(wrong))


def one_case_per_thread(
    expected: frozenset[frozenset[MessageId]], filed: Mapping[MessageId, str | None], cases: Collection[str]
) -> Verdict:
    """The messages of each thread are one case, no message is unfiled, no case is without messages."""
    by_case: defaultdict[str, set[MessageId]] = defaultdict(set)
    for message, case in filed.items():
        if case is not None:
            by_case[case].add(message)
    found = frozenset(map(frozenset, by_case.values()))
    wrong = [
        *_some("not filed", [message for message, case in filed.items() if case is None]),
        *_some("threads that are not one case", [min(thread) for thread in expected - found]),
        *_some("cases that are no thread", [min(thread) for thread in found - expected]),
        *_some("cases without a message", set(cases) - set(by_case)),
        *_some("messages filed in no case that exists", set(by_case) - set(cases)),
    ]
    return Verdict("one case per thread", f"{len(expected)} threads, {len(cases)} cases", tuple(wrong))


def events_are_in_order(events: Iterable[PublishedEvent], cases: Mapping[str, StoredCase]) -> Verdict:
    """Per case, first appearances count 1, 2, 3 … up to the case's version; what is repeated is repeated to the letter.

    The case's own history tells the same, and no outbox holds anything back.
    """
    seen: dict[str, str] = {}
    order: defaultdict[str, list[int]] = defaultdict(list)
    repeated, wrong = 0, []
    for event in events:
        if event.event_id not in seen:
            seen[event.event_id] = event.digest
            order[event.case_id].append(event.version)
            continue
        repeated += 1
        if seen[event.event_id] != event.digest:
            wrong.append(f"event {event.event_id} was repeated with another content")
    for case_id, case in cases.items():
        whole = list(range(1, case.version + 1))
        if order[case_id] != whole:
            wrong.append(f"case {case_id}: events {order[case_id]}, its version is {case.version}")
        if list(case.history) != whole:
            wrong.append(f"case {case_id}: history {list(case.history)}, its version is {case.version}")
        if case.outbox:
            wrong.append(f"case {case_id}: {case.outbox} event(s) still in its outbox")
    wrong += _some("events of a case that does not exist", set(order) - set(cases))
    figures = f"{len(seen)} events of {len(order)} cases, {repeated} repeated"
    return Verdict("events in order of version", figures, tuple(wrong))


def each_case_is_answered(
    receipts: Mapping[MessageId, Receipt], copies: Mapping[MessageId, Sequence[Copy]], cases: Collection[str]
) -> Verdict:
    """Each case owes one receipt, each was seen by the sandbox, none is left pending or untold.

    One that an agent is asked about may not have been seen: whoever was to send it died each time before its provider
    was asked. `only_what_was_never_answered_is_undecided` wants an excuse for each of its sends.
    """
    lost = [each for each, found in receipts.items() if not (copies.get(each) or found.undecided)]
    owing = Counter(receipt.case_id for receipt in receipts.values())
    wrong = [
        *_some("cases that owe no receipt or several", [case for case in cases if owing[case] != 1]),
        *_some("receipts that never arrived", lost),
        *_some(
            "receipts that did not leave",
            [each for each, found in receipts.items() if not (found.has_left or found.undecided)],
        ),
        *_some("receipts whose last state was not told", [each for each, found in receipts.items() if found.untold]),
        *_some("copies of receipts that nobody owes", set(copies) - set(receipts)),
    ]
    states = Counter(receipt.state for receipt in receipts.values())
    figures = f"{len(receipts)} receipts, {sum(map(len, copies.values()))} copies; " + _listed(states)
    return Verdict("each receipt at least once", figures, tuple(wrong))


def second_copies_are_excused(
    copies: Mapping[MessageId, Sequence[Copy]], excuses: Mapping[MessageId, Sequence[str]]
) -> Verdict:
    """A further copy came only by SMTP, under the same Message-ID, or Telegram, and each has an excuse of its own."""
    doubled = {outbound: found for outbound, found in copies.items() if len(found) > 1}
    wrong = []
    for outbound, found in doubled.items():
        if found[0].way not in DOUBLED_ON:
            wrong.append(f"receipt {outbound} came {len(found)} times by {found[0].way}")
        if len(found) > 1 + len(excuses.get(outbound, ())):
            doubts = len(excuses.get(outbound, ()))
            wrong.append(f"receipt {outbound} came {len(found)} times by {found[0].way}, {doubts} sends were in doubt")
        if found[0].way == "mail" and len({each.provider_id for each in found}) > 1:
            wrong.append(f"receipt {outbound} came by mail under several Message-IDs")
    further = sum(len(found) - 1 for found in doubled.values())
    return Verdict("second copies", f"{further} second copies of {len(doubled)} receipts", tuple(wrong))


def only_what_was_never_answered_is_undecided(
    receipts: Mapping[MessageId, Receipt],
    copies: Mapping[MessageId, Sequence[Copy]],
    excuses: Mapping[MessageId, Sequence[str]],
) -> Verdict:
    """An agent is asked about a receipt only where as many sends of it were in doubt as there may be."""
    undecided = [each for each, receipt in receipts.items() if receipt.undecided]
    wrong = [
        f"receipt {each} is undecided after {len(copies.get(each, ()))} copies, {len(excuses.get(each, ()))} in doubt"
        for each in undecided
        if len(excuses.get(each, ())) < MOST_COPIES.get(receipts[each].way, 1)
    ]
    return Verdict("nobody knows, so an agent is asked", f"{len(undecided)} receipts", tuple(wrong))


def poison_is_put_aside(expected: Mapping[str, Set[Place]], letters: Sequence[Letter]) -> Verdict:
    """Each poison lies in the dead letters of its topic, given up by all whom it was meant for, and nothing else does.

    expected: by its word, each (topic, group).
    """
    found: dict[str, set[Place]] = defaultdict(set)
    for letter in letters:
        if letter.word:
            found[letter.word].add((letter.topic, letter.group))
    wrong = [
        *_some("poison without a dead letter", set(expected) - set(found)),
        *_some("dead letters of what was no poison", [each.letter_id for each in letters if each.word not in expected]),
        *_some("in another place", [word for word, places in found.items() if expected.get(word, places) != places]),
    ]
    again = len(letters) - len({(letter.word, letter.group) for letter in letters})
    figures = f"{len(expected)} poison, {len(letters)} dead letters, {again} of them again"
    return Verdict("poison in the dead letters", figures, tuple(wrong))


def requests_are_recorded(asked: Collection[str], recorded: Collection[str]) -> Verdict:
    """gdpr-worker told of each privacy request that it keeps it, and of no other."""
    wrong = (*_some("not recorded", set(asked) - set(recorded)), *_some("never asked", set(recorded) - set(asked)))
    return Verdict("privacy requests are recorded", f"{len(set(asked))} requests, told {len(recorded)} times", wrong)


def kills_count(counted: Mapping[str, int], wanted: Mapping[str, int], together: int) -> Verdict:
    """So many faults struck a process that had messages in flight. together: kills of services, whichever."""
    services = sum(times for name, times in counted.items() if name not in wanted and name not in BROKERS)
    wrong = [
        f"{name}: {counted.get(name, 0)} of {times}" for name, times in wanted.items() if counted.get(name, 0) < times
    ]
    if services < together:
        wrong.append(f"services: {services} of {together}")
    return Verdict("kills with messages in flight", _listed(counted), tuple(wrong))


def nothing_changed(before: Mapping[str, str], after: Mapping[str, str], sent: int) -> Verdict:
    """Everything was read once more: no collection changed, nothing was sent. before, after: collection → digest."""
    wrong = [f"{name} changed" for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    if sent:
        wrong.append(f"{sent} message(s) reached citizens during the replay")
    return Verdict("a second replay changes and sends nothing", f"{len(before)} collections, {sent} sent", tuple(wrong))


def _some(what: str, which: Collection[str]) -> Iterator[str]:
    """Yield one line about all of them, naming the first few."""
    if which:
        yield f"{len(which)} {what}: {', '.join(sorted(which)[:SHOWN])}{' …' if len(which) > SHOWN else ''}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items()))
