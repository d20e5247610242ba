"""What processes of a demonstration are told of the world outside: nothing that opens an account of a provider's.

A town's settings may be a real one's, copied with its files (docs/decisions/0056).
"""

from collections.abc import Mapping
from typing import Final

from guichet.town.own_accounts import every_own_account
from guichet_topology.variables import ON_CALL

NOWHERE: Final = "demonstration.invalid"  # a relay has to be named; RFC 2606: no name that ends so is anywhere


def told_settings(said: Mapping[str, str], *, is_demonstration: bool) -> dict[str, str]:
    """Return what a town's processes are told of its settings. Pure.

    Of a demonstration's: nothing of providers' accounts, of the relay or of who is on call.
    """
    if not is_demonstration:
        return dict(said)
    theirs = tuple(prefix for account in every_own_account() for prefix in account.prefixes)
    kept = {name: value for name, value in said.items() if name not in ON_CALL and not name.startswith(theirs)}
    return kept | {"GUICHET_SMTP_HOST": NOWHERE}
