"""The certificate of an erasure, and the event that says it is there. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from guichet.contracts.privacy import ErasureCompleted
from guichet.ids import event_id
from guichet.law.calendar import paris_date
from guichet.vault.erasure_ledger.entry import Certificate, ErasedCase, ErasureEntry, ErasureStep, SlipLine


def certificate_of(entry: ErasureEntry, last_copy_gone_by: date) -> Certificate:
    """Return the certificate of an entry that was destroyed, rotated and certified."""
    return Certificate(
        request_id=entry.request_id,
        decision=entry.decision,
        visa=entry.visa,
        requested_by=entry.requested_by,
        requested_at=entry.requested_at,
        keys_destroyed_at=entry.reached[ErasureStep.DESTROYED.value],
        turned_at=entry.reached[ErasureStep.TURNED.value],
        certified_at=entry.reached[ErasureStep.CERTIFIED.value],
        last_copy_gone_by=last_copy_gone_by,
        counts=entry.counts,
        slip=slip_of(entry.cases),
    )


def slip_of(cases: Iterable[ErasedCase]) -> tuple[SlipLine, ...]:
    """Return the bordereau of these cases: a line for each department and state."""
    alike: dict[tuple[str, str], list[ErasedCase]] = defaultdict(list)
    for case in cases:
        alike[case.department, case.state].append(case)
    return tuple(_line(alike[kind]) for kind in sorted(alike))


def _line(alike: list[ErasedCase]) -> SlipLine:
    years = [paris_date(case.received_at).year for case in alike]
    return SlipLine(
        department=alike[0].department,
        state=alike[0].state,
        count=len(alike),
        from_year=min(years),
        to_year=max(years),
    )


def completed(certificate: Certificate) -> ErasureCompleted:
    """Return the event of a certificate: the same at every try. No case and no citizen is in it."""
    return ErasureCompleted(
        event_id=event_id(certificate.request_id, ErasureCompleted.__name__),
        occurred_at=certificate.certified_at,
        request_id=certificate.request_id,
        keys_destroyed_at=certificate.keys_destroyed_at,
        turned_at=certificate.turned_at,
        last_copy_gone_by=certificate.last_copy_gone_by,
        counts=certificate.counts,
    )
