"""Which variables each service reads, with their defaults: a contract with whoever runs a town, and least privilege."""

import importlib
import json
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from guichet.channel.host.discovery import load_channel
from guichet.town.channel_facts import GROUP, installed_facts

HERE = Path(__file__).parent
GOLDEN: dict[str, dict[str, str]] = json.loads((HERE / "variables.json").read_text())
"""By service, then by variable: what it is without being set."""


def variables_of(group: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in group.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            yield from variables_of(field.annotation)
        else:
            yield f"{group.model_config.get('env_prefix', '')}{name}".upper(), field


def is_secret(field: FieldInfo) -> bool:
    return "Secret" in repr(field.annotation)


def without_being_set(field: FieldInfo) -> str:
    if field.is_required():
        said: Any = "needed"
    else:
        said = field.get_default(call_default_factory=True)
        said = repr(said.get_secret_value() if is_secret(field) and said else said)
        said = said.replace(str(HERE.parents[2]), "")
    return f"{said}{', a secret' if is_secret(field) else ''}"


def settings_of(service: str) -> list[type[BaseSettings]]:
    """Return its own settings, and of a host of channels those of the providers that it opens."""
    return [own_settings_of(service), *channel_settings(service.replace("ingest-", "inbound-"))]


def channel_settings(topic: str) -> Iterator[type[BaseSettings]]:
    for name in (name for name, facts in installed_facts().items() if facts.topic == topic):
        [entry] = entry_points(group=GROUP, name=name)
        if find_spec(entry.module) is not None:
            yield load_channel(name).provider.settings


def own_settings_of(service: str) -> type[BaseSettings]:
    package = service.replace("-", "_")
    module = importlib.import_module(f"{package}.settings")
    [found] = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseSettings) and each.__module__ == module.__name__
    ]
    return found


@pytest.mark.parametrize("service", GOLDEN)
def test_a_service_reads_the_variables_it_always_read(service: str) -> None:
    read = {
        variable: without_being_set(field) for each in settings_of(service) for variable, field in variables_of(each)
    }
    assert dict(sorted(read.items())) == GOLDEN[service]


def test_no_service_is_left_out() -> None:
    services = {path.name for path in (HERE.parents[2] / "services").iterdir() if path.is_dir()}
    assert services | {"notifier-sender"} == {*GOLDEN}
