"""How an erasure goes on: what holds it up, what refuses it, what its next entry says. Pure: no clock, no I/O."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from guichet.data_subject.personal_data import PersonalData
from guichet.ids import CitizenId
from guichet.law.calendar import WorkingDays
from guichet.vault.erasure_ledger.entry import SPARED, ErasedCase, ErasureEntry, ErasureStep, Noted, Refusal


@dataclass(frozen=True)
class Held:
    """An open erasure that does not go on for now. by: the groups, each with its topic, that its barrier waits for."""

    entry: ErasureEntry
    by: frozenset[tuple[str, str]] = frozenset()


def reached(entry: ErasureEntry, step: ErasureStep, at: datetime, **changes: Any) -> ErasureEntry:
    """Return the entry that says: this step is done. changes: further fields. at: aware UTC."""
    dates = {**entry.reached, step.value: at}
    return entry.model_copy(update={"version": entry.version + 1, "step": step, "reached": dates, **changes})


def begun(entry: ErasureEntry, found: PersonalData, at: datetime) -> ErasureEntry:
    """Return the entry that says what is the person's alone, as it was found before anything is done.

    It is written before anything is done, so that of a cancelling and a beginning at once one alone holds.
    """
    noted = Noted(at=at, addresses=tuple(sorted(found.identifiers)), unfiled=tuple(sorted(found.unfiled)))
    return reached(entry, ErasureStep.BEGUN, at, noted=noted)


def refused(entry: ErasureEntry, at: datetime, why: Refusal) -> ErasureEntry:
    """Return the entry of an erasure that never goes on: what it set aside is given back, another must be asked for."""
    return reached(entry, ErasureStep.REFUSED, at, refusal=why)


def cancelled(entry: ErasureEntry, at: datetime) -> ErasureEntry:
    """Return the entry of an erasure that was stopped while it waited: there is nothing to give back."""
    return reached(entry, ErasureStep.CANCELLED, at, finished=True)


def closed(entry: ErasureEntry) -> ErasureEntry:
    """Return the entry of an erasure with nothing left to do."""
    return entry.model_copy(update={"version": entry.version + 1, "finished": True})


def blinded(entry: ErasureEntry, tag: Callable[[CitizenId], str]) -> ErasureEntry:
    """Return the same entry with nothing that leads to the person or to a case of theirs. tag: of an id, keyed."""
    tags = tuple(sorted({*entry.tags, *map(tag, entry.person)}))
    return entry.model_copy(
        update={"citizen": None, "citizens": (), "tags": tags, "noted": None, "cases": (), "signed": None}
    )


def all_of(found: PersonalData) -> tuple[ErasedCase, ...]:
    """Return the cases that go and those that are spared for now: the visa is for both, as nobody asks for it later."""
    return (*found.listed, *found.spared.listed)


def lacks_visa(entry: ErasureEntry, cases: Collection[ErasedCase]) -> bool:
    """Return whether a public record would be destroyed without the archives' visa (docs/law.md 43)."""
    return bool(cases) and not entry.visa


def waits_for_another(entry: ErasureEntry, unfinished: Iterable[ErasureEntry]) -> bool:
    """Return whether the same person's erasure was asked for before: it goes first, so that each thing counts once."""
    return any(
        other.citizen == entry.citizen and _order(other) < _order(entry) and not other.finished for other in unfinished
    )


def _order(entry: ErasureEntry) -> tuple[datetime, str]:
    return entry.requested_at, entry.request_id


def forgotten_at(entry: ErasureEntry, keys_remembered_for: timedelta) -> datetime:
    """Return when no process remembers a key any more that it opened before the diverting."""
    return entry.reached[ErasureStep.DIVERTED.value] + keys_remembered_for


def added(
    entry: ErasureEntry, counts: Mapping[str, int], cases: Iterable[ErasedCase], *, spared: int = 0
) -> dict[str, Any]:
    """Return counts and cases with what a pass found; a case that an earlier pass saw stays as it was seen.

    spared: how many cases stay as evidence, which each pass finds again.
    """
    total = {place: entry.counts.get(place, 0) + counts.get(place, 0) for place in {*entry.counts, *counts}}
    total[SPARED] = spared
    known = {case.reference for case in entry.cases}
    new = [case for case in cases if case.reference not in known]
    return {
        "counts": {place: count for place, count in sorted(total.items()) if count},
        "cases": tuple(sorted([*entry.cases, *new], key=lambda case: (case.received_at, case.reference))),
    }


def oldest_age(unfinished: Iterable[ErasureEntry], now: datetime) -> timedelta:
    """Return how long the oldest open erasure takes already, its waiting time apart; zero or less without one."""
    return max((now - _due_since(entry) for entry in unfinished), default=timedelta(0))


def _due_since(entry: ErasureEntry) -> datetime:
    """Return since when something should have happened: nobody waits for one that waits as it is meant to."""
    return entry.begins_at or entry.requested_at


def stuck_causes(open_ones: Iterable[Held], now: datetime, *, patience: timedelta) -> set[str]:
    """Return the causes of an alarm: what holds up each erasure that is due for longer than `patience`."""
    late = [held for held in open_ones if now - _due_since(held.entry) > patience]
    return {
        cause
        for held in late
        for cause in (
            {f"{group}:{topic}" for group, topic in held.by} or {f"{held.entry.step}:{held.entry.request_id}"}
        )
    }


def begins_at(told_at: datetime, waits: timedelta | None, days: WorkingDays) -> datetime:
    """Return the end of the waiting time. told_at: aware UTC. waits: None is one whole working day of the town."""
    return told_at + waits if waits is not None else days.end_of_next(told_at).astimezone(UTC)
