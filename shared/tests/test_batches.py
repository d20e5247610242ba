from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.batches import batched


@settings(deadline=None)
@given(st.lists(st.integers()), st.integers(1, 9))
def test_every_value_comes_once_in_its_order(values: list[int], size: int) -> None:
    batches = list(batched(iter(values), size))
    assert [value for batch in batches for value in batch] == values
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)
