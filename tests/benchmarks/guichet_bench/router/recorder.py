"""A case-router that notes every command it sends to MongoDB. Run as a process: RECORDING names the file it writes."""

import os
import runpy
from pathlib import Path
from typing import Any

import bson
from pymongo import monitoring

WRITES = frozenset({"insert", "update", "delete"})


class Recorder(monitoring.CommandListener):
    """Keeps the writes, in the order in which they begin."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in WRITES:
            self.commands.append({"database": event.database_name, **_of_interest(event.command)})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


def _of_interest(command: Any) -> dict[str, Any]:
    return {key: value for key, value in command.items() if key in {*WRITES, "documents", "updates", "ordered"}}


if __name__ == "__main__":
    recorder = Recorder()
    monitoring.register(recorder)
    try:
        runpy.run_module("case_router", run_name="__main__")
    finally:
        with Path(os.environ["RECORDING"]).open("wb") as file:
            for command in recorder.commands:
                file.write(bson.encode(command))
