"""That what was inserted beside duplicates is there to stay."""

import asyncio
from typing import Any

import pytest
from pymongo import errors

from guichet.errors import TransientError
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import translated

DUPLICATE = {"index": 0, "code": 11000, "keyPattern": {"_id": 1}}


class Answers:
    """A collection that refuses a duplicate. concerns: what it says of the write concern."""

    def __init__(self, concerns: list[dict[str, Any]]) -> None:
        self._details = {"writeErrors": [DUPLICATE], "writeConcernErrors": concerns}

    async def insert_many(self, _documents: Any, **_options: Any) -> None:
        raise errors.BulkWriteError(self._details)


def inserted(concerns: list[dict[str, Any]]) -> Any:
    async def insert() -> Any:
        with translated():
            return await insert_new(Answers(concerns), [{"_id": "old"}, {"_id": "new"}])  # type: ignore[arg-type]

    return asyncio.run(insert())


def test_a_duplicate_is_a_success() -> None:
    assert inserted([]) == [DUPLICATE]


@pytest.mark.parametrize("code", [64, 91, 189, 11602])
def test_what_an_election_may_take_back_is_tried_again_though_others_are_duplicates(code: int) -> None:
    with pytest.raises(TransientError):
        inserted([{"code": code, "errmsg": "no majority has it"}])
