"""Where a server's installation lies. Pure: names, no look at the machine."""

from typing import Final

from guichet_topology.deployment import Places

PREFIX: Final = "guichet"

CODE: Final = "/opt/guichet"
PYTHON: Final = f"{CODE}/.venv/bin/python"
CONFIGURATION: Final = "/etc/guichet"
SETTINGS: Final = f"{CONFIGURATION}/guichet.env"
SECRETS: Final = f"{CONFIGURATION}/secrets"  # root alone; systemd hands each process its own
MADE_SECRETS: Final = f"{SECRETS}/made.env"
GIVEN_SECRETS: Final = f"{SECRETS}/given.env"  # what providers gave the town: by hand, or by `guichet town init`
MONGODB_KEY: Final = f"{SECRETS}/mongodb.key"
APPLIED: Final = f"{CONFIGURATION}/applied"  # what `guichet-server apply` wrote, a path a line: it removes nothing else
TOWN_FILES: Final = f"{CONFIGURATION}/town-applied"  # the town's files as they were then, a hash a line
DATA: Final = "/var/lib/guichet"
OPERATOR_HOME: Final = f"{DATA}/operator"  # where the command `guichet` may leave and find files
OBJECTS: Final = f"{DATA}/objects"
SEARCH_FILES: Final = f"{DATA}/search"  # in no backup: made again from the store
ROOT_KEY: Final = f"{DATA}/root-key"
KAFKA_DATA: Final = f"{DATA}/kafka"
MONGODB_DATA: Final = f"{DATA}/mongodb"
SOCKETS: Final = "/run/guichet"
ERRANDS_SOCKET: Final = f"{SOCKETS}/errand.sock"  # where operators' commands have a third party's code run
NOTIFIER_SOCKETS: Final = f"{SOCKETS}/senders"
SECOND_DISK: Final = "/srv/guichet"  # where it is mounted
SECOND_DISK_MARK: Final = ".guichet-second-disk"  # by which a container knows a folder of it

PLACES: Final = Places(
    town=f"{CONFIGURATION}/town",
    objects_url=f"file://{OBJECTS}",
    public_keys=f"{CONFIGURATION}/public-keys",
    root_key_file=f"{ROOT_KEY}/root.key",
    vault_backups="/var/backups/guichet/vault",
    backups="/var/backups/guichet/data",
    sender_sockets=NOTIFIER_SOCKETS,
    search_files=SEARCH_FILES,
    channel_packages=f"{DATA}/channels",
    users_file=MADE_SECRETS,
    kafka_admin_properties=f"{SECRETS}/kafka-admin.properties",
    mongodb_admin_uri=f"{SECRETS}/mongodb-admin-uri",
)


def environment_file(process: str) -> str:
    """The file of a process's variables, secrets among them: for root alone, who hands them on."""
    return f"{SECRETS}/{process}.env"


def unit_name(process: str) -> str:
    """The systemd service of a process."""
    return f"{PREFIX}-{process}.service"


def socket_folder(sender: str) -> str:
    """The folder of a sender's own socket, which the notifier's group may enter."""
    return f"{SOCKETS}/{sender}"
