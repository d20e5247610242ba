"""What a town's file may not do to whoever reads it."""

from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet.town.yaml_file import read_yaml


def test_aliases_of_aliases_are_refused_at_once(tmp_path: Path) -> None:
    """400 bytes, nine to the ninth values: `guichet town init --answers` and every start walked through them."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, 9)]
    (tmp_path / "town.yaml").write_text("\n".join(lines))
    with pytest.raises(SettingsError, match="its aliases"):
        read_yaml(tmp_path / "town.yaml")


def test_an_alias_that_is_used_is_taken(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text("open: &days [monday, tuesday]\ntelephone: *days\n")
    assert read_yaml(tmp_path / "town.yaml").content["telephone"] == ["monday", "tuesday"]


def test_a_key_that_stands_twice_deep_down_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text("a:\n  - b: 1\n    c: 2\n    b: 3\n")
    with pytest.raises(SettingsError, match=r"town\.yaml:4: b: this key stands here twice"):
        read_yaml(tmp_path / "town.yaml")
