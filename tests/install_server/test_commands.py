"""What the document has a newcomer type is found, and what is not run is marked as such."""

from pathlib import Path

from tests.install_server.commands import Command, commands_of, not_run

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
