"""`.env.example` explains every variable that a service reads, and no other."""

import importlib
import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

import guichet.migrations.context as migration_settings
import guichet.runtime.settings as shared_settings

ROOT = Path(__file__).parents[3]
PACKAGES = sorted(path.name.replace("-", "_") for path in (ROOT / "services").iterdir() if path.is_dir())
PACKAGES.append("notifier_sender")
CHANNELS = sorted(path.parent.name for path in (ROOT / "shared" / "channels").glob("*/guichet_*/settings.py"))


def variables_of(group: type[BaseSettings]) -> set[str]:
    prefix = str(group.model_config.get("env_prefix", ""))
    return {
        f"{prefix}{name}".upper()
        for name, field in group.model_fields.items()
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings))
    }


def groups_in(module: object) -> list[type[BaseSettings]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings
    ]


def read_variables() -> set[str]:
    modules = [
        shared_settings,
        migration_settings,
        *(importlib.import_module(f"{package}.settings") for package in (*PACKAGES, *CHANNELS)),
    ]
    return {variable for module in modules for group in groups_in(module) for variable in variables_of(group)}


def explained_variables() -> set[str]:
    return set(re.findall(r"^#? ?(GUICHET_[A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def test_every_variable_is_explained():
    assert read_variables() - explained_variables() == set()


def test_nothing_is_explained_that_nobody_reads():
    not_for_services = ("GUICHET_SANDBOX_", "GUICHET_LOCAL_", "GUICHET_SERVER_")
    others = {name for name in explained_variables() if name.startswith(not_for_services)}
    assert explained_variables() - read_variables() - others == set()


def test_what_sets_a_server_up_is_explained_whole_and_read():
    sources = "".join(path.read_text() for path in (ROOT / "deploy" / "server" / "guichet_server").rglob("*.py"))
    read = set(re.findall(r"\bGUICHET_SERVER_[A-Z_]*[A-Z]\b", sources))
    assert {name for name in explained_variables() if name.startswith("GUICHET_SERVER_")} == read


def test_a_migration_is_given_no_key_that_none_of_them_reads():
    migrations = Path(migration_settings.__file__).parent.glob("m*.py")
    read = "".join(file.read_text() for file in migrations)
    own = migration_settings.MigrationSettings.__annotations__
    assert [name for name in own if not re.search(rf"\bsettings\.{name}\b", read)] == []


@pytest.mark.parametrize("package", ["ingest_email", "ingest_sms", "ingest_social", "citizen_portal"])
def test_who_seals_cannot_open(package):
    settings = importlib.import_module(f"{package}.settings")
    names = {variable for group in groups_in(settings) for variable in variables_of(group)}
    own = next(group for group in groups_in(settings) if group.__module__ == f"{package}.settings")
    everything = variables_of(own) | {
        variable
        for field in own.model_fields.values()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)
        for variable in variables_of(field.annotation)
    }
    assert "GUICHET_ROOT_KEY_FILE" not in everything | names
