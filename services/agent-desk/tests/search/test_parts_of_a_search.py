"""What a search is made of, each by itself: its address, the piece of text that is shown, departments, a probe."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.cases.case_query import CaseQuery
from agent_desk.domain.cases.list_filters import Filters
from agent_desk.domain.cases.listed_states import EXACT
from agent_desk.domain.search.address import PATH, WORD, Asked, SearchAddresses
from agent_desk.domain.search.as_typed import as_typed
from agent_desk.domain.search.excerpt import LENGTH, Part, excerpt, marked, wanted_in_name, wanted_in_text
from agent_desk.domain.search.filters import read_narrowing
from agent_desk.domain.search.names import Names
from agent_desk.domain.search.probe import BEHIND_AFTER, newest_to_be_there
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import View
from guichet.contracts.case_events import CaseDestroyed, CaseOpened, CaseRerouted, CaseState
from guichet.ids import AgentId, DepartmentId, ProcedureId, SectorId
from guichet.search.places import place_words
from guichet.search.query import LETTERS_AT_MOST, TERMS_AT_MOST, FaultKind, InPlace, QueryFault, read_query
from guichet.search.words import words_of
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town

ADDRESSES = SearchAddresses(b"k" * 32)
STREETS = SectorId("voirie-espace-public")
TOWN = the_example_town()
FACTS = TOWN.facts


def sealed(address: str) -> str:
    return address.removeprefix(f"{PATH}?{WORD}=")


@given(st.text(max_size=300))
def test_an_address_bears_no_word_and_leads_back_in_its_session_alone(typed: str) -> None:
    asked = Asked(typed=typed, before={STREETS: 7})
    address = ADDRESSES.of(asked, "session")
    assert len(typed) < 4 or typed not in address
    assert ADDRESSES.read(sealed(address), "session") == asked
    assert ADDRESSES.read(sealed(address), "another") is None
    assert SearchAddresses(b"x" * 32).read(sealed(address), "session") is None


@pytest.mark.parametrize("given_", ["", "x", "é", "A" * 40, "A" * 100_000, "!!!", "lampadaire"])
def test_what_no_desk_sealed_asks_for_nothing(given_: str) -> None:
    assert ADDRESSES.read(given_, "session") is None


def shown(typed: str, text: str) -> str:
    return "".join(
        f"[{part.text}]" if part.is_found else part.text for part in excerpt(text, wanted_in_text(read_query(typed)))
    )


@pytest.mark.parametrize(
    ("typed", "text", "expected"),
    [
        ("fuite", "Deux Fuites d’eau", "Deux [Fuites] d’eau"),
        ("ecole", "devant l’École Jules-Ferry", "devant l’[École] Jules-Ferry"),
        ('"rue des lilas"', "la rue des Lilas", "la [rue] des [Lilas]"),
        ("06 39 98 12 34", "Tél. +33 6 39 98 12 34, merci", "Tél. [+33 6 39 98 12 34], merci"),
        ("de:moreau", "Moreau passe", "Moreau passe"),
        ("objet:trou", "un trou", "un [trou]"),
        ("fuite", "", ""),
        ("absent", "rien de cela\n\nici", "rien de cela ici"),
    ],
)
def test_what_was_looked_for_is_marked(typed: str, text: str, expected: str) -> None:
    assert shown(typed, text) == expected


def test_a_piece_of_a_long_text_is_around_the_first_word() -> None:
    piece = shown("fuite", "avant " * 100 + "fuite " + "après " * 100)
    assert piece.startswith("…\u00a0avant ")
    assert piece.endswith("après\u00a0…")
    assert "[fuite]" in piece
    assert len(piece) < LENGTH + 20


@given(st.text(max_size=400), st.text(max_size=60))
def test_whatever_is_marked_no_letter_of_it_is_lost(text: str, typed: str) -> None:
    query = read_query(typed)
    for wanted in (wanted_in_text(query), wanted_in_name(query)):
        assert "".join(part.text for part in marked(text, wanted)) == text
    assert excerpt(text, wanted_in_text(query)) is not None


def test_a_name_is_marked_by_its_beginning() -> None:
    assert marked("Jeanne Moreau", wanted_in_name(read_query("de:mor"))) == (Part("Jeanne "), Part("Moreau", True))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("voirie", {"voirie"}), ("etat civ", {"etat-civil"}), ("ccas", {"ccas"}), ("piscine", set()), ("", set())],
)
def test_a_department_is_meant_by_words_of_its_name(typed: str, expected: set[str]) -> None:
    names = {each: (department.name,) for each, department in the_example_town().departments.items()}
    assert Names(names).called(typed) == expected


def test_who_types_a_whole_name_means_no_longer_one() -> None:
    names = Names({"voirie": ("Voirie",), "voirie-nord": ("Voirie du nord",)})
    assert names.called("voirie") == {"voirie"}
    assert names.called("voirie nord") == names.called("nord") == {"voirie-nord"}
    assert names.called("voi") == {"voirie", "voirie-nord"}


def test_names_of_which_no_word_begins_so_are_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_through = list[tuple[str, ...]]()
    monkeypatch.setattr(
        "agent_desk.domain.search.names._begin_so", lambda _, words: looked_through.append(words) or False
    )
    Names({AgentId("agent-1"): ("Zoé Martin",), AgentId("agent-2"): ("Ali Zidane",)}).called("zid ali")
    assert looked_through == [("ali", "zidane"), ("agent", "2")]


def test_of_many_names_that_are_typed_each_colleague_is_folded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    folded = list[str]()
    monkeypatch.setattr("agent_desk.domain.search.names.words_of", lambda name: folded.append(name) or words_of(name))
    karim = TOWN.staff.by_id[AgentId("agent-12")]
    visitor = Visitor(karim, TOWN.scope_of(karim, ARRIVED.date()), "session", "token", "fr", TOWN.staff.names)
    typed = " ".join(f"agent:x{nth}" for nth in range(TERMS_AT_MOST))
    _, unknown = read_narrowing(read_query(typed), TOWN, visitor, (karim.agent_id,))
    assert len(unknown) == TERMS_AT_MOST
    assert len(folded) <= 2 * len(visitor.colleagues) + 1, "a name and an id of each, and « moi »"


def an_event(kind: type, case: str, minutes: float = 0) -> CaseOpened | CaseRerouted | CaseDestroyed:
    """Only what a probe looks at."""
    return kind.model_construct(case_id=case, sector=STREETS, occurred_at=ARRIVED + timedelta(minutes=minutes))


def test_a_probe_is_the_newest_case_that_must_be_there() -> None:
    now = ARRIVED + timedelta(minutes=10)
    old, moved, gone = (an_event(CaseOpened, name) for name in ("old", "moved", "gone"))
    new = an_event(CaseOpened, "new", 10 - BEHIND_AFTER.total_seconds() / 120)
    events = [old, moved, an_event(CaseRerouted, "moved"), gone, an_event(CaseDestroyed, "gone"), new]
    assert newest_to_be_there(events, STREETS, now) == "old"
    assert newest_to_be_there(events, SectorId("social"), now) is None
    assert newest_to_be_there([], STREETS, now) is None
    assert newest_to_be_there(events, STREETS, now + BEHIND_AFTER) == "new"


def test_a_list_that_is_narrowed_to_a_place_is_a_search_that_could_be_typed() -> None:
    """What the form leads to is read as what was chosen."""
    chosen = Filters(
        department=DepartmentId("voirie"),
        procedure=ProcedureId("nid-de-poule"),
        channel="sms",
        agent=AgentId("agent-12"),
        since=date(2026, 3, 1),
        until=date(2026, 3, 31),
    )
    listed = CaseQuery(EXACT, state="closed", filters=chosen)
    query = read_query(as_typed(listed, ' rue "des" Lilas ', {AgentId("agent-12"): "Karim Haddad"}, FACTS))
    assert query.terms == (InPlace(("rue", "lilas")),)
    assert query.states == {CaseState.CLOSED}
    named = {"service": "voirie", "demarche": "nid de poule", "canal": "sms", "agent": "karim haddad"}
    assert dict(query.named) == named
    assert dict(query.days) == {"du": "2026-03-01", "au": "2026-03-31"}
    assert not query.faults


def test_a_place_is_cut_where_it_would_make_the_search_too_long() -> None:
    chosen = Filters(
        department=DepartmentId("d" * 60), procedure=ProcedureId("p" * 60), agent=AgentId("a"), since=date(2026, 3, 1)
    )
    place = "rue du Général-de-Gaulle " * 8
    typed = as_typed(CaseQuery(EXACT, filters=chosen), place, {AgentId("a"): "Anne " * 12}, FACTS)
    assert len(typed) == LETTERS_AT_MOST
    query = read_query(typed)
    assert query.faults == ()
    [term] = query.terms
    assert term == InPlace(place_words(place[: typed.index('" ') - len('lieu:"')]))
    assert len(query.named) == 3
    too_long = as_typed(CaseQuery(EXACT, filters=chosen), place, {AgentId("a"): "Anne " * 60}, FACTS)
    assert QueryFault(FaultKind.TOO_LONG) in read_query(too_long).faults


def test_a_place_of_words_that_stand_everywhere_looks_for_nothing() -> None:
    assert read_query(as_typed(CaseQuery(EXACT), "de la", {}, FACTS)).is_blank


def test_views_that_a_search_knows_are_kept() -> None:
    assert read_query(as_typed(CaseQuery(EXACT, view=View.UNREAD), "gare", {}, FACTS)).unread
    assert read_query(as_typed(CaseQuery(EXACT, view=View.MINE), "gare", {}, FACTS)).named == (("agent", "moi"),)
