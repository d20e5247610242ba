"""What a full receipt (ARE) tells of the service in charge and of appeals (CRPA R112-11-1: docs/law.md 11). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import AnyHttpUrl

from guichet.contracts.channels import Words
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.organisation import Department
from guichet.town.procedures import Procedure, ProcedureList
from guichet.town.remedies import Remedies
from guichet.town.town_file import TownFile
from guichet.town.yaml_file import YamlFile

SAYS_REMEDIES_SINCE: Final = 4
"""The version of a town's folder (guichet.town.migrations) from which it must say where one appeals."""


@dataclass(frozen=True)
class ReceiptTerms:
    """The department's name, addresses and telephone number, as the town writes them.

    without_telephone: how who cannot telephone reaches it (loi 2005-102, art. 78). remedies: where one appeals, printed
    where silence rejects and only there. procedure: its label; None: none is known.
    """

    department: str
    email: str
    postal_address: str
    phone: str
    without_telephone: Words
    remedies: Words
    procedure: Words | None


def receipt_terms(
    procedure: Procedure | None, department: Department, remedies: Remedies, relay: AnyHttpUrl | None
) -> ReceiptTerms:
    """Return what a receipt tells of who treats a case. relay: the town's telephone relay, where it has one."""
    return ReceiptTerms(
        department=department.name,
        email=department.email,
        postal_address=department.postal_address,
        phone=department.phone,
        without_telephone=_without_telephone(department, relay),
        remedies=remedies.words(procedure.remedies if procedure else None),
        procedure=procedure.title if procedure else None,
    )


def check_remedies(file: YamlFile, town: TownFile, listed: ProcedureList) -> Iterator[str]:
    """Yield a complaint where silence may reject, and the town did not say where one appeals (docs/law.md 11).

    It may wherever there are procedures: a complaint about one is rejected. « À confirmer » is an answer: receipts then
    name no court. A folder of before `SAYS_REMEDIES_SINCE` is read without (docs/upgrading.md).
    """
    is_told = town.court is not None or town.remedies is not None
    if town.version >= SAYS_REMEDIES_SINCE and listed.procedures and not is_told:
        yield file.complaint(
            (),
            "a receipt says where one appeals when silence rejects (CRPA R112-11-1); give `court`: name and address of "
            "the administrative court, or “à confirmer”.",
        )


def _without_telephone(department: Department, relay: AnyHttpUrl | None) -> Words:
    where, by_post = department.email, department.postal_address
    fr = f"Vous ne pouvez pas téléphoner ? Écrivez à {where} ou, par courrier, à : {by_post}."
    en = f"You cannot telephone? Write to {where} or, by post, to: {by_post}."
    if relay is not None:
        fr, en = f"{fr} Relais téléphonique : {relay}", f"{en} Telephone relay: {relay}"
    return Words(fr=with_no_break_spaces(fr), en=en)
