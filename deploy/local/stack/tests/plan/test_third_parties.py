"""Nobody but a third party's own processes is given its secrets, and these are given nobody else's."""

from pathlib import Path
from urllib.parse import quote

import pytest

from guichet.town.third_parties import ThirdParty
from guichet_local.plan.environment import stack_values
from guichet_local.plan.ports import fixed_plan
from guichet_local.plan.secrets import load_or_make_secrets, stack_makers
from guichet_testing.town.services import ACCOUNTS as OWN_ACCOUNTS
from guichet_topology.environment import command_line_environment, service_environment
from guichet_topology.secrets import MAKERS, parse
from guichet_topology.services import Service
from guichet_topology.third_parties import services_of, services_with

PARTY = ThirdParty("pigeon", ("pigeon",), takes_in=True, sends=True)
ACCOUNTS = [*OWN_ACCOUNTS, PARTY]
PORTS = fixed_plan({}, ACCOUNTS)
SECRETS = {name: f"secret of {name}" for name in stack_makers(ACCOUNTS)}
OWN = services_with(ACCOUNTS)
VALUES = stack_values(Path("/srv/guichet"), PORTS, SECRETS, {"GUICHET_PIGEON_SECRET": "coo"}, ACCOUNTS)
THEIRS = {each.name for each in services_of(PARTY)}


def environment(service: Service) -> dict[str, str]:
    return service_environment(service, VALUES, PORTS)


def secrets_in(given: dict[str, str]) -> set[str]:
    """The names under which the stack keeps what stands in an environment, alone or in a connection string."""
    text = "\n".join(given.values())
    return {name for name, value in SECRETS.items() if value in given.values() or quote(value, safe="") in text}


def test_a_host_has_keys_and_users_of_its_own_and_no_other_secret() -> None:
    [host] = [each for each in OWN if each.name == "ingest-pigeon"]
    assert secrets_in(environment(host)) == {
        "GUICHET_MESSAGE_ID_KEY_OF_INGEST_PIGEON",
        "GUICHET_INGEST_PSEUDONYM_KEY_OF_INGEST_PIGEON",
        "GUICHET_SIGNING_KEY_OF_INGEST_PIGEON",
        "KAFKA_PASSWORD_INGEST_PIGEON",
        "MONGODB_PASSWORD_INGEST_PIGEON",
    }
    assert environment(host)["GUICHET_KAFKA_USERNAME"] == "ingest-pigeon"
    assert environment(host)["GUICHET_MONGODB_URI"].startswith("mongodb://ingest-pigeon:")
    assert environment(host)["GUICHET_PIGEON_SECRET"] == "coo"
    assert environment(host)["GUICHET_CHANNELS"] == "pigeon"
    assert environment(host)["GUICHET_CHANNEL_PACKAGES"] == "/srv/guichet/channels"


def test_a_sender_has_no_user_no_key_and_no_secret_but_its_provider_s() -> None:
    [sender] = [each for each in OWN if each.name == "sender-pigeon"]
    given = environment(sender)
    assert secrets_in(given) == set()
    assert not [name for name in given if "KAFKA" in name or "MONGODB" in name or "KEY" in name]
    assert (given["GUICHET_LANE"], given["GUICHET_PIGEON_SECRET"]) == ("pigeon", "coo")


@pytest.mark.parametrize("service", OWN, ids=lambda service: service.name)
def test_only_a_third_party_s_processes_are_given_its_secrets(service: Service) -> None:
    given = environment(service)
    if service.name not in THEIRS:
        assert not [name for name in secrets_in(given) if name.endswith("_PIGEON")]
    if service.name not in THEIRS | {"citizen-sandbox"}:  # which plays their provider, and runs their tile
        assert not {"GUICHET_PIGEON_SECRET", "GUICHET_CHANNELS", "GUICHET_CHANNEL_PACKAGES"} & set(given)


def test_without_third_parties_the_stack_makes_no_secret_more() -> None:
    assert stack_makers([]) == MAKERS


def test_a_third_party_s_secrets_are_made_when_it_comes_and_kept(tmp_path: Path) -> None:
    before = load_or_make_secrets(tmp_path)
    with_it = load_or_make_secrets(tmp_path, [PARTY])
    assert with_it.items() > before.items()
    assert parse((tmp_path / "secrets.env").read_text()) == with_it == load_or_make_secrets(tmp_path, [PARTY])


def test_the_console_looks_at_a_third_party_s_host() -> None:
    targets = dict(each.split("=") for each in VALUES["GUICHET_OPS_TARGETS"].split(","))
    assert "sender-pigeon" in targets
    assert targets["ingest-pigeon"] == f"http://127.0.0.1:{PORTS['ingest-pigeon-health']}"


def test_the_sandbox_stands_where_a_third_party_s_provider_would() -> None:
    assert VALUES["GUICHET_PIGEON_API_URL"] == VALUES["GUICHET_TWILIO_API_URL"]
    host = f"http://127.0.0.1:{PORTS['ingest-pigeon']}"
    assert VALUES["GUICHET_PIGEON_PUBLIC_URL"] == host
    [sandbox] = [each for each in OWN if each.name == "citizen-sandbox"]
    assert environment(sandbox)["GUICHET_SANDBOX_PIGEON_WEBHOOK_URL"] == f"{host}/webhooks/pigeon"


def test_a_command_that_has_a_channel_s_code_run_knows_what_that_needs_and_no_other_does() -> None:
    for words in (["channels", "check", "pigeon"], ["dead-letters", "replay"]):
        given = command_line_environment(VALUES, words, [PARTY])
        assert given["GUICHET_PIGEON_SECRET"] == "coo"
        assert not [name for name in secrets_in(given) if name.endswith("_PIGEON")]
    assert "GUICHET_PIGEON_SECRET" not in command_line_environment(VALUES, ["erase"], [PARTY])


def test_a_command_knows_where_packages_lie_and_no_third_party_s_secret() -> None:
    given = command_line_environment(VALUES, ["channels", "enable"])
    assert given["GUICHET_CHANNEL_PACKAGES"] == "/srv/guichet/channels"
    assert not [name for name in given if "PIGEON" in name]


def test_a_setting_moves_the_port_of_a_third_party() -> None:
    assert fixed_plan({"GUICHET_LOCAL_INGEST_PIGEON_PORT": "18100"}, [PARTY])["ingest-pigeon"] == 18100
