"""The services and what each may know. Pure tables: the contract of who gets which variable.

A process gets the variables of its row and nothing else: an adapter cannot open what it seals, ops-console cannot reach
persons, and the sandbox knows of Guichet only where to deliver. What a town's provider accounts add to them, their
channels' facts say (accounts.py): no row names a channel.
"""

from dataclasses import dataclass, replace
from typing import Final

from guichet.contracts.accounts import Variable, is_among
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL
from guichet_topology.ports import health_port_name
from guichet_topology.variables import (
    BASE,
    DOOR,
    FILES,
    IDENTITY_PROVIDER,
    INTAKE,
    MAIL_OUT,
    ON_CALL,
    OPEN,
    PACKAGES,
    PROBED,
    PROXIES,
    ROTATION,
    SANDBOX,
    SEAL,
    SEARCHES,
    SHOWN,
    STORE,
)

# What has a good default and is handed on where the user sets it.
TUNING: Final = {
    "ingest-email": (*DOOR, *PROBED, *PROXIES, *SHOWN),
    "ingest-social": (*PROBED, *PROXIES, *SHOWN),
    "agent-desk": (
        *(*PROBED, *PROXIES, *IDENTITY_PROVIDER),
        *("GUICHET_CLAMAV_URL", "GUICHET_TESSERACT", "GUICHET_DESK_SECOND_FACTOR", "GUICHET_DESK_UNDO_SECONDS"),
    ),
    "citizen-portal": (*PROBED, *PROXIES),
    "ingest-sms": (*PROBED, *PROXIES, *SHOWN),
    "gdpr-worker": (
        *("GUICHET_TRIM_EVERY", "GUICHET_ERASURE_WAITS", "GUICHET_ERASURE_STUCK_AFTER"),
        *("GUICHET_OPLOG_KEPT_FOR", "GUICHET_BACKUPS_KEPT_FOR", "GUICHET_BACKUP_ALARM_AFTER"),
    ),
    "ops-console": (
        *PROXIES,
        *("GUICHET_OPS_SENDER", "GUICHET_OPS_HANDBOOK"),
        *("GUICHET_OPS_SAMPLE_EVERY", "GUICHET_OPS_LAG_ALARM", "GUICHET_OPS_DOWN_AFTER"),
    ),
}


@dataclass(frozen=True)
class Service:
    """One service: started by `python -m <package>`, ready when its health page says so.

    `ports` maps each variable by which the process learns a port to the name of that port in `ports.py`. `lane`: of a
    sender, the provider account that it sends for; it runs where the town has a channel that needs it. `channels`:
    those that a third party's process runs. `own_keys`: variables of which it has a value that nobody else is given.
    `provider`: the third party that it belongs to, whose variables (GUICHET_<PROVIDER>_…) it gets, without anybody here
    knowing their names. `topic`: of an ingest host, that on which it takes messages in. `told`: variables that the
    accounts bring that it has to do with, whole or by how they begin. only_reads: variables of its row that name a
    folder in which it writes nothing, though others do.
    """

    name: str
    package: str
    ports: dict[str, str]
    variables: tuple[str, ...]
    lane: str | None = None
    channels: tuple[str, ...] = ()
    own_keys: tuple[str, ...] = ()
    provider: str | None = None
    topic: str | None = None
    told: tuple[Variable, ...] = ()
    only_reads: tuple[str, ...] = ()

    @property
    def fixed(self) -> dict[str, str]:
        """What is set for this service and for no other."""
        lane = {} if self.lane is None else {"GUICHET_LANE": self.lane}
        return lane | ({"GUICHET_CHANNELS": ",".join(self.channels)} if self.channels else {})

    @property
    def prefixes(self) -> tuple[str, ...]:
        """How variables begin that are for it alone."""
        return tuple(prefix_of(name) for name in (self.name, self.provider) if name is not None)

    @property
    def is_door(self) -> bool:
        """Whether somebody waits for its answers: for a page, or a provider for what its webhook is told."""
        return "GUICHET_HTTP_PORT" in self.ports

    @property
    def is_third_party(self) -> bool:
        """Whether what runs there is not part of Guichet."""
        return self.provider is not None

    def may_know(self, variable: str) -> bool:
        """True for its row, for what tunes it, for what accounts bring, and for what bears its name (GUICHET_OPS_…)."""
        tuning = ("GUICHET_DEAD_LETTERS_PER_MINUTE", *TUNING.get(self.name, ()))
        return variable in {*self.variables, *tuning} or is_among(variable, (*self.prefixes, *self.told))


