"""The rows of services.py against what each service's settings class reads: neither too few nor unknown."""

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

import pytest
from pydantic_settings import BaseSettings

from guichet_testing.town.services import SERVICES
from guichet_topology.services import Service

TOLD_TO_THIRD_PARTIES_ALONE = {"GUICHET_CHANNELS", "GUICHET_CHANNEL_PACKAGES"}  # Guichet's own read that it is not set


def variables_read(module: ModuleType) -> Iterator[str]:
    for settings in vars(module).values():
        if isinstance(settings, type) and issubclass(settings, BaseSettings) and settings.__module__ == module.__name__:
            prefix = settings.model_config.get("env_prefix", "")
            for name, field in settings.model_fields.items():
                if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)):
                    yield f"{prefix}{name}".upper()
                else:
                    yield from (f"GUICHET_{each}".upper() for each in field.annotation.model_fields)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_gets_every_variable_that_it_reads(service: Service) -> None:
    if importlib.util.find_spec(f"{service.package}.settings") is None:
        pytest.skip("not written yet")
    read = set(variables_read(importlib.import_module(f"{service.package}.settings")))
    assert read
    set_here = service.ports.keys() | service.fixed.keys() | TOLD_TO_THIRD_PARTIES_ALONE
    unknown = {variable for variable in read - set_here if not service.may_know(variable)}
    assert not unknown, "guichet_topology/services.py must hand it on: in the service's row, or in TUNING"
