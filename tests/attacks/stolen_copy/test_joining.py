"""The join finder finds planted joins and nothing else: a search that finds nothing proves nothing."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from guichet.ids import derive_id
from tests.attacks.stolen_copy.joins import Piece, common_values, not_by_chance, way_between

AT = datetime(2026, 3, 2, 9, 15, 7, 123456, UTC)
TAG = "0123456789abcdef" * 2


def a_case(name, sector, **more):
    return Piece("cases", name, {"_id": derive_id("test", name), "state": "in_progress", "sector": sector, **more})


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({"participants": [TAG]}, {"participants": ["other", TAG]}),
        ({"seen_at": AT}, {"seen_at": AT.replace(microsecond=123000)}),
        ({"seen_at": AT}, {"seen_at": "2026-03-02T09:15:07.123456Z"}),
        ({"seen_at": AT}, {"seen_at": "2026-03-02T10:15:07.123+01:00"}),
        ({"size": 48211}, {"files": [{"size": 48211}]}),
        ({"digest": bytes.fromhex(TAG)}, {"digest": TAG}),
        ({"box": b"\x00\xff" * 16}, {"box": base64.b64encode(b"\x00\xff" * 16).decode()}),
        ({"sent": {TAG: "delivered"}}, {"message": TAG}),
        ({"link": f"messages/{TAG}/1"}, {"message": TAG}),
        ({"opened_by": TAG}, {"anchor": derive_id("own-anchor", TAG)}),
        ({"told": "your request 2026-7F3K-29Q"}, {"reference": "2026-7F3K-29Q"}),
    ],
)
def test_a_value_that_stands_in_both_joins(here, there):
    one, other = a_case("one", "roads", **here), a_case("other", "social", **there)
    way = way_between([one], [other], [one, other], common=())
    assert way is not None
    assert len(way) == 1


def test_a_document_that_names_both_joins_them():
    one, other = a_case("one", "roads"), a_case("other", "social")
    claims = Piece("threads", "anchor", {"claims": [{"case_id": each.content["_id"]} for each in (one, other)]})
    way = way_between([one], [other], [one, claims, other], common={"in_progress"})
    assert [step.ends for step in way] == [
        (("cases", "_id"), ("threads", "claims.case_id")),
        (("threads", "claims.case_id"), ("cases", "_id")),
    ]


def test_what_other_people_s_papers_say_too_joins_nothing():
    mine, hers = a_case("one", "roads", routing="keyword"), a_case("other", "social", routing="keyword")
    neighbour = a_case("neighbour", "roads", routing="keyword")
    common = common_values({"me": [mine, hers], "neighbour": [neighbour]})
    assert way_between([mine], [hers], [mine, hers, neighbour], common) is None
    assert way_between([mine], [hers], [mine, hers, neighbour], common=()) is not None


def test_what_is_declared_to_join_is_left_out_at_both_ends():
    one, other = a_case("one", "roads", size=48211), a_case("other", "social", size=48211)
    assert way_between([one], [other], [one, other], {"in_progress"}) is not None
    assert way_between([one], [other], [one, other], {"in_progress"}, {("cases", "size")}) is None


def test_papers_that_share_nothing_are_not_joined():
    one, other = a_case("one", "roads", at=AT), a_case("other", "social", at=AT + timedelta(milliseconds=1))
    assert way_between([one], [other], [one, other], common={"in_progress"}) is None


def test_one_moment_in_two_papers_of_one_person_alone_is_chance_and_of_all_a_join():
    def over_a_moment(who, path):
        one, other = a_case(f"{who}-roads", "roads", seen_at=AT), a_case(f"{who}-social", "social", **{path: AT})
        return way_between([one], [other], [one, other], common={"in_progress"})

    mine, hers, theirs = (
        over_a_moment("me", "seen_at"),
        over_a_moment("her", "seen_at"),
        over_a_moment("them", "told_at"),
    )
    assert not_by_chance([mine], [theirs]) == []
    assert not_by_chance([mine], [theirs, hers]) == [mine]
    one, other = a_case("one", "roads", tag=TAG), a_case("other", "social", tag=TAG)
    tagged = way_between([one], [other], [one, other], common={"in_progress"})
    assert not_by_chance([tagged], []) == [tagged], "an id needs no second person"
