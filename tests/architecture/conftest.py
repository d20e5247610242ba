"""What parsing all of our code takes."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _parsed_in_one_go() -> Iterator[None]:
    """Collect no garbage meanwhile: what is collected may say how it failed, and that parses, too. CPython before 3.11.8
    then finds its own count wrong and raises SystemError (its issue 106905)."""
    gc.disable()
    yield
    gc.enable()
