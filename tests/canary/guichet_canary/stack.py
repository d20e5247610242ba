"""A Guichet that hides nothing by accident: stores uncompressed, logs everything, and stumbles where told to."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from guichet_local.servers import ServerOptions
from guichet_local.stack import LocalStack
from guichet_topology.services import SERVICES

_STUMBLING: Final = {"case-router": "guichet_canary.stumbling_router", "notifier": "guichet_canary.stumbling_notifier"}
_PACKAGES: Final = Path(__file__).parents[1]

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
        settings={"PYTHONPATH": str(_PACKAGES), "GUICHET_LOG_LEVEL": "debug"},
        services=[
            replace(each, package=_STUMBLING.get(each.name, each.package), variables=(*each.variables, "PYTHONPATH"))
            for each in SERVICES
        ],
        server_options=LEGIBLE,
    )
