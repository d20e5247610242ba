"""A command of the operator's that has commands of its own."""

import typer


def command_group(what: str) -> typer.Typer:
    """Return `guichet NAME`, whose commands are typed behind it, also where there is only one. what: its help."""
    group = typer.Typer(add_completion=False, help=what, no_args_is_help=True)
    group.callback()(lambda: None)  # else typer drops the name of a lone command
    return group
