import pytest

from guichet_local.errors import PortTakenError
from guichet_local.port_plan import FIXED, check_free, fixed_plan, free_plan, setting_of


def test_the_table_is_the_documented_one() -> None:
    assert fixed_plan({})["agent-desk"] == 8000
    assert fixed_plan({})["ingest-email-lmtp"] == 8024


def test_a_setting_moves_one_port() -> None:
    moved = fixed_plan({"GUICHET_LOCAL_AGENT_DESK_PORT": "18000"})
    assert moved == {**FIXED, "agent-desk": 18000}


@pytest.mark.parametrize("text", ["eighty", "", "0", "65536", "-1"])
def test_a_setting_that_is_no_port_is_named(text: str) -> None:
    with pytest.raises(PortTakenError, match="GUICHET_LOCAL_KAFKA_PORT"):
        fixed_plan({"GUICHET_LOCAL_KAFKA_PORT": text})


def test_free_ports_are_all_different() -> None:
    assert len(set(free_plan().values())) == len(FIXED)


@pytest.mark.parametrize("name", FIXED)
def test_every_port_that_is_taken_is_named_with_its_setting(name: str) -> None:
    with pytest.raises(PortTakenError) as error:
        check_free(dict(FIXED), is_free=lambda port: port != FIXED[name])
    assert setting_of(name) in str(error.value)
    assert "\n" not in str(error.value)
