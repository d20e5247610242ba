"""`guichet top`: what ops-console sees, in a terminal."""

import sys
import time
from typing import Annotated, Final

import httpx
import typer
from pydantic import ValidationError
from rich.console import Console, Group
from rich.live import Live

from guichet.errors import TransientError
from guichet.runtime.overview import Overview
from guichet_cli.top.screen import screen_of

_EVERY_S: Final = 2.0
_PATIENCE_S: Final = 5.0
_DEFAULT_URL: Final = "http://127.0.0.1:8002"
_PIPED_WIDTH: Final = 140

app = typer.Typer(add_completion=False, help="What ops-console sees, live.")


@app.command()
def top(
    once: Annotated[bool, typer.Option("--once", help="Print once, then end.")] = False,
    url: Annotated[str, typer.Option(envvar="GUICHET_OPS_URL", help="Where ops-console answers.")] = _DEFAULT_URL,
) -> None:
    """Show messages per second, lag, dead letters and alarms, live. Ctrl-C ends it."""
    console = Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)
    with httpx.Client(base_url=url, timeout=_PATIENCE_S, trust_env=False) as http:
        try:
            if once:
                console.print(screen_of(fetch_overview(http)))
            else:
                _keep_showing(console, http)
        except TransientError as exc:
            typer.echo(str(exc), err=True)
            raise typer.Exit(1) from exc


def fetch_overview(http: httpx.Client) -> Overview:
    """Ask the console once. Raises TransientError saying what to do."""
    try:
        answer = http.get("/api/overview")
        answer.raise_for_status()
        return Overview.model_validate_json(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as exc:
        raise TransientError(_explain(http.base_url, exc)) from exc


def _explain(url: httpx.URL, error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return f"ops-console at {url} has just started: ask again in a few seconds."
    if isinstance(error, httpx.HTTPStatusError | ValidationError):
        return f"What answers at {url} is not this version's ops-console. Name it with --url or GUICHET_OPS_URL."
    return (
        f"ops-console does not answer at {url}. Start it (`make run`, or python -m ops_console), or name it with --url "
        "or GUICHET_OPS_URL."
    )


def _keep_showing(console: Console, http: httpx.Client) -> None:
    """A console that goes away in between is waited for: what was last seen stays, under a line that says so."""
    overview = fetch_overview(http)
    with Live(screen_of(overview), console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                time.sleep(_EVERY_S)
                try:
                    overview = fetch_overview(http)
                    live.update(screen_of(overview), refresh=True)
                except TransientError as exc:
                    live.update(Group(f"[bold red]{exc}[/]", screen_of(overview)), refresh=True)
        except KeyboardInterrupt:
            return
