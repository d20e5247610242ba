"""Corpus and parts of the replay proof."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _beside(name: str) -> ModuleType:
    """Load a file beside this one: test folders are no packages."""
    spec = importlib.util.spec_from_file_location(f"replay_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def corpus() -> ModuleType:
    """The module that makes letters."""
    return _beside("corpus")


@pytest.fixture(scope="session")
def lmtp() -> ModuleType:
    """The module with the LMTP client."""
    return _beside("lmtp_client")
