"""Where a message is about: as it was typed, as the town's map calls a position, and by the streets that it names."""

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.inbound_content import InboundContent, Location
from guichet.search.places import TownPlaces, place_words
from guichet.town.place_names import PlaceNames
from guichet.town.town_map import BOUNDARY, Shape, TownMap, load_town_map
from guichet_testing.builders.example_town import EXAMPLE_TOWN

MAP = load_town_map(EXAMPLE_TOWN)
assert MAP is not None
PLACES = TownPlaces(MAP)
BY_THE_LILACS = Location(latitude=47.6405, longitude=-0.9273)
AT_A_CORNER = Location(latitude=47.6412, longitude=-0.9274)
IN_THE_PARK = Location(latitude=47.6382, longitude=-0.9170)
FAR_AWAY = Location(latitude=48.9, longitude=2.3)


def where(text: str = "", **said: object) -> tuple[str, ...]:
    return PLACES.of(InboundContent(sender=(), text=text, **said))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Av. de la Gare", "avenue gare"),
        ("bd Carnot", "Boulevard Carnot"),
        ("12, rue de l’École", "12 rue ecole"),
        ("Pl. St-Aubin", "place Saint Aubin"),
    ],
)
def test_a_place_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert place_words(one) == place_words(other)


def test_a_position_is_called_by_its_street_and_by_what_it_lies_in() -> None:
    assert where(location=BY_THE_LILACS) == ("Rue des Lilas", "Les Lilas")
    assert where(location=AT_A_CORNER) == ("Rue des Lilas", "Rue Haute", "Les Lilas")
    assert "Parc des Cordeliers" in where(location=IN_THE_PARK)
    assert where(location=FAR_AWAY) == ()
    assert PlaceNames(None).at(BY_THE_LILACS) == ()


def test_what_an_agent_typed_is_kept_as_it_is() -> None:
    assert where(place="Derrière le gymnase") == ("Derrière le gymnase",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Un trou devant le 3 av. du général de Gaulle !", ("Avenue du Général-de-Gaulle",)),
        ("RUE DES LILAS et rue Haute", ("Rue des Lilas", "Rue Haute")),
        ("M. Tanneur, rue inconnue ; j’habite la rue haut perchée", ()),
        ("Saint-Aubin-des-Prés", ()),
        ("Une fuite\n\nLe 3 mars, la mairie a écrit :\n> Mairie, place de la République", ()),
        ("Une fuite\n-- \nZoé Martin, 4 rue Haute", ()),
        ("Une fuite\nDe : Mairie, rue Haute", ()),
    ],
)
def test_a_street_is_named_by_its_whole_name_in_what_a_citizen_wrote_themselves(
    text: str, names: tuple[str, ...]
) -> None:
    assert where(text) == names


def test_a_subject_is_looked_through_too() -> None:
    assert where(subject="Rue Basse") == ("Rue Basse",)


NAMES = sorted({shape.name for shape in MAP.shapes if shape.name and shape.kind != BOUNDARY})
BOX = [(min(each), max(each)) for each in zip(*(point for shape in MAP.shapes for point in shape.points), strict=True)]
POSITIONS = st.builds(lambda x, y: Location(latitude=y, longitude=x), st.floats(*BOX[0]), st.floats(*BOX[1]))
WRITTEN = st.lists(st.sampled_from([*NAMES, "devant", "la", "rue", "Martin"]), max_size=6).map(" ".join)


@given(WRITTEN, POSITIONS)
def test_names_are_those_of_the_map_by_which_it_was_said(text: str, position: Location) -> None:
    named = {*where(text)}
    assert named <= {*NAMES}
    assert {name for name in NAMES if name in text and len(place_words(name)) > 1} <= named
    assert {*where(text, location=position)} == named | {*PlaceNames(MAP).at(position)}


class Counted(str):
    """A word that counts how often any is compared with another."""

    compared: ClassVar[int] = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


@pytest.mark.parametrize("begins", ["rue ", "rue saint "])
def test_a_text_of_the_words_that_streets_begin_with_is_not_compared_with_every_street(
    begins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guichet.search.places.place_words", lambda text: tuple(map(Counted, place_words(text))))
    streets = [
        Shape("street", f"Rue Saint {nth}", ((0.0, 0.0), (1.0, 1.0)), False, (0, 0, 1, 1)) for nth in range(1500)
    ]
    places, words = TownPlaces(TownMap(tuple(streets))), 2000
    Counted.compared = 0
    assert places.of(InboundContent(sender=(), text=begins * (words // len(begins.split())))) == ()
    assert Counted.compared < 10 * words
