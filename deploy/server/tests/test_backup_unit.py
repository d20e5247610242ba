"""The unit that runs every night by itself: told what the command reads, and no more; kept in as services are."""

import inspect
from typing import Final

from guichet.runtime.settings import SettingsGroup
from guichet_cli.backup import command
from guichet_server.layout import environment_file, unit_name
from guichet_server.render.everything import UNITS, files_of
from guichet_testing.server_files import FILES, SECRETS, SETTINGS, TOWN
from guichet_topology.env_file import read_env

UNIT: Final = f"{UNITS}/{unit_name('backup')}"
OF_EVERY_PROCESS: Final = {"GUICHET_LOG_LEVEL", "GUICHET_CLOCK_FILE"}
READ: Final = {
    f"GUICHET_{field.upper()}"
    for _, group in inspect.getmembers(command, inspect.isclass)
    if issubclass(group, SettingsGroup)
    for field in group.model_fields
}
TOLD: Final = read_env(FILES[environment_file("backup")].text, file="backup.env")


def test_it_is_told_what_the_command_reads_and_of_keys_the_root_s_place_alone() -> None:
    """A backup of the vault counts once the root key has opened it."""
    assert TOLD.keys() <= READ | OF_EVERY_PROCESS
    assert [name for name in TOLD if "KEY" in name] == ["GUICHET_ROOT_KEY_FILE"]


def test_what_a_town_sets_for_it_reaches_it() -> None:
    wish = {"GUICHET_BACKUPS_KEPT_FOR": "P20D", "GUICHET_VAULT_BACKUPS": "/srv/vault"}
    files = files_of(TOWN, SETTINGS | wish, SECRETS)
    told = read_env(files[environment_file("backup")].text, file="backup.env")
    assert {name: told[name] for name in wish} == wish
    assert "/srv/vault" in files[UNIT].text


def test_it_reaches_no_other_machine_where_all_is_on_this_one() -> None:
    assert "IPAddressDeny=any" in FILES[UNIT].text
    for elsewhere in ({"GUICHET_OBJECTS_URL": "s3://town/files"}, {"MONGODB_ADDRESS": "db.mairie.example:27017"}):
        assert "IPAddressDeny" not in files_of(TOWN, SETTINGS | elsewhere, SECRETS)[UNIT].text


def test_a_night_that_was_missed_is_made_up_for_once_servers_run() -> None:
    [after] = [line for line in FILES[UNIT].text.splitlines() if line.startswith("After=")]
    assert {unit_name("kafka"), unit_name("mongod")} <= {*after.partition("=")[2].split()}
