"""Each page of the desk hangs in the gallery, in the states that it may be in; none is there that is gone."""

from collections import Counter

from guichet_testing.doors.beside_a_provider import a_client
from guichet_testing.doors.desk_on_twins import TownHall
from tests.gallery.camera import Picture
from tests.gallery.contact_sheet import contact_sheet, sheet_name
from tests.gallery.exhibit import WIDTHS
from tests.gallery.hung import DEMANDED, EXHIBITS, NO_PAGE
from tests.rights.route_rules import routes_of

SEEN = {(each.state, each.route) for each in EXHIBITS}


def test_each_page_of_the_desk_hangs_there() -> None:
    there = {*routes_of(TownHall(client=a_client("https://x.example", "http://desk.test", "secret")).web())}
    read, hung = {route for route in there if route.startswith("GET")}, {each.route for each in EXHIBITS}
    assert read - hung - NO_PAGE == set(), "a new page: let it hang in tests/gallery/scenes, in each state that it has"
    assert (hung | NO_PAGE) - there == set(), "a page that is gone"
    assert hung & NO_PAGE == set()


def test_each_page_is_seen_in_the_states_that_it_must_be_seen_in() -> None:
    demanded = {(state, route) for state, routes in DEMANDED.items() for route in routes}
    assert demanded - SEEN == set()


def test_no_picture_takes_the_place_of_another() -> None:
    assert [name for name, times in Counter(each.name for each in EXHIBITS).items() if times > 1] == []


def test_a_contact_sheet_shows_each_picture_and_what_was_found() -> None:
    width, *others = WIDTHS
    pictures = [Picture(each, width, f"{each.name}.png", ("axe: <b>",)) for each in EXHIBITS[:2]]
    sheet = contact_sheet(width, pictures, others)
    assert all(f'src="{each.file}"' in sheet for each in pictures)
    assert "axe: &lt;b&gt;" in sheet
    assert all(f'href="{sheet_name(each)}"' in sheet for each in others)
