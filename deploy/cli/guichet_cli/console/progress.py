"""Tell how far a long command is: one line that rewrites itself on a terminal, a line a part elsewhere."""

import sys

import typer


class Progress:
    """Counts things by the part that they belong to."""

    def __init__(self) -> None:
        self._part = ""
        self._count = 0

    async def beat(self, part: str, count: int) -> None:
        """Say that `count` more things of a part are done."""
        if part != self._part:
            self.end()
            self._part, self._count = part, 0
        self._count += count
        if sys.stderr.isatty():
            typer.echo(f"\r{self._part}: {self._count}", nl=False, err=True)

    def say(self, line: str) -> None:
        """Say one thing."""
        self.end()
        typer.echo(line, err=True)

    def end(self) -> None:
        """Leave the line of the part that is done."""
        if self._part:
            typer.echo(
                f"\r{self._part}: {self._count}" if sys.stderr.isatty() else f"{self._part}: {self._count}", err=True
            )
        self._part = ""
