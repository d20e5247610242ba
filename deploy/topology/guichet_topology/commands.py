"""What each command of an operator's, `guichet ARGUMENTS`, may know, and as whom it signs in to the store. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from guichet_topology.variables import BASE, BROKER, FILES, OPEN, PACKAGES, ROTATION, SEAL, STORE

OPERATOR: Final = "guichet-cli"
# What an operator does every day needs none of these rights: who makes and migrates collections, who copies everything,
# and who replaces everything, are users of their own.
USER_OF_COMMAND: Final[Mapping[str, str]] = {
    "prepare": "guichet-deployment",
    "store prepare": "guichet-deployment",
    "vault init": "guichet-deployment",
    "migrate": "guichet-deployment",
    "backup": "guichet-backup",
    "restore": "guichet-restore",
    "export-town": "guichet-export",
    "import-town": "guichet-import",
    "demo": "guichet-import",
}

BACKUPS: Final = ("GUICHET_BACKUPS", "GUICHET_BACKUPS_KEPT_FOR")
EVERY_COMMAND: Final = (
    *(*BASE, *STORE, *OPEN, *FILES, *ROTATION, *PACKAGES),
    *("GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY", "GUICHET_LEDGER_KEY"),
    *("GUICHET_OPS_URL", "GUICHET_KAFKA_REPLICATION"),
    *("GUICHET_THREAD_KEY", "GUICHET_FOLLOW_KEY"),  # migrations
    *BACKUPS,
    *("GUICHET_SIGNING_KEY", "GUICHET_PUBLIC_KEYS"),
)
# It copies what is sealed as it stands, by itself every night. Of all keys it is told where the root key is alone: a
# backup of the vault counts once the root key has opened it.
A_BACKUP: Final = (
    *(*BROKER, *STORE, *SEAL, *FILES, *BACKUPS),
    *("GUICHET_VAULT_BACKUPS", "GUICHET_ROOT_KEY_FILE", "GUICHET_LOG_LEVEL", "GUICHET_CLOCK_FILE"),
)
KAFKA_ADMINISTRATOR: Final = ("GUICHET_KAFKA_ADMIN_PROPERTIES", "GUICHET_KAFKA_USERS_FILE")
MONGODB_ADMINISTRATOR: Final = ("GUICHET_MONGODB_ADMIN_URI_FILE", "GUICHET_MONGODB_USERS_FILE")
ADMINISTRATORS: Final[Mapping[str, Sequence[str]]] = {
    "prepare": (*KAFKA_ADMINISTRATOR, *MONGODB_ADMINISTRATOR),
    "topics": KAFKA_ADMINISTRATOR,
    "upgrade": KAFKA_ADMINISTRATOR,
    "restore": KAFKA_ADMINISTRATOR,
    "restore everything": MONGODB_ADMINISTRATOR,  # the empty store has no users yet
    "store": MONGODB_ADMINISTRATOR,
}
RUN_CHANNELS: Final = frozenset({"channels", "dead-letters", "mailbox", "town"})
"""Have a channel's code run, by a process of its own."""
ERRANDS_APART: Final = "ERRANDS_SOCKET"
"""Where a third party's code is run by a service without any right; unset: by a process of the command's own user."""


def variables_of(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return what `guichet ARGUMENTS` may know: where an administrator's file is, only where it acts as one."""
    if [*arguments[:1]] == ["backup"]:
        return A_BACKUP
    first_words = {" ".join(arguments[:1]), " ".join(arguments[:2])}
    return (*EVERY_COMMAND, *(name for words in sorted(first_words) for name in ADMINISTRATORS.get(words, ())))


def store_user_of(arguments: Sequence[str]) -> str:
    """Return as whom `guichet ARGUMENTS` signs in to the store."""
    of_two_words = USER_OF_COMMAND.get(" ".join(arguments[:2]), OPERATOR)
    return USER_OF_COMMAND.get(" ".join(arguments[:1]), of_two_words)


ROOT: Final = "root"
ROTATES: Final = "guichet-gdpr-worker"
# On a server `guichet` is started by root and goes on as this user of the system. Who replaces the root-key file owns
# it, and the backups that its rotation makes. What writes files that deployment alone may write stays root. Of these
# `town init` alone runs a channel's code, Guichet's own or one that the town enabled, to have mail.yaml looked at: by a
# process that is told no secret but is root's, since there may be no other user yet.
SYSTEM_USER_OF_COMMAND: Final[Mapping[str, str]] = {
    "prepare": ROTATES,
    "vault": ROTATES,
    "backup": ROTATES,
    "restore": ROTATES,
    "channels enable": ROOT,
    "channels disable": ROOT,
    "signing-keys": ROOT,
    "upgrade": ROOT,  # it stops units and changes the code; the commands that it gives lay root's rights down
    "town init": ROOT,
    "town done": ROOT,
    "town migrate": ROOT,
}


def system_user_of(arguments: Sequence[str]) -> str:
    """Return as which user of a server `guichet ARGUMENTS` runs."""
    of_two_words = SYSTEM_USER_OF_COMMAND.get(" ".join(arguments[:2]), OPERATOR)
    return SYSTEM_USER_OF_COMMAND.get(" ".join(arguments[:1]), of_two_words)
