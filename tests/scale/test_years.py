"""What a town of many cases is told: no two cases are called alike."""

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.handlers.cases.read_cases import is_reference
from tests.scale.sealing.years import reference_of
from tests.scale.size import USUAL

NUMBERS = st.integers(0, USUAL - 1)


@given(NUMBERS, NUMBERS)
def test_no_two_cases_of_a_year_have_one_reference(one: int, other: int) -> None:
    """A store of a million cases could not be filled: its sealers stopped at the first two of one name."""
    assert is_reference(reference_of(one, 2026))
    assert (reference_of(one, 2026) == reference_of(other, 2026)) == (one == other)
