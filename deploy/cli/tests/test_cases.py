"""An operator learns from an alarm's cause which department to tell, and of which case."""

from typing import Any

import pytest
from typer.testing import CliRunner

from guichet.ids import CaseId
from guichet_cli.__main__ import app
from guichet_cli.cases import command as cases
from guichet_testing.builders.case import a_case
from guichet_testing.twins.store.cases.store import InMemoryCaseStore


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> InMemoryCaseStore:
    store = InMemoryCaseStore()

    async def find(wanted: Any) -> Any:
        return await cases.find_cases(store, wanted)

    monkeypatch.setattr(cases, "_find", find)
    return store


def find(*names: str) -> Any:
    return CliRunner().invoke(app, ["cases", "find", *names])


async def test_no_alarm_s_cause_leads_to_nothing_that_a_department_knows(store: InMemoryCaseStore) -> None:
    case = a_case()
    await store.insert_new([case])
    assert [*await cases.find_cases(store, [case.case_id, CaseId("unknown")])] == [case]


async def test_a_case_under_erasure_is_shown_to_no_operator(store: InMemoryCaseStore) -> None:
    case = a_case().model_copy(update={"erasing": True})
    await store.insert_new([case])
    assert await cases.find_cases(store, [case.case_id]) == []


def test_a_case_that_is_not_there_is_named(store: InMemoryCaseStore) -> None:
    told = find("5E77")
    assert (told.exit_code, "no case 5e77" in told.output) == (1, True)
