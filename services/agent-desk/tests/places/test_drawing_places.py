"""A place is drawn on the town's own map, and said in words: the nearest street and how far away it is."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.places.draw_place import HIGH, MOST_SHAPES, WIDE, draw_place
from guichet.contracts.inbound_content import InboundContent, Location
from guichet.errors import SettingsError
from guichet.town.town_map import FILE, TownMap, load_town_map
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.desk_on_twins import TownHall

HERE = Location(latitude=47.64, longitude=-0.92)
METRE = 1 / 111_320


def feature(kind, name, *points, geometry="LineString"):
    """points: metres to the east and north of HERE; at that latitude a degree of longitude is 0.674 of one of latitude."""
    at = [[HERE.longitude + x * METRE / 0.6738, HERE.latitude + y * METRE] for x, y in points]
    coordinates = [at] if geometry == "Polygon" else at
    return {
        "type": "Feature",
        "properties": {"kind": kind, "name": name},
        "geometry": {"type": geometry, "coordinates": coordinates},
    }


STREET = feature("street", "Rue Basse", (-500, 20), (500, 20))
CROSSING = feature("street", "Rue du Four", (90, -300), (90, 300))
PARK = feature("green", "Parc", (-900, -900), (900, -900), (900, 0), (-900, 0), geometry="Polygon")


@pytest.fixture
def hall(tmp_path) -> TownHall:
    return TownHall(town_map=loaded(tmp_path, STREET))


def loaded(tmp_path, *features) -> TownMap:
    (tmp_path / FILE).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return load_town_map(tmp_path)


def test_it_is_drawn_among_its_streets_within_the_window(tmp_path):
    drawn = draw_place(loaded(tmp_path, STREET, CROSSING, PARK), HERE)
    assert (drawn.street, drawn.metres) == ("Rue Basse", 20)
    assert [kind for kind, _ in drawn.paths] == ["green", "street", "street"]
    spots = [tuple(map(int, each)) for each in re.findall(r"(-?\d+) (-?\d+)", drawn.paths[0][1])]
    assert {*spots} == {(0, HIGH // 2), (WIDE, HIGH // 2), (0, HIGH), (WIDE, HIGH)}
    assert [(each.text, each.angle) for each in drawn.labels] == [("Rue du Four", -90)] or drawn.labels[0].text


@pytest.mark.parametrize("place", [Location(latitude=48.9, longitude=2.3), Location(latitude=-90, longitude=180)])
def test_what_lies_elsewhere_is_not_drawn(tmp_path, place):
    assert draw_place(loaded(tmp_path, STREET), place) is None
    assert draw_place(None, place) is None


def test_far_from_every_street_none_is_named(tmp_path):
    far = feature("street", "Rue Haute", (-500, 88), (-190, 88))
    drawn = draw_place(loaded(tmp_path, far), HERE)
    assert (drawn.street, drawn.metres) == (None, 0)


def test_a_dense_block_is_drawn_up_to_a_bound_and_its_streets_stay(tmp_path):
    houses = [
        feature("building", "", (n % 30, 5), (n % 30 + 2, 5), (n % 30, 9), geometry="Polygon") for n in range(900)
    ]
    drawn = draw_place(loaded(tmp_path, *houses, STREET), HERE)
    assert len(drawn.paths) == MOST_SHAPES
    assert drawn.paths[-1][0] == "street"


numbers = st.floats(-400, 400)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=8), st.sampled_from(["LineString", "Polygon"]))
def test_any_shape_is_drawn_or_left_out(points, geometry):
    shapes = {"features": [feature("green" if geometry == "Polygon" else "street", "Rue", *points, geometry=geometry)]}
    drawn = draw_place(_map_of(shapes), HERE)
    assert drawn is None or all(re.fullmatch(r"M[-\d. L]+z?", path) for _, path in drawn.paths)


def _map_of(content) -> TownMap:
    from guichet.town.town_map import _shapes  # noqa: PLC0415  without a file for each

    return TownMap(tuple(shape for each in content["features"] for shape in _shapes(each)))


def test_an_extract_of_openstreetmap_is_read_by_its_own_words(tmp_path):
    street = {**STREET, "properties": {"highway": "residential", "name": "Rue Basse"}}
    river = {**PARK, "properties": {"natural": "water"}}
    tree = {"type": "Feature", "properties": {"natural": "tree"}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
    assert [each.kind for each in loaded(tmp_path, street, river, tree).shapes] == ["street", "water"]


async def test_a_case_says_where_it_is_and_shows_it(sign_in, hall):
    case = await hall.open_case("place", text="Ici")
    content = InboundContent(sender=(), text="", location=HERE)
    await hall.receive(case, content, message_id="m" * 32, at=case.received_at)
    browser = await sign_in("karim.haddad")
    text = (await browser.get(f"/demandes/{case.reference}")).text
    assert '<code class="copyable">47.640000, -0.920000</code> · Rue Basse, à 20 m' in text
    assert text.count('role="img" aria-label="Plan autour de la position envoyée : Rue Basse"') == 1
    pdf = (await browser.get(f"/demandes/{case.reference}/dossier.pdf")).text
    assert "Position envoyée : 47.640000, -0.920000 · Rue Basse, à 20 m" in pdf


def test_the_example_town_has_a_map():
    assert draw_place(load_town_map(EXAMPLE_TOWN), HERE).street == "Rue Pasteur"


def test_a_town_need_not_have_one(tmp_path):
    assert load_town_map(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"features": []}',
        '{"features": [{"properties": {"kind": "street"}, "geometry": {"type": "LineString", "coordinates": [[652000, 6862000], [652100, 6862000]]}}]}',
        '{"features": [{"properties": {"kind": "street"}, "geometry": {"type": "LineString"}}]}',
    ],
    ids=["blank", "no object", "nothing", "metres of Lambert 93", "no coordinates"],
)
def test_what_is_no_map_stops_the_start_with_a_sentence(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(SettingsError, match=re.escape(FILE)):
        load_town_map(tmp_path)
