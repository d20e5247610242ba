"""The services of the stack and what each may know. Pure tables: the contract of who gets which variable.

A process gets the variables of its row and nothing else: an adapter cannot open what it seals, ops-console cannot reach
persons, and the sandbox knows of Guichet only where to deliver.
"""

from dataclasses import dataclass
from typing import Final

from guichet_local.plan.ports import health_port_name

BASE: Final = (
    *("GUICHET_KAFKA_BOOTSTRAP_SERVERS", "GUICHET_KAFKA_SECURITY", "GUICHET_KAFKA_MECHANISM", "GUICHET_KAFKA_CA_FILE"),
    *("GUICHET_KAFKA_USERNAME", "GUICHET_KAFKA_PASSWORD"),  # each its own
    "GUICHET_TOWN",
    "GUICHET_HEALTH_HOST",
    "GUICHET_HEALTH_PORT",
    "GUICHET_PORTAL_URL",
    "GUICHET_DESK_URL",
    "GUICHET_LOG_LEVEL",
    "GUICHET_CLOCK_FILE",
)
DOOR: Final = ("GUICHET_HTTP_HOST", "GUICHET_HTTP_PORT")  # who has pages or webhooks
PROBED: Final = ("GUICHET_PROBING_REFUSALS", "GUICHET_PROBING_WINDOW")  # who is knocked at by strangers
PROXIES: Final = ("GUICHET_TRUSTED_PROXIES",)
STORE: Final = ("GUICHET_MONGODB_URI", "GUICHET_MONGODB_DATABASE", "GUICHET_MONGODB_OLD_SERVER")
SEAL: Final = ("GUICHET_VAULT_MONGODB_URI", "GUICHET_VAULT_DATABASE", "GUICHET_OBJECTS_URL")
OPEN: Final = (*SEAL, "GUICHET_ROOT_KEY_FILE", "GUICHET_KEYS_REMEMBERED_FOR")  # never an adapter
TURN: Final = ("GUICHET_ROOT_KEY_COPY", "GUICHET_VAULT_BACKUPS", "GUICHET_VAULT_TURN_AT")
INTAKE: Final = ("GUICHET_MESSAGE_ID_KEY", "GUICHET_INGEST_PSEUDONYM_KEY")
TWILIO: Final = (
    "GUICHET_TWILIO_ACCOUNT_SID",
    "GUICHET_TWILIO_AUTH_TOKEN",
    "GUICHET_TWILIO_API_URL",
    "GUICHET_TWILIO_NUMBER",
    "GUICHET_TWILIO_WHATSAPP_NUMBER",
    "GUICHET_TWILIO_PUBLIC_URL",
)
TELEGRAM: Final = (
    "GUICHET_TELEGRAM_TOKEN",
    "GUICHET_TELEGRAM_WEBHOOK_SECRET",
    "GUICHET_TELEGRAM_API_URL",
    "GUICHET_TELEGRAM_PUBLIC_URL",
)
MAIL_OUT: Final = (
    "GUICHET_SMTP_HOST",
    "GUICHET_SMTP_PORT",
    "GUICHET_SMTP_USERNAME",
    "GUICHET_SMTP_PASSWORD",
    "GUICHET_SMTP_SECURITY",
)
ON_CALL: Final = ("GUICHET_ONCALL_EMAIL", "GUICHET_ONCALL_WEBHOOK_URL", *MAIL_OUT)
LMTP: Final = ("GUICHET_LMTP_HOST", "GUICHET_LMTP_PORT")
# What has a good default and is handed on where the user sets it.
TUNING: Final = {
    "citizen-sandbox": (
        *("GUICHET_SANDBOX_CITIZENS", "GUICHET_SANDBOX_FIRST_RETRY", "GUICHET_SANDBOX_STATUS_PAUSE"),
        "GUICHET_SANDBOX_KEPT_MESSAGES",
    ),
    "ingest-email": (
        "GUICHET_LMTP_MAX_BYTES",
        "GUICHET_LMTP_MAX_CONNECTIONS",
        "GUICHET_LMTP_MAX_BYTES_IN_FLIGHT",
        "GUICHET_LMTP_AUTHSERV_ID",
    ),
    "ingest-social": (*PROBED, *PROXIES, "GUICHET_TELEGRAM_FILE_PATIENCE"),
    "agent-desk": (*PROBED, *PROXIES, "GUICHET_CLAMAV_URL", "GUICHET_DESK_SECOND_FACTOR"),
    "citizen-portal": (*PROBED, *PROXIES),
    "ingest-sms": (
        *(*PROBED, *PROXIES),
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
SANDBOX: Final = (
    "GUICHET_SANDBOX_HTTP_HOST",
    "GUICHET_SANDBOX_HTTP_PORT",
    "GUICHET_SANDBOX_SMTP_PORT",
    "GUICHET_SANDBOX_HEALTH_HOST",
    "GUICHET_SANDBOX_HEALTH_PORT",
    "GUICHET_SANDBOX_LMTP_HOST",
    "GUICHET_SANDBOX_LMTP_PORT",
    "GUICHET_LMTP_AUTHSERV_ID",
    "GUICHET_SANDBOX_SMS_WEBHOOK_URL",
    "GUICHET_SANDBOX_TELEGRAM_WEBHOOK_URL",
    "GUICHET_LOG_LEVEL",
    "GUICHET_CLOCK_FILE",
)


@dataclass(frozen=True)
class Service:
    """One service: started by `python -m <package>`, ready when its health page says so.

    `ports` maps each variable by which the process learns a port to the name of that port in `ports.py`.
    """

    name: str
    package: str
    ports: dict[str, str]
    variables: tuple[str, ...]

    def may_know(self, variable: str) -> bool:
        """True for its row, for what tunes it, and for what bears its name (GUICHET_CASE_ROUTER_…)."""
        own = f"GUICHET_{self.name.upper().replace('-', '_')}_"
        tuning = ("GUICHET_DEAD_LETTERS_PER_MINUTE", *TUNING.get(self.name, ()))
        return variable in {*self.variables, *tuning} or variable.startswith(own)


def _worker(name: str, *variables: str, **ports: str) -> Service:
    own = {"GUICHET_HEALTH_PORT": health_port_name(name), **ports}
    return Service(name, name.replace("-", "_"), own, (*BASE, *variables))


def _door(name: str, *variables: str) -> Service:
    return _worker(name, *DOOR, *variables, GUICHET_HTTP_PORT=name)


SERVICES: Final = (
    Service(
        "citizen-sandbox",
        "citizen_sandbox",
        {
            "GUICHET_SANDBOX_HTTP_PORT": "citizen-sandbox",
            "GUICHET_SANDBOX_SMTP_PORT": "citizen-sandbox-smtp",
            "GUICHET_SANDBOX_HEALTH_PORT": "citizen-sandbox-health",
        },
        (*SANDBOX, *TWILIO, *TELEGRAM),
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
        *(*STORE, *OPEN, *TWILIO, *TELEGRAM, *MAIL_OUT),
        "GUICHET_REFERENCE_KEY",
    ),
    _worker(
        "gdpr-worker",
        *(*STORE, *OPEN, *TURN, "GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY"),
        *("GUICHET_LEDGER_KEY", "GUICHET_PUBLIC_KEYS", *MAIL_OUT),
    ),
    _door("agent-desk", *STORE, *OPEN, "GUICHET_SECTOR_KEY", "GUICHET_SESSION_KEY", "GUICHET_SIGNING_KEY"),
    _door("citizen-portal", *STORE, *SEAL, *INTAKE, "GUICHET_PORTAL_FORM_KEY"),
    _door("ops-console", *ON_CALL, "GUICHET_OPS_TARGETS", "GUICHET_OPS_URL"),
)  # fmt: skip

COMMAND_LINE: Final = (
    *(*BASE, *STORE, *OPEN, *TURN, *TWILIO, *TELEGRAM, *MAIL_OUT, *LMTP),
    *("GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY", "GUICHET_LEDGER_KEY"),
    *("GUICHET_OPS_URL", "GUICHET_KAFKA_REPLICATION"),
    *("GUICHET_KAFKA_ADMIN_PROPERTIES", "GUICHET_KAFKA_USERS_FILE"),
    *("GUICHET_THREAD_KEY", "GUICHET_FOLLOW_KEY"),  # migrations
    *("GUICHET_SIGNING_KEY", "GUICHET_PUBLIC_KEYS"),
    *("GUICHET_MONGODB_ADMIN_URI_FILE", "GUICHET_MONGODB_USERS_FILE"),
)
