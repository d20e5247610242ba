"""What the documents have one type is found, and what is not run is marked as such."""

from pathlib import Path

from guichet_cli.upgrade.command import SERVERS
from guichet_cli.upgrade.plan import Wanted, plan
from tests.install_server.between_versions import UPGRADING, lines_under
from tests.install_server.commands import Command, commands_of, not_run
from tests.install_server.next_versions import THIS, VERSIONS, written

GOING_LIVE = (Path(__file__).parents[2] / "docs" / "going-live.md").read_text()
PAGE = """\
# One

```sh
first          # why
# a comment
second 'a # b'
```

*Not run by the test (no network there):*

```sh
third
```

```yaml
fourth: no command
```
"""


def test_each_line_is_a_command_under_its_heading() -> None:
    assert commands_of(PAGE) == [Command("One", "first"), Command("One", "second 'a # b'")]
    assert not_run(PAGE) == [Command("One", "third")]


def test_the_document_is_run_but_for_mongodb_s_own_packages_and_containers() -> None:
    assert {command.heading for command in not_run(GOING_LIVE)} == {"1. Packages (10 minutes)", "In containers"}
    lines = [command.line for command in commands_of(GOING_LIVE)]
    for needed in ("guichet town init", "guichet-server apply", "guichet prepare", "systemctl start guichet.target"):
        assert needed in lines


def test_every_command_of_upgrading_is_run_there_and_back() -> None:
    """between_versions.py takes them from the page, by these two headings."""
    assert not not_run(UPGRADING)
    lines = [line for heading in ("Upgrading", "Going back") for line in lines_under(heading)]
    assert lines == [command.line for command in commands_of(UPGRADING)]
    assert any("--to v1.2" in line for line in lines)
    assert any("--back" in line and f"--to {THIS}" in line for line in lines)


def test_what_is_left_by_hand_after_a_way_back_is_what_the_command_shows() -> None:
    wanted = Wanted(Path("/opt/guichet"), THIS, back=Path("BACKUP"), servers=SERVERS)
    steps = [*plan(wanted)]
    [place] = [number for number, step in enumerate(steps) if step.leaves]
    after_the_command = [line for line in lines_under("Going back") if not line.startswith("guichet upgrade")]
    assert [step.shown for step in steps[place + 1 :]] == after_the_command


def test_the_next_versions_are_edits_that_apply() -> None:
    for version in VERSIONS.values():
        assert written(version)
