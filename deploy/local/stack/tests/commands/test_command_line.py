import pytest

from guichet_local.commands.guichet import command_environment
from guichet_local.errors import NotRunningError
from guichet_local.plan.secrets import load_or_make_secrets


def test_before_the_first_start_it_says_what_to_do(tmp_path):
    with pytest.raises(NotRunningError, match="make run"):
        command_environment(tmp_path, {}, {}, [])


def test_the_command_gets_the_stack_s_keys_and_addresses_and_nothing_of_the_caller_s(tmp_path):
    secrets = load_or_make_secrets(tmp_path / "secrets")
    caller = {"PATH": "/usr/bin", "GUICHET_LOCAL_KAFKA_PORT": "19092", "MY_OWN": "secret"}
    environment = command_environment(tmp_path, caller, {}, ["dead-letters", "list"])
    assert environment["GUICHET_REGISTRY_KEY"] == secrets["GUICHET_REGISTRY_KEY"]
    assert environment["GUICHET_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:19092"
    assert environment["PATH"] == "/usr/bin"
    assert "MY_OWN" not in environment
