"""The operator's command line: `guichet`, or `python -m guichet_cli`. One folder per sub-command."""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from guichet.runtime.telemetry.logging import configure_logging

SUB_COMMANDS: Final = {
    "agents": "guichet_cli.agents.command:app",
    "backup": "guichet_cli.backup.command:app",
    "cases": "guichet_cli.cases.command:app",
    "channels": "guichet_cli.channels.command:app",
    "citizens": "guichet_cli.citizens.command:app",
    "clocks": "guichet_cli.clocks.command:clocks",
    "contracts": "guichet_cli.contracts.command:app",
    "dead-letters": "guichet_cli.dead_letters.command:app",
    "demo": "guichet_cli.demo.command:demo",
    "erase": "guichet_cli.erase.command:erase",
    "export-town": "guichet_cli.town_export.export_command:app",
    "import-town": "guichet_cli.town_export.import_command:import_town",
    "mailbox": "guichet_cli.mailbox.command:app",
    "migrate": "guichet_cli.migrate.command:migrate",
    "prepare": "guichet_cli.prepare.command:prepare",
    "registry": "guichet_cli.registry.command:app",
    "restore": "guichet_cli.backup.restore_command:app",
    "signing-keys": "guichet_cli.signing_keys.command:app",
    "staff": "guichet_cli.staff.command:app",
    "store": "guichet_cli.store.command:app",
    "top": "guichet_cli.top.command:top",
    "topics": "guichet_cli.topics.command:app",
    "town": "guichet_cli.town.command:app",
    "upgrade": "guichet_cli.upgrade.command:upgrade",
    "vault": "guichet_cli.vault.command:app",
    "words": "guichet_cli.words.command:app",
}


class SubCommands(TyperGroup):
    """Imports a sub-command when it is asked for: the providers' libraries take a second to load."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Name every sub-command."""
        return sorted(SUB_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Load one, or return None."""
        if cmd_name not in SUB_COMMANDS:
            return None
        command = typer.main.get_command(_load(SUB_COMMANDS[cmd_name]))
        command.name = cmd_name  # by which the list of commands calls it
        return command


def _load(path: str) -> typer.Typer:
    """Return the Typer app at "module:name"; a plain function there becomes an app of one command."""
    module, name = path.split(":")
    found = getattr(import_module(module), name)
    if isinstance(found, typer.Typer):
        return found
    alone = typer.Typer(add_completion=False)
    alone.command()(found)
    return alone


app = typer.Typer(cls=SubCommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def guichet() -> None:
    """Run Guichet: prepare what it needs, look after what it could not handle."""


def main() -> None:
    """Run the command that the process was started with."""
    configure_logging("guichet-cli", "critical")  # what an operator must know is said in sentences
    app(prog_name="guichet")


if __name__ == "__main__":
    main()
