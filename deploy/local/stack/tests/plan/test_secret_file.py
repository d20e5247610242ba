import base64
from pathlib import Path

from guichet_local.plan.secrets import load_or_make_secrets
from guichet_topology.secrets import MAKERS, parse, render


def test_keys_are_32_random_bytes_each_its_own(tmp_path: Path) -> None:
    secrets = load_or_make_secrets(tmp_path / "secrets")
    keys = [value for name, value in secrets.items() if name.endswith("_KEY")]
    assert {len(base64.b64decode(key)) for key in keys} == {32}
    assert len(set(secrets.values())) == len(MAKERS)


def test_what_is_there_is_kept_and_what_is_missing_is_added(tmp_path: Path) -> None:
    first = load_or_make_secrets(tmp_path)
    old = {name: value for name, value in first.items() if name != "GUICHET_SESSION_KEY"} | {"GUICHET_OLD": "kept"}
    (tmp_path / "secrets.env").write_text(render(old))
    second = load_or_make_secrets(tmp_path)
    assert old.items() <= second.items()
    assert second["GUICHET_SESSION_KEY"] != first["GUICHET_SESSION_KEY"]
    assert load_or_make_secrets(tmp_path) == second


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    load_or_make_secrets(tmp_path / "secrets")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secrets" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_a_value_may_hold_equals_signs() -> None:
    assert parse(render({"KEY": "YWI=="})) == {"KEY": "YWI=="}
