"""Invented values that prove, at start, that every branch of a town's templates renders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from guichet.town.long_dates import long_date
from guichet.town.notice_values import ChangeValues, NewLinkValues, OtherWayValues, QuestionValues
from guichet.town.organisation import Department
from guichet.town.texts import (
    AbuseValues,
    AcknowledgementValues,
    GatheredAcknowledgements,
    GatheredValues,
    ReceiptValues,
    ReplyValues,
    in_french,
)

_REFERENCE: Final = "2026-7F3K-29Q"
_TOKEN: Final = "echantillon".ljust(32, "-")  # as long as a link's own, so that an SMS is counted as it will be
_FOLLOW: Final = f"https://portail.example/suivi/{_TOKEN}"
_QUESTION: Final = f"https://portail.example/question/{_TOKEN}"
_UNTIL: Final = datetime(2026, 7, 29, 12, tzinfo=UTC)


def samples(town_name: str, department: Department) -> dict[str, Sequence[Any]]:
    """Return those of each template, by what its name begins with."""
    return {
        "receipt": sample_receipts(town_name, department),
        "receipts": sample_gathered(town_name, department),
        "reply": sample_replies(town_name, department),
        "abuse": sample_abuse_notices(town_name, department),
        "acknowledgement": sample_acknowledgements(town_name, department),
        "acknowledgements": sample_gathered_acknowledgements(town_name),
        **dict.fromkeys(("closed", "reopened", "rerouted", "closing"), sample_changes(town_name, department)),
        "new_link": (NewLinkValues(town_name, _REFERENCE, _FOLLOW),),
        "question": (QuestionValues(_QUESTION, long_date(_UNTIL, "fr"), long_date(_UNTIL, "en")),),
        **dict.fromkeys(("mail_instead", "another_way"), (OtherWayValues("message"),)),
    }


def sample_changes(town_name: str, department: Department) -> tuple[ChangeValues, ...]:
    """Return what is said of a change of a case."""
    return (
        ChangeValues(
            town_name=town_name,
            reference=_REFERENCE,
            department=department,
            reopens_until=long_date(_UNTIL, "fr"),
            reopens_until_in_english=long_date(_UNTIL, "en"),
        ),
    )


def sample_receipts(town_name: str, department: Department) -> tuple[ReceiptValues, ...]:
    """Return receipts on either kind of channel, with and without a subject."""
    day, hour = in_french(datetime(2026, 4, 30, 23, 30, tzinfo=UTC))
    full = ReceiptValues(
        town_name=town_name,
        reference=_REFERENCE,
        received_on=day,
        received_time=hour,
        department=department,
        follow_url=_FOLLOW,
        privacy_url="https://portail.example/confidentialite",
        is_saisine=True,
        subject="Lampadaire éteint",
    )
    courtesy = replace(full, is_saisine=False, subject="", seize_at="https://portail.example/")
    return full, courtesy, replace(full, asks_who_writes=True)


def sample_gathered(town_name: str, department: Department) -> tuple[GatheredValues, ...]:
    """Return what stands for several receipts, and for one, on either kind of channel."""
    first, other, _ = sample_receipts(town_name, department)
    other = replace(other, reference="2026-8G4M-3AR", follow_url="https://portail.example/suivi/autre-echantillon")
    both = GatheredValues(
        town_name=town_name,
        received_on=first.received_on,
        receipts=(first, other),
        privacy_url=first.privacy_url,
        is_saisine=True,
    )
    return both, replace(both, receipts=(other,), is_saisine=False, seize_at=other.seize_at)


def sample_replies(town_name: str, department: Department) -> tuple[ReplyValues, ...]:
    """Return answers with and without a subject, whole and cut."""
    receipt = sample_receipts(town_name, department)[0]
    full = ReplyValues(
        town_name=town_name,
        reference=receipt.reference,
        text="Nous réparons demain.",
        department=department,
        follow_url=receipt.follow_url,
        privacy_url=receipt.privacy_url,
        subject=receipt.subject,
    )
    return full, replace(full, subject=""), replace(full, is_cut=True)


def sample_abuse_notices(town_name: str, department: Department) -> tuple[AbuseValues, ...]:
    """Return what tells a sender that their messages were declared abusive."""
    notice = AbuseValues(
        town_name=town_name,
        reference=_REFERENCE,
        department=department,
        reason="leur nombre",
        reason_in_english="their number",
        until_on=long_date(_UNTIL, "fr"),
        until_in_english=long_date(_UNTIL, "en"),
        privacy_url="https://portail.example/confidentialite",
    )
    return (notice,)


def sample_acknowledgements(town_name: str, department: Department) -> tuple[AcknowledgementValues, ...]:
    """Return acknowledgements of every kind: silence rejects, accepts or says nothing; incomplete; corrected."""
    rejects = AcknowledgementValues(
        town_name=town_name,
        reference=_REFERENCE,
        received_on="30 avril 2026",
        department=department,
        without_telephone=f"Vous ne pouvez pas téléphoner\u00a0? {department.email}, {department.postal_address}.",
        is_full=True,
        procedure="Concession au cimetière",
        silence="rejects",
        decides_on="30 juin 2026",
        remedies="Contre ce rejet, vous disposez de deux mois pour saisir le tribunal administratif.",
        corrects=False,
        is_first=False,
        follow_url=_FOLLOW,
        privacy_url="https://portail.example/confidentialite",
        subject="Concession",
    )
    nothing = replace(rejects, silence="", decides_on="", remedies="", procedure="", subject="")
    return (
        rejects,
        replace(rejects, silence="accepts", remedies="", corrects=True),
        nothing,
        replace(rejects, is_first=True),
        replace(nothing, corrects=True),
        replace(nothing, is_full=False),
    )


def sample_gathered_acknowledgements(town_name: str) -> tuple[GatheredAcknowledgements, ...]:
    """Return what brings several acknowledgements at once."""
    return (GatheredAcknowledgements(town_name, ("Un premier accusé.\nEntier.", "Un autre accusé.")),)
