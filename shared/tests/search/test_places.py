"""Where a message is about: as it was typed, as the town's map calls a position, and by the streets that it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.inbound_content import InboundContent, Location
from guichet.search.places import TownPlaces, place_words
from guichet.town.place_names import PlaceNames
from guichet.town.town_map import load_town_map
from guichet_testing.builders.example_town import EXAMPLE_TOWN

MAP = load_town_map(EXAMPLE_TOWN)
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


@given(st.text(max_size=200), st.floats(-90, 90), st.floats(-180, 180))
def test_any_text_and_any_position_have_names_of_the_map_alone(text: str, latitude: float, longitude: float) -> None:
    assert MAP is not None
    known = {shape.name for shape in MAP.shapes}
    assert {*where(text, location=Location(latitude=latitude, longitude=longitude))} <= known
