"""What is typed into the search field is read, whatever it is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guichet.contracts.case_events import CaseState
from guichet.ids import CaseId
from guichet.privacy.tokens import make_reference
from guichet.search.phones import phones_in
from guichet.search.query import (
    LETTERS_AT_MOST,
    OPERATORS,
    STATES,
    TERMS_AT_MOST,
    FaultKind,
    InPlace,
    InSubject,
    QueryFault,
    SearchQuery,
    Somewhere,
    Who,
    read_query,
)
from guichet.search.references import parts_of_reference, reference_words
from guichet.search.stems import stems_of

ZOES_PHONE = "33639981234"  # ARCEP's numbers for fiction
TYPED = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            [
                '"',
                "«",
                "»",
                ":",
                " : ",
                "de:",
                "objet:",
                "est:",
                "service:",
                "lieu:",
                "autre:",
                "06 39 98 12 34",
                "-",
                " OU ",
                " -",
            ]
        ),
    )
).map("".join)


@given(TYPED)
@example("de:")
@example('"')
@example("est:«")
def test_any_text_is_a_query(text: str) -> None:
    query = read_query(text)
    assert len(query.terms) + len(query.named) + len(query.days) <= TERMS_AT_MOST
    assert (len(text) > LETTERS_AT_MOST) == (QueryFault(FaultKind.TOO_LONG) in query.faults)


@pytest.mark.parametrize("one", ["fuite ", "lieu:gare ", "agent:zoe ", "du:01/03/2026 "])
def test_words_and_operators_count_alike(one: str) -> None:
    assert read_query(one * TERMS_AT_MOST).faults == ()
    assert read_query(one * (TERMS_AT_MOST - 1) + "agent:moi au:hier").faults == (QueryFault(FaultKind.TOO_MANY_WORDS),)


def test_words_each_in_a_term_of_its_own() -> None:
    assert read_query("la fuite, rue Zola").terms == (
        Somewhere(stems_of("fuite"), ("fuite",)),
        Somewhere(stems_of("rue"), ("rue",)),
        Somewhere(stems_of("Zola"), ("zola",)),
    )


@pytest.mark.parametrize(
    "quoted", ['"nid de poule"', "«nid de poule»", "« nid de poule »", "“nid de poule”", '"nid de poule']
)
def test_what_stands_in_quotes_stays_together(quoted: str) -> None:
    [term] = read_query(quoted).terms
    assert term == Somewhere(stems_of("nid poule"), ("nid", "de", "poule"))


def test_nothing_but_words_that_stand_everywhere_looks_for_nothing() -> None:
    assert read_query(" de la  ").is_blank
    assert not read_query("de la fuite").is_blank


@pytest.mark.parametrize("typed", ["de:dupon", "De : Dupon", "DE: dupon", "de :dupon"])
def test_half_a_name(typed: str) -> None:
    assert read_query(typed).terms == (Who(("dupon",)),)


def test_a_name_of_two_words_in_quotes() -> None:
    assert read_query('de:"Le Gall" fuite').terms[0] == Who(("le", "gall"))


def test_days_are_kept_as_they_were_typed() -> None:
    query = read_query("du:01/03/2026 au: 2026-03-31 démarche:trou")
    assert query.days == (("du", "01/03/2026"), ("au", "2026-03-31"))
    assert query.named == (("demarche", "trou"),)
    assert not query.terms
    assert not query.faults
    assert not query.is_blank


def test_a_place_without_what_stands_in_every_name() -> None:
    assert read_query('lieu:"av. de la Gare"').terms == (InPlace(("avenue", "gare")),)
    assert read_query("lieu:la").is_blank


def test_the_subject() -> None:
    assert read_query("objet:fuites").terms == (InSubject(stems_of("fuite")),)


def test_a_department_as_it_is_typed() -> None:
    named = (("service", "espaces verts"), ("service", "voirie"))
    assert read_query('service:"Espaces verts" service:voirie').named == named


@pytest.mark.parametrize("state", STATES)
def test_each_state_that_is_offered_is_known(state: str) -> None:
    query = read_query(f'est:"{state}"')
    assert query.states
    assert query.faults == ()


def test_states_add_up() -> None:
    assert read_query("est:close est:reçue").states == {CaseState.CLOSED, CaseState.RECEIVED}


def test_a_state_that_nobody_knows() -> None:
    assert read_query("est:ailleurs").faults == (QueryFault(FaultKind.UNKNOWN_STATE, "ailleurs"),)


def test_an_operator_that_nobody_knows_is_said_and_not_looked_for() -> None:
    query = read_query("from:dupont")
    assert query.faults == (QueryFault(FaultKind.UNKNOWN_OPERATOR, "from"),)
    assert query.terms == ()


@pytest.mark.parametrize("text", ["https://mairie.example/x", "14:30", "bonjour : fuite", "urgent: fuite", "fuite:"])
def test_what_is_no_operator(text: str) -> None:
    assert read_query(text).faults == ()


@pytest.mark.parametrize(
    "writing",
    [
        "06 39 98 12 34",
        "0639981234",
        "06.39.98.12.34",
        "06-39-98-12-34",
        "+33 6 39 98 12 34",
        "+33639981234",
        "0033639981234",
        "+33 (0)6 39 98 12 34",
        "(06) 39 98 12 34",
    ],
)
def test_a_phone_number_in_any_writing_is_one_number(writing: str) -> None:
    for before, after in [("", ""), ("de:", ""), ("fuite ", " rue"), ("", ".")]:
        found = {term.phone for term in read_query(before + writing + after).terms if not isinstance(term, InSubject)}
        assert ZOES_PHONE in found


def test_what_may_be_a_number_is_looked_for_as_words_too() -> None:
    [term] = read_query("552 100 554").terms  # nine digits: of a company, or of a telephone
    assert isinstance(term, Somewhere)
    assert term.stems == ("552", "100", "554")


def test_numbers_in_a_text() -> None:
    text = "Appelez le 06 39 98 12 34 ou le +33 1 99 00 12 34, pas le 12 34 ; dossier 2026-1234-567."
    assert [phone.token for phone in phones_in(text)] == [ZOES_PHONE, "33199001234"]


@given(st.text(alphabet="0123456789+-.() /a\n", max_size=80))
def test_numbers_of_any_text(text: str) -> None:
    assert all(0 <= phone.start < phone.end <= len(text) for phone in phones_in(text))


def test_a_mail_address_stays_together() -> None:
    [term] = read_query("zoe.martin@mail.example").terms
    assert isinstance(term, Somewhere)
    assert term.names == ("zoe", "martin", "mail", "example")


@given(st.integers(min_value=0, max_value=2**64), st.integers(min_value=2020, max_value=2099))
def test_every_part_of_a_reference_finds_it(number: int, year: int) -> None:
    reference = make_reference(CaseId(f"{number:032x}"), year)
    kept = " ".join(reference_words(reference))
    _, first, last = reference.split("-")
    for typed in (reference, reference[:-1], reference[:7], f"{first}-{last}", f"{first}-", first, last, first.lower()):
        [term] = read_query(typed).terms
        assert isinstance(term, Somewhere)
        assert any(" ".join(part) in kept for part in term.references)


def test_a_reference_read_aloud() -> None:
    assert parts_of_reference("2026-7f3k-O1l") == (("y2026", "7f3k", "011"),)


def test_a_year_alone_is_no_part_that_every_case_has() -> None:
    [term] = read_query("2026").terms
    assert isinstance(term, Somewhere)
    assert term.references == (("2026",),)


def test_operators_are_these_alone() -> None:
    assert {*OPERATORS} == {*["de", "objet", "lieu", "est", "service", "demarche", "canal", "agent", "du", "au"]}
    assert read_query("") == SearchQuery()


@pytest.mark.parametrize(
    "typed", ["lampadaire -hugo", "lampadaire \u2212hugo", "-hugo lampadaire", 'lampadaire -"hugo"']
)
def test_a_minus_leaves_a_word_out(typed: str) -> None:
    query = read_query(typed)
    assert [term.names for term in query.each_term] == [("lampadaire",)]
    assert [term.names for term in query.without] == [("hugo",)]


@pytest.mark.parametrize("typed", ["nid-de-poule", "- fuite", "7F3K-29", '"trou"-feu', "06-39-98-12-34"])
def test_a_dash_that_leaves_nothing_out(typed: str) -> None:
    assert read_query(typed).without == ()


def test_either_of_some_words_past_those_that_stand_everywhere() -> None:
    for typed in ("trou OU feu rue", "trou OU de la feu rue", "OU trou OR feu rue OU"):
        either, rue = read_query(typed).terms
        assert [term.names for term in either.terms] == [("trou",), ("feu",)]
        assert rue.names == ("rue",)
    assert len(read_query("trou ou feu").terms) == len(read_query('trou "OU" feu').terms) == 2


@pytest.mark.parametrize("typed", ["trou OU est:close", "est:close OU trou", "trou OU -feu"])
def test_what_nobody_can_join_is_said(typed: str) -> None:
    assert read_query(typed).faults == (QueryFault(FaultKind.NOT_BETWEEN_WORDS),)


@pytest.mark.parametrize(("typed", "said"), [("trou -service:voirie", "service"), ("-état:close", "état")])
def test_what_is_not_left_out_is_said(typed: str, said: str) -> None:
    assert read_query(typed).faults == (QueryFault(FaultKind.NOT_LEFT_OUT, said),)


@pytest.mark.parametrize("typed", ["est:nonlu", 'est:"non lue"', "est:NonLus"])
def test_what_is_unread_is_asked_for_beside_words_or_alone(typed: str) -> None:
    assert read_query(typed).unread
    assert not read_query(typed).is_blank
    assert read_query(f"fuite {typed} est:close").states == {CaseState.CLOSED}
