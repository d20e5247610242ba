"""Importing citizens: families on one phone, namesakes, people who wrote before they were registered; twice the same."""

from datetime import UTC, datetime
from itertools import chain, combinations

import pytest
from typer.testing import CliRunner

from guichet.errors import UnopenableError
from guichet.ids import CitizenId
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet.vault.sealing import Thing, broken_key, missing_key, seal, unseal
from guichet_cli.registry import command as registry
from guichet_cli.registry.bulk_import import Imported, RegistryImport
from guichet_cli.registry.file import read_citizens
from guichet_cli.vault import command as vault
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.sealing import seal_model, unseal_model
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.vault import InMemoryVault

EXAMPLE = EXAMPLE_TOWN / "citizens.csv"
KEY = b"r" * 32
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PHONE = "+33639980102"


def powerset(names):
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


class Registry:
    """A registry in memory, and what it says in clear."""

    def __init__(self) -> None:
        self.identifiers, self.citizens, self.vault = InMemoryIdentifierStore(), InMemoryCitizenStore(), InMemoryVault()

    def importing(self) -> RegistryImport:
        return RegistryImport(
            identifiers=self.identifiers, citizens=self.citizens, vault=self.vault, registry_key=KEY, now=NOW
        )

    async def enter(self, *lines: str) -> Imported:
        rows, complaints = read_citizens(iter([HEADER_OF_BEFORE, *lines]), FACTS.kinds)
        assert not complaints
        return await self.importing().enter(rows)

    async def someone_wrote(self, email: str, name: str | None, citizen: str = "wrote") -> None:
        """Enter a provisional citizen as the router does."""
        address, [one, two] = identifier_id(KEY, "email", email), await self.vault.new_keys(2)
        holder = Holder(citizen_id=CitizenId(citizen), provenance="message", since=NOW)
        value = seal(one, Thing("identifier", address), "value", email.encode())
        await self.identifiers.insert_new(
            [IdentifierDocument(_id=address, kind="email", holders=(holder,), value=value)]
        )
        record = seal_model(two, Thing("citizen", citizen), "record", CitizenRecord(display_name=name))
        await self.citizens.insert_new(
            [CitizenDocument(_id=citizen, state=CitizenState.PROVISIONAL, record=record, since=NOW)]
        )

    def at(self, kind: str, value: str) -> IdentifierDocument:
        return self.identifiers.identifiers[identifier_id(KEY, kind, value)]

    def holders(self, kind: str, value: str) -> list[CitizenId]:
        return [holder.citizen_id for holder in self.at(kind, value).holders]

    async def name_of(self, citizen: CitizenId) -> str:
        document = self.citizens.citizens[citizen]
        keys = await self.vault.open_keys([document.record.key_id])
        thing = Thing("citizen", citizen)
        return unseal_model(keys[document.record.key_id], thing, "record", document.record, CitizenRecord).full_name


@pytest.fixture
def people() -> Registry:
    return Registry()


HEADER_OF_BEFORE = "given_name,family_name,birth_year,emails,phones,telegram_ids,address,provenance,verified"
LOUIS = f"Louis,Marchand,1951,louis@courriel.example,{PHONE},,4 impasse,guichet,yes"
JEANNE = f"Jeanne,Marchand,1953,jeanne@courriel.example,{PHONE},,4 impasse,guichet,yes"
ADDRESSES = {
    "louis": ("email", "louis@courriel.example"),
    "jeanne": ("email", "jeanne@courriel.example"),
    "phone": ("phone", PHONE),
}
THOMAS_1 = "Thomas,Lefèvre,1978,thomas@courriel.example;boulangerie@lefevre.example,,,2 place,guichet,yes"
THOMAS_2 = "Thomas,Lefevre,2004,tlefevre@etudiant.example,,,31 avenue,portail,no"


async def test_an_address_rests_sealed_and_every_holder_knows_where_it_is_from(people):
    assert await people.enter(THOMAS_1) == Imported(new=1)
    [one, two] = [people.at("email", mail) for mail in ("thomas@courriel.example", "boulangerie@lefevre.example")]
    assert one.holders == two.holders
    assert (one.holders[0].provenance, one.holders[0].verified, one.shared) == ("import:guichet", True, False)
    keys = await people.vault.open_keys([one.value.key_id])
    thing = Thing("identifier", one.identifier_id)
    assert unseal(keys[one.value.key_id], thing, "value", one.value) == b"thomas@courriel.example"


async def test_importing_again_forgets_nothing_that_an_agent_or_a_mail_server_has_told_of_an_address(people):
    await people.enter(THOMAS_1)
    before = people.at("email", "thomas@courriel.example")
    known = tuple(each.model_copy(update={"confirmed": True, "vouched": True}) for each in before.holders)
    people.identifiers.identifiers[before.identifier_id] = before.model_copy(update={"holders": known})
    await people.enter(THOMAS_1)
    assert people.at("email", "thomas@courriel.example").holders == known


