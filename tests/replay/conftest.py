"""Corpus and parts of the replay proof."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _corpus() -> ModuleType:
    """Load corpus.py beside this file: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("replay_corpus", Path(__file__).with_name("corpus.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def corpus() -> ModuleType:
    """The module that makes letters."""
    return _corpus()
