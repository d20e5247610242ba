"""Every public method says what it promises, there or in the port whose method it is; a face has all of its port's.

ruff's D102 would ask for a docstring at each of them, also where the port has said it all. As there, a test says it in
its name, and a signature without a body is explained by its class.
"""

import importlib
import inspect
import pkgutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).parents[3]
IMPORT_RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES = IMPORT_RULES["root_packages"]


def classes_of(package: str) -> Iterator[type]:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not module.name.endswith(".__main__"):
            loaded = vars(importlib.import_module(module.name)).values()
            yield from (each for each in loaded if inspect.isclass(each) and each.__module__ == module.name)


def undocumented(cls: type) -> list[str]:
    """The public methods that a class defines and that neither it nor what it inherits explains."""
    return [
        f"{cls.__module__}.{cls.__qualname__}.{name}"
        for name, value in vars(cls).items()
        if not name.startswith(("_", "test_"))
        and is_written_as(name, function_of(value))
        and not any(vars(base)[name].__doc__ for base in cls.__mro__ if name in vars(base))
    ]


def function_of(value: Any) -> Any:
    """What a property, a cached property, a class method or a static method is made of; else the value itself."""
    return next((made for part in ("fget", "func", "__func__") if (made := getattr(value, part, None))), value)


def is_written_as(name: str, function: Any) -> bool:
    """Whether it is a method with a body, and no default of a field that happens to be callable."""
    if not inspect.isfunction(function) or function.__name__ != name:
        return False
    return not inspect.getsource(function).rstrip().endswith(": ...")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_public_method_is_documented_where_it_is_or_where_it_comes_from(package: str) -> None:
    public = [each for each in classes_of(package) if not each.__name__.startswith("_")]
    assert [name for each in public for name in undocumented(each)] == []


def left_out(cls: type) -> list[str]:
    """The methods that a class has of its ports alone: to call one would do nothing, in silence."""
    if is_port(cls):
        return []
    owners = {name: base for base in reversed(cls.__mro__) for name in vars(base)}
    return [
        f"{cls.__module__}.{cls.__qualname__}.{name}"
        for name, base in owners.items()
        if is_port(base) and is_method(name, vars(base)[name])
    ]


def is_port(cls: type) -> bool:
    return cls is not Protocol and getattr(cls, "_is_protocol", False)


def is_method(name: str, value: Any) -> bool:
    return not name.startswith("_") and inspect.isfunction(function_of(value))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_face_has_every_method_of_its_port(package: str) -> None:
    assert [name for each in classes_of(package) for name in left_out(each)] == []


class Port(Protocol):
    def said(self) -> int:
        """What it promises."""

    def unsaid(self) -> int: ...


class Face(Port):
    def said(self) -> int:
        return 1

    def unsaid(self) -> int:
        return 2

    @property
    def own(self) -> int:
        return 3

    @classmethod
    def made(cls) -> "Face":
        return cls()

    def _private(self) -> int:
        return 4


def test_the_rule_tells_them_apart() -> None:
    assert undocumented(Port) == []
    assert [name.rpartition(".")[2] for name in undocumented(Face)] == ["unsaid", "own", "made"]


class Lacking(Port):
    def said(self) -> int:
        return 1


def test_what_a_face_leaves_out_is_found() -> None:
    assert (left_out(Port), left_out(Face)) == ([], [])
    assert [name.rpartition(".")[2] for name in left_out(Lacking)] == ["unsaid"]
