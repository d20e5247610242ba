"""A Guichet that hides nothing by accident: stores uncompressed, logs everything, and stumbles where told to."""

from pathlib import Path
from typing import Final

from guichet_local.servers import ServerOptions
from guichet_local.stack import LocalStack
from guichet_testing.town.services import played_by

_STUMBLING: Final = {
    "case-router": "guichet_testing.town.misbehaving.stumbling_router",
    "notifier": "guichet_testing.town.misbehaving.stumbling_notifier",
}

LEGIBLE: Final = ServerOptions(
    mongod=(
        *("--wiredTigerCollectionBlockCompressor", "none", "--wiredTigerJournalCompressor", "none"),
        *("--wiredTigerIndexPrefixCompression", "false"),  # else a key lacks what it shares with the one before
        *("--wiredTigerEngineConfigString", "log=(remove=false)"),  # keeps every journal file of the run
        *("--slowms", "-1"),  # every operation is a slow one: its filter stands in the log
    ),
    kafka={"compression.type": "uncompressed"},  # whatever a producer sends
)


def legible_stack(folder: Path) -> LocalStack:
    """Return the stack, not started."""
    return LocalStack(
        folder,
        settings={"GUICHET_LOG_LEVEL": "debug"},
        services=played_by(_STUMBLING),
        server_options=LEGIBLE,
    )
