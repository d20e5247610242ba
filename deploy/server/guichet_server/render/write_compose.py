"""Write deploy/compose.yaml anew, for every account that Guichet has: `make compose`."""

from pathlib import Path
from typing import Final

from guichet.town.own_accounts import every_own_account
from guichet_server.render.compose import compose_file
from guichet_topology.deployment import town_ports

COMPOSE: Final = Path(__file__).parents[3] / "compose.yaml"


def rendered() -> str:
    """Return the file."""
    accounts = every_own_account()
    return compose_file(accounts, town_ports(accounts))


if __name__ == "__main__":
    COMPOSE.write_text(rendered(), encoding="utf-8")
