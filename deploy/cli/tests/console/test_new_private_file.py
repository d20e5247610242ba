"""A file that cannot be made is said with what to do: `guichet` on a server writes as a user of its own."""

import os
from pathlib import Path

import pytest

from guichet.errors import GuichetError
from guichet_cli.console.private_file import write_private


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    write_private(tmp_path / "request.json", b"{}")
    with pytest.raises(GuichetError, match=r"is there already\. Name a file that does not exist yet\.$"):
        write_private(tmp_path / "request.json", b"{}")


def test_where_it_may_write_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("HOME", "/var/lib/guichet/operator")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(GuichetError, match=r"\(Permission denied\)\. Name one in /var/lib/guichet/operator\.$"):
        write_private(tmp_path / "request.json", b"{}")
