"""An attacker with a list of citizens and everything that the registry and the router wrote: no id confirms a guess.

The same on the whole of Guichet, before and after erasures and with the oplog: tests/erasure/test_erasure.py.
"""

from typing import Any, Final

import pytest

from guichet.ids import CitizenId, derive_id
from guichet.privacy.blind_tokens import folded_words
from guichet_cli.registry.bulk_import import RegistryImport
from guichet_cli.registry.file import Row
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.vault import InMemoryVault
from tests.attacks.stolen_copy.guesses import ids_in, the_list, the_rows, verified

FEW: Final = 40  # of the list: each line is as good as another


async def the_registry() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what lies in `identifiers` and in `citizens` once the list is entered."""
    identifiers, citizens = InMemoryIdentifierStore(), InMemoryCitizenStore()
    entering = RegistryImport(
        identifiers=identifiers, citizens=citizens, vault=InMemoryVault(), registry_key=b"r" * 32, now=ARRIVED
    )
    await entering.enter(the_rows()[:FEW])
    addresses, people = identifiers.identifiers.values(), citizens.citizens.values()
    return [each.model_dump(by_alias=True) for each in addresses], [each.model_dump(by_alias=True) for each in people]


async def test_no_id_of_the_registry_confirms_a_guess() -> None:
    addresses, people = await the_registry()
    found = verified(the_list()[:FEW], ids_in([addresses, people]), addresses)
    assert found == set(), f"{len(found)} guesses are confirmed"


@pytest.mark.parametrize("row", the_rows()[:3], ids=lambda row: str(row.line))
async def test_the_attacker_would_confirm_an_id_as_it_was_before(row: Row) -> None:
    addresses, _ = await the_registry()
    year, words = str(row.record.birth_year or ""), folded_words(row.record.full_name)
    holder = next(each for each in addresses if len(each["holders"]) == 1)["holders"][0]["citizen_id"]
    hers = sorted(each["_id"] for each in addresses if holder in {one["citizen_id"] for one in each["holders"]})
    old = {
        CitizenId(derive_id("registered-citizen", *hers, *words, year)),
        CitizenId(derive_id("citizen", "0123456789abcdef0123456789abcdef")),
    }
    pile = ids_in([addresses, sorted(old), "0123456789abcdef0123456789abcdef"])
    assert len(verified(the_list()[:FEW], pile, addresses)) == len(old)
