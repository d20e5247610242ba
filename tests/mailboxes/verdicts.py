"""What must hold at the end. Pure; each has a test that shows that it can fail (test_verdicts.py)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from guichet.ids import MessageId
from tests.faults.verdicts.verdicts import Verdict
from tests.mailboxes.boxes import Afterwards, Box
from tests.mailboxes.looking import Lying
from tests.mailboxes.mails import Mail
from tests.mailboxes.trouble import Strike

# A file's time is that of the kernel's last tick; the topic's are whole milliseconds.
TICK: Final = timedelta(milliseconds=10)
SHOWN: Final = 5


def each_is_one_message(mails: Sequence[Mail], filed: Collection[MessageId]) -> Verdict:
    """Every mail is a message in the store, and nothing else is."""
    expected = {each.message_id: each.header for each in mails}
    wrong = [
        *_some("mails that are no message", [header for id, header in expected.items() if id not in set(filed)]),
        *_some("messages that are no mail", set(filed) - set(expected)),
    ]
    if len(filed) != len(set(filed)):
        wrong.append(f"{len(filed) - len(set(filed))} stored twice")
    return Verdict("each mail is one message", f"{len(expected)} mails, {len(filed)} messages", tuple(wrong))


def all_were_accepted(mails: Sequence[Mail], accepted: Mapping[MessageId, Sequence[datetime]]) -> Verdict:
    """Every mail is on the topic; what is there again is the same message again."""
    expected = {each.message_id for each in mails}
    wrong = [
        *_some("mails that are not on the topic", expected - set(accepted)),
        *_some("on the topic and no mail", set(accepted) - expected),
    ]
    again = sum(len(times) - 1 for times in accepted.values())
    return Verdict("accepted by the broker", f"{len(accepted)} messages, {again} of them again", tuple(wrong))


def none_was_touched_before(
    mails: Sequence[Mail], accepted: Mapping[MessageId, Sequence[datetime]], lying: Sequence[Lying]
) -> Verdict:
    """No mail was flagged or moved before the broker had it."""
    ids = {each.header: each.message_id for each in mails}
    touched = [each for each in lying if each.is_moved or each.flags]
    safe = {header: min(accepted[id]) for header, id in ids.items() if id in accepted}
    wrong = [each.header for each in touched if each.header not in safe or each.changed_at < safe[each.header] - TICK]
    lines = tuple(_some("flagged or moved before they were safe", wrong))
    return Verdict("touched only once it was safe", f"{len(touched)} flagged or moved", lines)


def what_the_town_wants_was_done(mails: Sequence[Mail], lying: Sequence[Lying]) -> Verdict:
    """Every mail lies where it was delivered, or where it was to be moved to, with the mark that was asked for, and no other."""
    wanted = {(box.name, each.header) for each in mails for box in each.boxes}
    found = {(each.box.name, each.header) for each in lying}
    wrong = [
        *_some("mails that are gone from their mailbox", [str(each) for each in wanted - found]),
        *_some("mails where nobody put them", [str(each) for each in found - wanted]),
        *_some("not as the town wants it", [each.header for each in lying if not _is_as_wanted(each)]),
    ]
    counted = ", ".join(f"{_count(lying, each)} {each.value}" for each in Afterwards)
    twice = len(lying) - len(found)
    return Verdict("left, flagged or moved as asked", f"{counted}; {twice} moved twice", tuple(wrong))


def these_alarms(boxes: Sequence[Box], raised: Collection[tuple[str, str]], when: str) -> Verdict:
    """Each broken mailbox is an alarm of its own kind, and no other mailbox is one."""
    expected = {(each.wrong.value, each.name) for each in boxes if each.wrong is not None}
    wrong = [
        *_some("alarms that are missing", [str(each) for each in expected - set(raised)]),
        *_some("alarms about nothing", [str(each) for each in set(raised) - expected]),
    ]
    return Verdict(f"alarms {when}", f"{len(raised)} of {len(expected)}", tuple(wrong))


def rebuilt_under_another_count(validities: Sequence[tuple[str, int, int]]) -> Verdict:
    """Each rebuilt mailbox counts anew. validities: its name, its UIDVALIDITY before and after."""
    wrong = tuple(_some("rebuilt, and not counting anew", [name for name, was, now in validities if was == now]))
    return Verdict("rebuilt mailboxes count anew", ", ".join(name for name, _, _ in validities), wrong)


def faults_met_mails(strikes: Sequence[Strike], times: Mapping[str, int]) -> Verdict:
    """Each fault struck as often as it should while mails were under way."""
    met = {name: sum(each.what == name and each.under_way > 0 for each in strikes) for name in times}
    wrong = tuple(f"{name}: {met[name]} of {wanted}" for name, wanted in times.items() if met[name] < wanted)
    return Verdict("faults while mails were under way", ", ".join(f"{name} {n}" for name, n in met.items()), wrong)


def _is_as_wanted(mail: Lying) -> bool:
    afterwards = mail.box.afterwards
    flags = "F" if afterwards is Afterwards.FLAG else ""
    return mail.is_moved == (afterwards is Afterwards.MOVE) and mail.flags == flags


def _count(lying: Sequence[Lying], afterwards: Afterwards) -> int:
    return sum(each.box.afterwards is afterwards for each in lying)


def _some(what: str, which: Collection[str]) -> Iterator[str]:
    if which:
        yield f"{len(which)} {what}: {', '.join(sorted(which)[:SHOWN])}{' …' if len(which) > SHOWN else ''}"
