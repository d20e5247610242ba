"""The services and what each may know. Pure tables: the contract of who gets which variable.

A process gets the variables of its row and nothing else: an adapter cannot open what it seals, ops-console cannot reach
persons, and the sandbox knows of Guichet only where to deliver.
"""

from dataclasses import dataclass
from typing import Final

from guichet_topology.ports import health_port_name
from guichet_topology.variables import (
    BASE,
    DOOR,
    INTAKE,
    LMTP,
    MAIL_OUT,
    ON_CALL,
    OPEN,
    PACKAGES,
    PROBED,
    PROCESS,
    PROXIES,
    ROTATION,
    SANDBOX,
    SEAL,
    SENDERS,
    SHOWN,
    STORE,
    TELEGRAM,
    TWILIO,
)

# What has a good default and is handed on where the user sets it.
TUNING: Final = {
    "citizen-sandbox": (
        *("GUICHET_SANDBOX_CITIZENS", "GUICHET_SANDBOX_FIRST_RETRY", "GUICHET_SANDBOX_STATUS_PAUSE"),
        "GUICHET_SANDBOX_KEPT_MESSAGES",
    ),
    "ingest-email": (
        *(*DOOR, *PROBED, *PROXIES, *SHOWN),
        "GUICHET_LMTP_MAX_BYTES",
        "GUICHET_LMTP_MAX_CONNECTIONS",
        "GUICHET_LMTP_MAX_BYTES_IN_FLIGHT",
        "GUICHET_LMTP_AUTHSERV_ID",
    ),
    "ingest-social": (*PROBED, *PROXIES, *SHOWN, "GUICHET_TELEGRAM_FILE_PATIENCE"),
    "agent-desk": (*PROBED, *PROXIES, "GUICHET_CLAMAV_URL", "GUICHET_DESK_SECOND_FACTOR"),
    "citizen-portal": (*PROBED, *PROXIES),
    "ingest-sms": (
        *(*PROBED, *PROXIES, *SHOWN),
        "GUICHET_TWILIO_WEBHOOK_KEY",
        "GUICHET_TWILIO_CATCH_UP_EVERY",
        "GUICHET_TWILIO_CATCH_UP_WINDOW",
        "GUICHET_TWILIO_CATCH_UP_GRACE",
        "GUICHET_TWILIO_FILE_PATIENCE",
    ),
    "gdpr-worker": (
        *("GUICHET_TRIM_EVERY", "GUICHET_ERASURE_WAITS", "GUICHET_ERASURE_STUCK_AFTER"),
        *("GUICHET_OPLOG_KEPT_FOR", "GUICHET_BACKUPS_KEPT_FOR"),
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
    knowing their names. `plays`: the third parties whose account it plays, and so knows as they do, and where it
    reaches them (GUICHET_SANDBOX_<PROVIDER>_…).
    """

    name: str
    package: str
    ports: dict[str, str]
    variables: tuple[str, ...]
    lane: str | None = None
    channels: tuple[str, ...] = ()
    own_keys: tuple[str, ...] = ()
    provider: str | None = None
    plays: tuple[str, ...] = ()

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
    def is_third_party(self) -> bool:
        """Whether what runs there is not part of Guichet."""
        return self.provider is not None

    def may_know(self, variable: str) -> bool:
        """True for its row, for what tunes it, and for what bears its name (GUICHET_CASE_ROUTER_…)."""
        tuning = ("GUICHET_DEAD_LETTERS_PER_MINUTE", *TUNING.get(self.name, ()))
        prefixes = (*self.prefixes, *(prefix_of(name) for each in self.plays for name in (each, f"sandbox-{each}")))
        return variable in {*self.variables, *tuning} or variable.startswith(prefixes)


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


def _sender(lane: str, *credentials: str) -> Service:
    """A sender knows its account, and nothing that opens, stores or publishes."""
    name = f"sender-{lane}"
    own = {"GUICHET_HEALTH_PORT": health_port_name(name)}
    return Service(name, "notifier_sender", own, (*PROCESS, *SENDERS, *credentials), lane)


SERVICES: Final = (
    Service(
        "citizen-sandbox",
        "citizen_sandbox",
        {
            "GUICHET_SANDBOX_HTTP_PORT": "citizen-sandbox",
            "GUICHET_SANDBOX_SMTP_PORT": "citizen-sandbox-smtp",
            "GUICHET_SANDBOX_HEALTH_PORT": "citizen-sandbox-health",
        },
        (*SANDBOX, *PACKAGES, *TWILIO, *TELEGRAM),
    ),
    _worker("ingest-email", *STORE, *SEAL, *INTAKE, *LMTP, GUICHET_LMTP_PORT="ingest-email-lmtp"),
    _door("ingest-sms", *STORE, *SEAL, *INTAKE, *TWILIO),
    _door("ingest-social", *STORE, *SEAL, *INTAKE, *TELEGRAM),
    _worker(
        "case-router",
        *(*STORE, *OPEN, "GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY", "GUICHET_THREAD_KEY"),
        *("GUICHET_REFERENCE_KEY", "GUICHET_PUBLIC_KEYS"),
    ),
    _worker(
        "notifier",
        *(*STORE, *OPEN),
        *("GUICHET_REFERENCE_KEY", "GUICHET_SENDER_SOCKETS"),
    ),
    _sender("mail", *MAIL_OUT),
    _sender("twilio", *TWILIO),
    _sender("telegram", "GUICHET_TELEGRAM_TOKEN", "GUICHET_TELEGRAM_API_URL"),
    _worker(
        "gdpr-worker",
        *(*STORE, *OPEN, *ROTATION, "GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY"),
        *("GUICHET_LEDGER_KEY", "GUICHET_PUBLIC_KEYS", *MAIL_OUT),
    ),
    _door("agent-desk", *STORE, *OPEN, "GUICHET_SECTOR_KEY", "GUICHET_SESSION_KEY", "GUICHET_SIGNING_KEY"),
    _door("citizen-portal", *STORE, *SEAL, *INTAKE, "GUICHET_PORTAL_FORM_KEY"),
    _door("ops-console", *ON_CALL, "GUICHET_OPS_TARGETS", "GUICHET_OPS_URL"),
)  # fmt: skip
