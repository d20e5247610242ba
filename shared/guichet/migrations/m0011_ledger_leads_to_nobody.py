"""The ledger of erasures: what is finished keeps nothing that leads to the person or their cases (docs/decisions/0013).

An entry that is not finished gets the new ids (m0010). A finished one keeps tags of them, by which a restore knows the
person again, and of the cases it took the lines of the bordereau: department, state, how many, from which year to
which.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from pymongo import UpdateOne

from guichet.ids import CitizenId
from guichet.law.calendar import paris_date
from guichet.migrations.context import Document, MigrationContext, Steps
from guichet.migrations.m0010_citizen_ids import NewId, new_id_of
from guichet.privacy.pseudonyms import erased_citizen_tag


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every entry. Raises TransientError."""
    ledger = context.vault_database["erasures"]
    new_id = new_id_of(context)
    tag = partial(erased_citizen_tag, context.settings.ledger_key.get_secret_value())
    async for batch in steps.batches("erasures", ledger):
        await ledger.bulk_write([UpdateOne({"_id": each["_id"]}, _change(each, new_id, tag)) for each in batch])


def _change(entry: Document, new_id: NewId, tag: Any) -> Document:
    person = [new_id(name) for name in (entry.get("citizen"), *entry.get("citizens", ())) if name]
    if not entry["finished"]:
        named = {"citizen": entry["citizen"] and new_id(entry["citizen"])}
        return {"$set": {**named, "citizens": [*map(new_id, entry.get("citizens", ()))]}}
    blind: Document = {"citizen": None, "citizens": [], "noted": None, "cases": []}
    blind["tags"] = sorted({*entry.get("tags", ()), *(tag(CitizenId(name)) for name in person)})
    if (certificate := entry.get("certificate")) and "cases" in certificate:
        rest = {name: value for name, value in certificate.items() if name != "cases"}
        blind["certificate"] = {**rest, "slip": slip_of(certificate["cases"])}
    return {"$set": blind}


def slip_of(cases: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Return the lines of the bordereau, as the certificate has them now. Pure."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for case in cases:
        alike[case["department"], case["state"]].append(_year(case["received_at"]))
    return [
        {"department": department, "state": state, "count": len(years), "from_year": min(years), "to_year": max(years)}
        for (department, state), years in sorted(alike.items())
    ]


def _year(at: datetime) -> int:
    return paris_date(at).year
