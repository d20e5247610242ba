"""The stack gives each door its own key and lays down the public halves."""

import base64
from pathlib import Path

from guichet.privacy.signing.public_keys import read_folder
from guichet.privacy.signing.records import Signer
from guichet.town.third_parties import ThirdParty
from guichet_local.plan.environment import stack_values
from guichet_local.plan.ports import fixed_plan
from guichet_local.plan.public_keys import lay_public_keys
from guichet_local.plan.secrets import stack_makers
from guichet_testing.town.services import ACCOUNTS, SERVICES
from guichet_topology.environment import command_line_environment, service_environment
from guichet_topology.secrets import DOORS, MAKERS, signing_key_name

PORTS = fixed_plan({}, ACCOUNTS)
SECRETS = {name: make() for name, make in stack_makers(ACCOUNTS).items()}
VALUES = stack_values(Path("/srv/guichet"), PORTS, SECRETS, {}, ACCOUNTS)


def test_each_door_has_its_own_key_and_nobody_elses() -> None:
    seeds = {SECRETS[signing_key_name(door)] for door in DOORS}
    environments = {each.name: service_environment(each, VALUES, PORTS) for each in SERVICES}
    environments["guichet-cli"] = command_line_environment(VALUES)
    assert len(seeds) == len(DOORS)
    for name, environment in environments.items():
        own = {SECRETS[signing_key_name(name)]} if name in DOORS else set()
        assert seeds & set(environment.values()) == own, name


def test_public_halves_are_laid_down_once_and_older_ones_stay(tmp_path: Path) -> None:
    lay_public_keys(tmp_path, SECRETS)
    lay_public_keys(tmp_path, SECRETS)
    first = read_folder(tmp_path)
    assert {key.producer: key_id for key_id, key in first.items()} == {
        door: Signer(base64.b64decode(SECRETS[signing_key_name(door)])).key_id for door in DOORS
    }
    lay_public_keys(tmp_path, SECRETS | {signing_key_name("agent-desk"): MAKERS["GUICHET_SESSION_KEY"]()})
    assert first.items() <= read_folder(tmp_path).items()
    assert len(read_folder(tmp_path)) == len(DOORS) + 1


def test_a_third_party_s_host_has_a_key_as_long_as_the_town_has_its_channel(tmp_path: Path) -> None:
    pigeon, kite = (ThirdParty(name, (name,), takes_in=True, sends=False) for name in ("pigeon", "kite"))
    secrets = {name: make() for name, make in stack_makers([pigeon, kite]).items()}
    lay_public_keys(tmp_path, secrets, [pigeon.host, kite.host])
    of_two = read_folder(tmp_path)
    assert {key.producer for key in of_two.values()} == {*DOORS, "ingest-pigeon", "ingest-kite"}
    lay_public_keys(tmp_path, secrets, [kite.host])
    assert {key.producer for key in read_folder(tmp_path).values()} == {*DOORS, "ingest-kite"}
    lay_public_keys(tmp_path, secrets, [pigeon.host, kite.host])
    assert read_folder(tmp_path) == of_two  # what waited is believed again
