"""The page of the data map: a place is there with its fields, or named as holding nobody's data."""

from guichet.privacy.data_map.entry import DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.register import render_register
from guichet.privacy.data_map.retention import Executor, ForGood, KeptFor, Phrase, months
from guichet.store.setup.schema import whole_data_map

PLACE = DataMapEntry(
    place="collection",
    name="letters",
    purpose="answer",
    legal_basis="art. 6",
    whose="citizens",
    retention=(KeptFor(period=months(12), since=Phrase("closing", "la clôture"), by=Executor.NOBODY_YET),),
    on_erasure=Erasure.DELETED,
    fields=(PersonalField("words", Form.SEALED, "what they say | and how"),),
)
EMPTY = DataMapEntry(
    "topic",
    "ticks",
    "count",
    "art. 6",
    "nobody",
    (ForGood(why=Phrase("it is nobody's", "rien")),),
    Erasure.NOT_CONCERNED,
)


def test_a_place_shows_its_facts_and_each_field():
    page = render_register([PLACE])
    for fact in (
        "`letters` (collection)",
        "answer",
        "**Kept:** 12 months after closing · **not done yet**",
        "**Conservation :** 12 mois après la clôture · **pas encore appliqué**",
        "deleted",
        "| `words` | sealed | what they say \\| and how |",
    ):
        assert fact in page


def test_a_place_without_personal_data_is_named_as_such():
    facts, _, impersonal = render_register([PLACE, EMPTY]).partition("## Declared without personal data")
    assert "`ticks` (topic)" in impersonal
    assert "ticks" not in facts


def test_no_declared_place_is_missing():
    page = render_register(whole_data_map())
    assert all(f"`{entry.name}` ({entry.place})" in page for entry in whole_data_map())
