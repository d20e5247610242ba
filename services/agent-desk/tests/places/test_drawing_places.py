"""A place is drawn on the town's own map, and said in words: the nearest street and how far away it is."""

import json
import math
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent_desk.domain.places.draw_place import HIGH, MOST_MAPS, MOST_SHAPES, WIDE, drawing_on
from guichet.contracts.inbound_content import InboundContent, Location, Remark
from guichet.errors import SettingsError
from guichet.town.shape_grid import ShapeGrid
from guichet.town.town_map import FILE, Shape, TownMap, load_town_map
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
    drawn = drawing_on(loaded(tmp_path, STREET, CROSSING, PARK))(HERE)
    assert (drawn.street, drawn.metres) == ("Rue Basse", 20)
    assert [kind for kind, _ in drawn.paths] == ["green", "street", "street"]
    spots = [tuple(map(int, each)) for each in re.findall(r"(-?\d+) (-?\d+)", drawn.paths[0][1])]
    assert {*spots} == {(0, HIGH // 2), (WIDE, HIGH // 2), (0, HIGH), (WIDE, HIGH)}
    assert [(each.text, each.angle) for each in drawn.labels] == [("Rue Basse", 0), ("Rue du Four", -90)]


@pytest.mark.parametrize("place", [Location(latitude=48.9, longitude=2.3), Location(latitude=-90, longitude=180)])
def test_what_lies_elsewhere_is_not_drawn(tmp_path, place):
    assert drawing_on(loaded(tmp_path, STREET))(place) is None
    assert drawing_on(None)(place) is None


def test_far_from_every_street_none_is_named(tmp_path):
    far = feature("street", "Rue Haute", (-500, 88), (-190, 88))
    drawn = drawing_on(loaded(tmp_path, far))(HERE)
    assert (drawn.street, drawn.metres) == (None, 0)


def test_a_dense_block_is_drawn_up_to_a_bound_and_its_streets_stay(tmp_path):
    houses = [
        feature("building", "", (n % 30, 5), (n % 30 + 2, 5), (n % 30, 9), geometry="Polygon") for n in range(900)
    ]
    drawn = drawing_on(loaded(tmp_path, *houses, STREET))(HERE)
    assert len(drawn.paths) == MOST_SHAPES
    assert drawn.paths[-1][0] == "street"


numbers = st.floats(-400, 400)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=8), st.sampled_from(["LineString", "Polygon"]))
def test_any_shape_is_drawn_or_left_out(points, geometry):
    shapes = {"features": [feature("green" if geometry == "Polygon" else "street", "Rue", *points, geometry=geometry)]}
    drawn = drawing_on(_map_of(shapes))(HERE)
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
    assert text.count('role="img" aria-label="Plan autour de la position envoyée\xa0: Rue Basse"') == 1
    pdf = (await browser.get(f"/demandes/{case.reference}/dossier.pdf")).text
    assert "Position envoyée\xa0: 47.640000, -0.920000 · Rue Basse, à 20 m" in pdf


async def test_streets_are_looked_for_where_places_are_drawn(sign_in, hall, monkeypatch):
    """A stranger sends as many positions as they like: each would cost the desk a drawing."""
    monkeypatch.setattr("agent_desk.entry.case_file_pages.MOST_STREETS", 3)
    case = await hall.open_case("place", text="Ici")
    for number in range(MOST_MAPS + 2):
        place = Location(latitude=HERE.latitude, longitude=HERE.longitude + number * METRE)
        content, at = InboundContent(sender=(), text="", location=place), case.received_at + timedelta(minutes=number)
        await hall.receive(case, content, message_id=str(number) * 32, at=at)
    browser = await sign_in("karim.haddad")
    page = (await browser.get(f"/demandes/{case.reference}")).text
    assert page.count("Position envoyée") == MOST_MAPS + 2
    assert page.count("· Rue Basse, à 20 m") == MOST_MAPS
    pdf = (await browser.get(f"/demandes/{case.reference}/dossier.pdf")).text
    assert pdf.count("· Rue Basse, à 20 m") == 3


degrees = st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 0.5), st.floats(0, 0.02))


@given(st.lists(degrees, max_size=6), degrees)
def test_the_grid_finds_what_a_look_at_every_shape_does(boxes, asked):
    shapes = [Shape("street", str(number), (), False, box(*each)) for number, each in enumerate(boxes)]
    west, south, east, north = box(*asked)
    found = [e for e in shapes if e.box[0] <= east and e.box[2] >= west and e.box[1] <= north and e.box[3] >= south]
    assert ShapeGrid(shapes).meeting((west, south, east, north)) == found


def box(west, south, wide, high):
    return (west, south, west + wide, south + high)


def test_a_shape_as_wide_as_the_world_is_found_everywhere():
    world = Shape("boundary", "", (), False, (-180.0, -90.0, 180.0, 90.0))
    assert ShapeGrid([world]).meeting((2.0, 48.0, 2.1, 48.1)) == [world]
    assert ShapeGrid([world]).meeting((-200.0, 89.9, 200.0, 90.0)) == [world]


@pytest.mark.parametrize("latitude", ["1e999", "null", "90.5", "-1e999", "1" + "0" * 400])
async def test_a_position_that_is_nowhere_leaves_its_message(sign_in, hall, latitude):
    """JSON that came, and JSON that was sealed before there was a bound: an infinity is a null in it."""
    content = InboundContent.model_validate_json(
        f'{{"sender": [], "text": "Au bout du monde", "location": {{"latitude": {latitude}, "longitude": 2}}}}'
    )
    case = await hall.open_case("place", text="Ici")
    await hall.receive(case, content, message_id="m" * 32, at=case.received_at)
    browser = await sign_in("karim.haddad")
    text = (await browser.get(f"/demandes/{case.reference}")).text
    assert "Au bout du monde" in text
    assert "Position envoyée" not in text
    assert "une position qui n’est nulle part sur la Terre" in text


def test_what_an_adapter_made_is_bounded_as_well():
    content = InboundContent(sender=(), text="", location=Location(latitude=math.nan, longitude=0))
    assert (content.location, content.remarks) == (None, (Remark.IMPOSSIBLE_PLACE,))
    assert InboundContent(sender=(), text="", location=Location(latitude=90, longitude=-180)).remarks == ()
    with pytest.raises(ValidationError):
        InboundContent.model_validate({"sender": (), "text": "", "location": {}, "remarks": None})


def test_the_example_town_has_a_map():
    assert drawing_on(load_town_map(EXAMPLE_TOWN))(HERE).street == "Rue Pasteur"


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