def prefix_of(name: str) -> str:
    """How the variables of a service or a provider begin."""
    return f"GUICHET_{name.upper().replace('-', '_')}_"


def own_key_name(service: str, variable: str) -> str:
    """The name under which a deployment keeps a key that one service alone is given as `variable`."""
    return f"{variable}_OF_{service.upper().replace('-', '_')}"


def _worker(name: str, *variables: str, **ports: str) -> Service:
    own = {"GUICHET_HEALTH_PORT": health_port_name(name), **ports}
    return Service(name, name.replace("-", "_"), own, (*BASE, *variables))


def _door(name: str, *variables: str) -> Service:
    return _worker(name, *DOOR, *variables, GUICHET_HTTP_PORT=name)


def _host(name: str, topic: str, *variables: str, **ports: str) -> Service:
    """An ingest host knows of each account whose messages it takes in what that one's channels say."""
    return replace(_worker(name, *STORE, *SEAL, *FILES, *INTAKE, *variables, **ports), topic=topic)


# Of every town: without what its provider accounts bring (accounts.py), and without those of third parties.
OF_EVERY_TOWN: Final = (
    Service(
        "citizen-sandbox",
        "citizen_sandbox",
        {
            "GUICHET_SANDBOX_HTTP_PORT": "citizen-sandbox",
            "GUICHET_SANDBOX_SMTP_PORT": "citizen-sandbox-smtp",
            "GUICHET_SANDBOX_HEALTH_PORT": "citizen-sandbox-health",
        },
        (*SANDBOX, *PACKAGES),
        told=("GUICHET_SANDBOX_",),
    ),
    _host("ingest-email", INBOUND_EMAIL.name, GUICHET_LMTP_PORT="ingest-email-lmtp"),
    _host("ingest-sms", INBOUND_SMS.name, *DOOR, GUICHET_HTTP_PORT="ingest-sms"),
    _host("ingest-social", INBOUND_SOCIAL.name, *DOOR, GUICHET_HTTP_PORT="ingest-social"),
    _worker(
        "case-router",
        *(*STORE, *OPEN, "GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY", "GUICHET_THREAD_KEY"),
        *("GUICHET_REFERENCE_KEY", "GUICHET_PUBLIC_KEYS"),
    ),
    replace(
        _worker(
            "notifier",
            *(*STORE, *OPEN, *FILES),
            *("GUICHET_REFERENCE_KEY", "GUICHET_SENDER_SOCKETS"),
        ),
        only_reads=FILES,  # of an answer, which it encloses
    ),
    _worker(
        "gdpr-worker",
        *(*STORE, *OPEN, *FILES, *ROTATION, "GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY"),
        *("GUICHET_LEDGER_KEY", "GUICHET_PUBLIC_KEYS", *MAIL_OUT),
    ),
    _worker("search-indexer", *STORE, *OPEN, *SEARCHES),
    _door(
        "agent-desk",
        *(*STORE, *OPEN, *FILES, *INTAKE, *SEARCHES),
        *("GUICHET_SECTOR_KEY", "GUICHET_SESSION_KEY", "GUICHET_SIGNING_KEY"),
    ),
    _door("citizen-portal", *STORE, *SEAL, *FILES, *INTAKE, "GUICHET_PORTAL_FORM_KEY"),
    _door("ops-console", *ON_CALL, "GUICHET_OPS_TARGETS", "GUICHET_OPS_URL", "GUICHET_OPS_PUBLISHED"),
)  # fmt: skip