async def test_a_family_shares_a_phone_and_nobody_is_merged(people):
    assert await people.enter(LOUIS, JEANNE) == Imported(new=2)
    both = people.holders("phone", PHONE)
    assert [await people.name_of(each) for each in both] == ["Louis Marchand", "Jeanne Marchand"]
    assert people.at("phone", PHONE).shared
    assert people.holders("email", "jeanne@courriel.example") == both[1:]


async def test_namesakes_stay_two(people):
    assert await people.enter(THOMAS_1, THOMAS_2) == Imported(new=2)
    assert len(people.citizens.citizens) == 2


async def test_father_and_son_of_one_name_on_one_phone_are_told_apart_by_their_year(people):
    son = LOUIS.replace("1951", "1980").replace("louis@", "louis.fils@")
    assert await people.enter(LOUIS, son) == Imported(new=2)


async def test_the_same_file_again_changes_nothing(people):
    await people.enter(LOUIS, JEANNE, THOMAS_1, THOMAS_2)
    before = dict(people.identifiers.identifiers), dict(people.citizens.citizens)
    assert await people.enter(LOUIS, JEANNE, THOMAS_1, THOMAS_2) == Imported(unchanged=4)
    assert (people.identifiers.identifiers, people.citizens.citizens) == before


async def test_a_new_address_or_place_of_somebody_known_is_added_to_them(people):
    await people.enter(LOUIS, JEANNE)
    [old] = people.holders("email", "louis@courriel.example")
    before = people.citizens.citizens[old]
    moved = LOUIS.replace("louis@courriel.example", "louis@courriel.example;l.marchand@boite.example")
    assert await people.enter(moved, JEANNE) == Imported(changed=1, unchanged=1)
    assert people.holders("email", "l.marchand@boite.example") == [old]
    assert await people.enter(moved.replace("4 impasse", "9 quai")) == Imported(changed=1)
    assert await people.vault.open_keys([before.record.key_id]) == {}, "the old record can be read no more"


@pytest.mark.parametrize("name", ["thomas LEFEVRE", None])
async def test_who_wrote_before_keeps_their_id_and_so_their_cases(people, name):
    await people.someone_wrote("thomas@courriel.example", name)
    assert await people.enter(THOMAS_1) == Imported(changed=1)
    assert people.holders("email", "boulangerie@lefevre.example") == ["wrote"]
    assert people.citizens.citizens[CitizenId("wrote")].state is CitizenState.REGISTERED
    assert await people.name_of(CitizenId("wrote")) == "Thomas Lefèvre"


async def test_who_wrote_from_two_addresses_becomes_one(people):
    await people.someone_wrote("thomas@courriel.example", "Thomas Lefèvre", "first")
    await people.someone_wrote("boulangerie@lefevre.example", None, "second")
    await people.enter(THOMAS_1)
    assert people.holders("email", "boulangerie@lefevre.example") == ["first"]
    assert people.citizens.citizens[CitizenId("first")].formerly == ("second",)


async def test_somebody_else_who_wrote_from_that_address_is_kept_beside(people):
    await people.someone_wrote("thomas@courriel.example", "Odile Lefèvre")
    await people.enter(THOMAS_1)
    assert len(people.holders("email", "thomas@courriel.example")) == 2
    assert people.at("email", "thomas@courriel.example").shared


async def test_whoever_knows_the_file_computes_no_citizen_id():
    """Identifier ids, name and year are the same in both registries; the ids of the citizens have nothing of them."""
    registries = Registry(), Registry()
    for each in registries:
        await each.enter(LOUIS, JEANNE)
    one, two = (set(each.citizens.citizens) for each in registries)
    assert not one & two, f"citizen {min(one & two)} can be computed from a line of the file"


async def test_an_import_that_was_killed_before_any_citizen_was_there_finds_its_traces(people):
    await people.enter(LOUIS, JEANNE)
    ids, addresses = set(people.citizens.citizens), dict(people.identifiers.identifiers)
    people.citizens.citizens.clear()
    assert await people.enter(LOUIS, JEANNE) == Imported(new=2)
    assert set(people.citizens.citizens) == ids
    assert people.identifiers.identifiers == addresses


@pytest.mark.parametrize(
    ("written", "citizens"),
    [
        *((written, ()) for written in powerset(["louis", "jeanne", "phone"])),
        *((tuple(ADDRESSES), citizens) for citizens in (("louis",), ("jeanne",))),
    ],
)
async def test_killed_anywhere_an_import_makes_neither_doubles_nor_wrong_shares(people, written, citizens):
    """A bulk insertion stops where it likes: any of the addresses may be there, and of the citizens whose all are."""
    await people.enter(LOUIS, JEANNE)
    everybody = dict(zip(("louis", "jeanne"), people.holders("phone", PHONE), strict=True))
    for name, (kind, value) in ADDRESSES.items():
        if name not in written:
            del people.identifiers.identifiers[identifier_id(KEY, kind, value)]
    for name, citizen in everybody.items():
        if name not in citizens:
            del people.citizens.citizens[citizen]
    await people.enter(LOUIS, JEANNE)
    louis, jeanne = people.holders(*ADDRESSES["louis"]), people.holders(*ADDRESSES["jeanne"])
    assert sorted(people.holders("phone", PHONE)) == sorted(louis + jeanne)
    assert set(people.citizens.citizens) == {*louis, *jeanne}
    assert [await people.name_of(*each) for each in (louis, jeanne)] == ["Louis Marchand", "Jeanne Marchand"]


