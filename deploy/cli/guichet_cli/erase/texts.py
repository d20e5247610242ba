"""What `guichet erase` says to an operator. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from guichet.data_subject.personal_data import PersonalData
from guichet.ids import EventId
from guichet.law.calendar import PARIS
from guichet.store.cases.case_filter import OPEN_STATES
from guichet.vault.erasure_ledger.entry import ErasedCase, ErasureEntry, ErasureStep, Refusal
from guichet_cli.erase.request import WhatWouldGo

STEPS: Final[Mapping[ErasureStep, str]] = {
    ErasureStep.RECORDED: "the request is in the ledger",
    ErasureStep.WAITING: "the DPO is told; nothing is done before the waiting time is over",
    ErasureStep.BEGUN: "it has begun: nothing stops it any more",
    ErasureStep.DIVERTED: "nothing is filed under this person any more, their cases are closed to everybody; now what"
    " arrived before is being filed, and keys are being forgotten",
    ErasureStep.PASSED: "what arrived before is filed, no process remembers a key",
    ErasureStep.DESTROYED: "the keys are destroyed",
    ErasureStep.DELETED: "documents and files are deleted",
    ErasureStep.CHECKED: "a second pass found nothing",
    ErasureStep.TURNED: "the vault is rotated: old copies of it open nothing of this person",
    ErasureStep.CERTIFIED: "it is done, here is its certificate",
    ErasureStep.REFUSED: "nothing was done",
    ErasureStep.CANCELLED: "cancelled while it waited: nothing was done",
}
REFUSALS: Final[Mapping[Refusal | None, str]] = {
    None: "a case would be destroyed without a visa",  # of the time before reasons were kept
    Refusal.NO_VISA: "a case would be destroyed without a visa",
    Refusal.NOT_SIGNED: "nobody signed it. If you did ask for it, ask again; if not, somebody wrote into the ledger",
}
NO_DPO: Final = (
    "Refused: town.yaml names no dpo. The data protection officer is told of every erasure before it begins, so without"
    " an address none begins."
)
CANNOT_BE_UNDONE: Final = "Erase all of this? It cannot be undone."


def nothing_left(citizen: str, before: tuple[ErasureEntry, ...]) -> str:
    """Return what to say where nothing belongs to a citizen."""
    done = [entry for entry in before if entry.certificate]
    if not done:
        return f"Nothing is stored of a citizen {citizen}. `guichet citizens find` tells a citizen's id."
    return (
        f"Nothing is left of citizen {citizen}, erased at {_minute(done[-1].certificate.certified_at)}."  # type: ignore[union-attr]
        f" The certificate: guichet erase --certificate {done[-1].request_id}"
    )


def listing(would_go: WhatWouldGo) -> list[str]:
    """Return the lines that say what would go: things by place, then the cases, the open ones pointed out."""
    personal_data = would_go.personal_data
    lines = [f"An erasure of citizen {would_go.citizen} would take:"]
    lines += [f"  {count:>6}  {place}" for place, count in personal_data.counts.items()]
    if personal_data.listed:
        lines += ["", "Cases that would be destroyed (reference, department, state, received):"]
        lines += [_case(case) for case in personal_data.listed]
    if still_open := [case for case in personal_data.listed if case.state in OPEN_STATES]:
        lines += ["", f"! Open: {len(still_open)}. Somebody waits for an answer that will never come."]
    if spared := personal_data.spared.listed:
        said = ", ".join(f"{each.reference} ({_said(each)})" for each in spared)
        lines += [
            "",
            f"! Kept as evidence, as an agent said that it is a threat: {said}.",
            "  It goes by itself once `threats_kept` (town.yaml) is over, or 7 days after a withdrawal (« Délais »).",
        ]
    lines += _of_others(personal_data)
    return lines


def _said(spared: ErasedCase) -> str:
    return f"on {spared.threat_said_on}" if spared.threat_said_on else "withdrawn since"


def _of_others(personal_data: PersonalData) -> list[str]:
    if not personal_data.undecided_cases:
        return []
    return [
        "",
        f"! {len(personal_data.undecided_cases)} case(s) of an address that others share stay: nobody knows whose.",
    ]


def _case(case: ErasedCase) -> str:
    mark = "!" if case.state in OPEN_STATES else " "
    return (
        f"{mark} {case.reference}  {case.department:<20} {case.state:<20} {case.received_at.astimezone(PARIS):%Y-%m-%d}"
    )


def news(entry: ErasureEntry, shown: set[str]) -> list[str]:
    """Return a line for each step that was reached since, and add it to `shown`."""
    new = [step for step in ErasureStep if step.value in entry.reached and step.value not in shown]
    shown |= {step.value for step in new}
    return [
        f"{entry.reached[step.value].astimezone(PARIS):%H:%M:%S} (Paris)  {step:<10} {STEPS[step]}{_until(entry, step)}"
        for step in new
    ]


def _until(entry: ErasureEntry, step: ErasureStep) -> str:
    if step is not ErasureStep.WAITING or entry.begins_at is None:
        return ""
    return f": it begins at {_minute(entry.begins_at)}; until then: guichet erase --cancel {entry.request_id}"


def cannot_be_cancelled(entry: ErasureEntry) -> str:
    """Return why an erasure is not cancelled."""
    since = _minute(entry.reached.get(entry.step.value, entry.requested_at))
    if entry.step is ErasureStep.CANCELLED:
        return f"Erasure {entry.request_id} was cancelled already, at {since}."
    if entry.step is ErasureStep.REFUSED:
        return no_certificate(entry)
    return f"Erasure {entry.request_id} has begun and cannot be stopped any more: {entry.step} since {since}."


def no_certificate(entry: ErasureEntry) -> str:
    """Return how an erasure stands that has no certificate."""
    since = _minute(entry.reached.get(entry.step.value, entry.requested_at))
    if entry.step is ErasureStep.REFUSED:
        return f"Erasure {entry.request_id} was refused at {since}: {REFUSALS[entry.refusal]}."
    if entry.step is ErasureStep.CANCELLED:
        return f"Erasure {entry.request_id} was cancelled at {since}: nothing was done."
    if entry.step is ErasureStep.WAITING and entry.begins_at is not None:
        return (
            f"Erasure {entry.request_id} waits until {_minute(entry.begins_at)}."
            f" To stop it: guichet erase --cancel {entry.request_id}"
        )
    return f"Erasure {entry.request_id} is not finished: {entry.step} since {since}."


def not_waiting_yet(request_id: EventId, entry: ErasureEntry | None) -> str:
    """Return what to say of an erasure of which nobody knows yet when it begins."""
    still = "gdpr-worker has not taken it yet" if entry is None else "the DPO is not told yet"
    return (
        f"When it begins is not known: {still}. Ask again: guichet erase --certificate {request_id}."
        f" To stop it until then: guichet erase --cancel {request_id}"
    )


def _minute(at: datetime) -> str:
    return f"{at.astimezone(PARIS):%Y-%m-%d %H:%M} (Paris)"
