"""What must hold once a town that was lost is back. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from tests.faults.verdicts.verdicts import Verdict
from tests.rehearsal.ways import KEPT_BY, Receipt, Way, When, Written


def nothing_is_lost_that_a_source_has(written: Iterable[Written], cases: Mapping[str, Sequence[str]]) -> Verdict:
    """cases: address → references of the cases whose opening message came from there."""
    expected = [each for each in written if each.is_still_somewhere]
    wrong = [f"{each.address} ({each.way}, {each.when}) has no case" for each in expected if each.address not in cases]
    wrong += [
        f"{each.address} has {len(cases[each.address])} cases"
        for each in expected
        if len(cases.get(each.address, ())) > 1
    ]
    return Verdict("nothing is lost that a source still has", f"{len(expected)} messages, a case each", tuple(wrong))


def each_has_one_receipt(written: Iterable[Written], receipts: Iterable[Receipt], in_doubt: Collection[str]) -> Verdict:
    """in_doubt: addresses whose letter was with its sender when everything was lost."""
    came: defaultdict[str, list[Receipt]] = defaultdict(list)
    for each in receipts:
        came[each.address].append(each)
    wrong, again = [], 0
    for message in (each for each in written if each.is_still_somewhere):
        got = came.get(message.address, [])
        if not got:
            wrong.append(f"{message.address} ({message.way}, {message.when}) has no receipt")
        if len(got) > 1 and _is_one_mail(got) and message.address in in_doubt:
            again += 1
        elif len(got) > 1:
            wrong.append(f"{message.address} ({message.way}, {message.when}) has {len(got)} receipts")
    figures = f"{sum(map(len, came.values()))} receipts; {again} mails in flight at the loss came again under their Message-ID"
    return Verdict("no receipt twice, and none missing", figures, tuple(wrong))


def _is_one_mail(receipts: Sequence[Receipt]) -> bool:
    return len({each.same for each in receipts}) == 1 and bool(receipts[0].same)


def references_lead_to_their_cases(
    written: Iterable[Written], receipts: Iterable[Receipt], cases: Mapping[str, Sequence[str]]
) -> Verdict:
    """What citizens hold in hand is the reference of their own case."""
    still = {each.address for each in written if each.is_still_somewhere}
    held = [each for each in receipts if each.address in still]
    wrong = [
        f"{each.address} holds {each.reference}" for each in held if each.reference not in cases.get(each.address, ())
    ]
    return Verdict("the references that citizens hold lead to their cases", f"{len(held)} references", tuple(wrong))


def only_the_named_is_lost(written: Iterable[Written], cases: Mapping[str, Sequence[str]]) -> Verdict:
    """What nobody has any more came by a way that docs/backup-and-restore.md names, since the backup."""
    lost = [each for each in written if each.address not in cases and not each.was_refused]
    wrong = [f"{each.address} ({each.way}, {each.when})" for each in lost if each.is_still_somewhere]
    by_way = Counter(each.way for each in lost)
    figures = ", ".join(f"{by_way[way]} by {way}" for way in Way if by_way[way]) or "none"
    return Verdict("what is lost is what the documents say", figures, tuple(wrong))


def ways_table(written: Sequence[Written], cases: Mapping[str, Sequence[str]]) -> str:
    """Return by way how many of those taken since the backup are there."""
    lines = ["| way | taken since the backup | there again | who kept them |", "| --- | --- | --- | --- |"]
    for way in Way:
        since = [each for each in written if each.way is way and each.taken and each.when in (When.SINCE, When.AMID)]
        there = sum(each.address in cases for each in since)
        lines.append(f"| {way} | {len(since)} | {there} | {KEPT_BY[way]} |")
    return "\n".join(lines)
