"""Of which transfer the person was told, and of which moment a day is that an agent gives."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.transfer.transfer_form import is_announced, is_under_way, moment_of, passed_on, transfer_form
from agent_desk.domain.typed_day import typed_day
from guichet.contracts.legal_facts import StatedFact
from guichet.law.calendar import paris_date
from guichet_testing.builders.case import ARRIVED, a_case

MINUTE = timedelta(minutes=1)


def case_with(*facts):
    return a_case("passed-on").model_copy(update={"facts": facts})


def test_who_was_told_of_a_transfer_that_was_a_mistake_is_told_of_the_next_one():
    wrong = StatedFact(event="transferred", at=ARRIVED, to="Région")
    announced = StatedFact(event="transfer-announced", at=ARRIVED + MINUTE)
    assert is_announced(case_with(wrong, announced))
    withdrawn = StatedFact(event="withdrawn", at=ARRIVED + 2 * MINUTE, what=wrong)
    right = StatedFact(event="transferred", at=ARRIVED + 3 * MINUTE, to="Préfecture")
    assert passed_on(case_with(wrong, announced, withdrawn)) is None
    again = case_with(wrong, announced, withdrawn, right)
    assert passed_on(again) == right
    assert not is_announced(again)


def test_what_was_said_of_another_authority_announces_no_transfer_of_an_earlier_day():
    wrong = StatedFact(event="transferred", at=ARRIVED + MINUTE, to="Région")
    announced = StatedFact(event="transfer-announced", at=ARRIVED + 2 * MINUTE)
    withdrawn = StatedFact(event="withdrawn", at=ARRIVED + 3 * MINUTE, what=wrong)
    right = StatedFact(event="transferred", at=ARRIVED, to="Préfecture")
    case = case_with(wrong, announced, withdrawn, right)
    assert not is_announced(case)
    assert not is_under_way(case.model_copy(update={"facts": (wrong, withdrawn, right), "leaving": {"l": announced}}))
    again = StatedFact(event="transfer-announced", at=ARRIVED + 4 * MINUTE)
    assert is_announced(case_with(wrong, announced, withdrawn, right, again))
    same_place = right.model_copy(update={"to": "Région"})
    assert is_announced(case_with(wrong, announced, withdrawn, same_place)), "of another day, and told already"


MOMENTS = st.timedeltas(timedelta(), timedelta(days=400)).map(lambda since: ARRIVED + since)


@given(MOMENTS, MOMENTS, st.data())
def test_a_day_is_a_moment_of_that_day_neither_before_the_receipt_nor_to_come(one, other, data):
    received_at, now = sorted((one, other))
    day = data.draw(st.dates(paris_date(received_at), paris_date(now)))
    at = moment_of(day, received_at, now)
    assert received_at <= at <= now
    assert paris_date(at) == day


FIRST, LAST = paris_date(ARRIVED), paris_date(ARRIVED + timedelta(days=3))
AROUND = st.dates(FIRST - timedelta(days=2), LAST + timedelta(days=2))


@given(AROUND, AROUND, st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", " %d.%m.%Y"]))
def test_a_day_is_taken_from_the_receipt_to_today_and_no_other(day, stated_on, form):
    sent = {"day": day.strftime(form), "stated_on": stated_on.strftime(form)}
    typed = transfer_form(sent, ARRIVED, ARRIVED + timedelta(days=3))
    assert (typed_day(typed.day), typed_day(typed.stated_on)) == (day, stated_on)
    days = {"day": day, "stated_on": stated_on}
    early = {name: "before" for name, each in days.items() if each < FIRST}
    late = {name: "in-the-future" for name, each in days.items() if each > LAST}
    assert typed.errors == early | late


@given(st.text().filter(lambda text: typed_day(text.strip()[:10]) is None), st.text(max_size=1_001))
def test_what_is_no_day_is_said_so_and_the_words_stay(typed_in, words):
    typed = transfer_form({"day": typed_in, "words": words}, ARRIVED, ARRIVED)
    assert typed.words == words
    assert typed.errors == {"day": "unreadable", **({"words": "long"} if len(words) > 1_000 else {})}