async def test_a_trace_at_the_address_of_somebody_who_wrote_meanwhile_goes_into_them(people):
    """Killed between its addresses; then the router knew the person from another address of the same line."""
    await people.enter(THOMAS_1)
    [trace] = people.holders("email", "boulangerie@lefevre.example")
    people.citizens.citizens.clear()
    del people.identifiers.identifiers[identifier_id(KEY, "email", "thomas@courriel.example")]
    await people.someone_wrote("thomas@courriel.example", None)
    await people.enter(THOMAS_1)
    assert people.holders("email", "boulangerie@lefevre.example") == ["wrote"]
    assert people.citizens.citizens[CitizenId("wrote")].formerly == (trace,)


async def test_whom_an_erasure_takes_out_meanwhile_the_import_does_not_enter_under_their_id(people):
    """The import has read the address; the erasure takes its holder out and deletes them; the import looks for them."""
    await people.enter(LOUIS)
    [old], find = people.citizens.citizens, people.citizens.find_many

    async def after_the_erasure(citizens):
        people.citizens.find_many = find
        people.identifiers.identifiers.clear()
        people.citizens.citizens.clear()
        return await find(citizens)

    people.citizens.find_many = after_the_erasure
    await people.enter(LOUIS)
    assert old not in people.citizens.citizens
    assert people.holders("phone", PHONE) == list(people.citizens.citizens)


async def test_foreseeing_changes_nothing(people):
    rows, _ = read_citizens(iter([HEADER_OF_BEFORE, LOUIS]), FACTS.kinds)
    assert await people.importing().foresee(rows) == Imported(new=1)
    assert not people.identifiers.identifiers


@pytest.fixture
def operator(mongo_server, mongo_database, tmp_path, monkeypatch):
    """The command on a real mongod with a vault."""
    values = {
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_REGISTRY_KEY": "cmVnaXN0cnlrZXlyZWdpc3RyeWtleXJlZ2lzdHJ5a2U=",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(vault.app, ["init"]).exit_code == 0

    def call(*arguments: str):
        return CliRunner().invoke(registry.app, ["import", *arguments])

    return call


@pytest.mark.real
def test_an_operator_tries_imports_and_imports_again(operator):
    assert (
        "229 lines: 229 citizens would be new, 0 changed, 0 as they were." in operator(str(EXAMPLE), "--dry-run").output
    )
    assert "229 lines: 229 citizens are new, 0 changed, 0 as they were." in operator(str(EXAMPLE)).output
    assert "229 lines: 0 citizens are new, 0 changed, 229 as they were." in operator(str(EXAMPLE)).output


@pytest.mark.real
def test_an_operator_hears_that_the_vaults_second_copy_does_not_hold_yet_what_was_imported(
    operator, tmp_path, monkeypatch
):
    monkeypatch.setenv("GUICHET_VAULT_COPY", str(tmp_path / "copy"))
    assert CliRunner().invoke(vault.app, ["init"]).exit_code == 0  # as `guichet prepare` does
    told = "The vault's second copy does not hold yet"
    assert told not in operator(str(EXAMPLE), "--dry-run").output
    assert told in operator(str(EXAMPLE)).output
    assert told not in operator(str(EXAMPLE)).output, "nothing new was made"


@pytest.mark.real
def test_an_operator_hears_of_every_wrong_line_and_nothing_is_entered(operator, tmp_path):
    file = tmp_path / "citizens.csv"
    file.write_text("\n".join([HEADER_OF_BEFORE, LOUIS, ",,,,,,,,", JEANNE.replace(PHONE, "12")]))
    told = operator(str(file))
    assert told.exit_code == 1
    assert f"{file}:4: phones: “12” is no phone; write it like +33639980142" in told.output
    assert "Nothing was entered" in told.output
    file.write_text("\n".join([HEADER_OF_BEFORE, LOUIS]))
    assert "1 citizens are new" in operator(str(file)).output


@pytest.mark.parametrize("how", ["broken", "missing"])
async def test_a_record_that_does_not_open_stops_no_import_and_is_not_written_over(people, how):
    await people.someone_wrote("louis@courriel.example", "Louis Marchand")
    key = people.citizens.citizens[CitizenId("wrote")].record.key_id
    before = people.citizens.citizens[CitizenId("wrote")]
    people.vault._keys[key] = broken_key(key) if how == "broken" else missing_key(key)
    try:
        assert await people.enter(LOUIS, JEANNE) == Imported(new=2)
    except UnopenableError as exc:
        pytest.fail(f"one record does not open, and nobody can be imported: {type(exc).__name__}")
    assert people.citizens.citizens[CitizenId("wrote")] == before
    assert len(people.holders(*ADDRESSES["louis"])) == 2
