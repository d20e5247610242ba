"""The stack of a run: three brokers, three members of the store, two processes each of router, notifier and adapters, everybody's addresses."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import KafkaSettings
from guichet.town import load_town
from guichet_local.plan.environment import stack_values
from guichet_local.servers import ServerOptions
from guichet_local.stack import LocalStack
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.builders.channels import FACTS
from guichet_testing.town.services import without
from guichet_topology.secrets import parse, signing_key_name
from tests.faults.form import Form
from tests.faults.load.clients import Doors
from tests.faults.load.plan import Names
from tests.faults.trouble.first_batch import ROUTER
from tests.faults.trouble.schedule import ADAPTERS

TOWN_NUMBER = FACTS["sms"].account.local["GUICHET_TWILIO_NUMBER"]  # on a local stack
IN_TWO: tuple[str, ...] = ("notifier", *ADAPTERS)
NO_MESSAGE_PASSES = ("agent-desk", "citizen-portal")  # in a run
SMS_PER_SECOND = "100"  # the town's number would need a quarter of an hour for 6,000 receipts


@dataclass
class TownStack:
    """A running stack and what the clients must know of it. processes: of each adapter."""

    stack: LocalStack
    processes: int = 2

    @classmethod
    def of(cls, folder: Path, form: Form, say: Callable[[str], None]) -> Self:
        """Return the stack, not started. Its router is held back until `start_routers`."""
        stack = LocalStack(
            folder,
            settings=_settings(form.messages) | {"GUICHET_VAULT_COPY": str(folder / "vault-copy")} | form.settings,
            services=form.services,
            kafka_nodes=3,
            mongodb_members=3,
            held_back=[ROUTER],
            server_options=ServerOptions(mongod_tls=True),
            say=say,
        )
        return cls(stack)

    @classmethod
    def on_one_machine(cls, folder: Path, messages: int, say: Callable[[str], None]) -> Self:
        """Return a stack as of a small town, not started: one broker, one mongod, one process of each service."""
        checkpoints = ("--syncdelay", "5")  # else a full disk is noticed by the minute
        stack = LocalStack(
            folder,
            settings=_settings(messages) | {"GUICHET_OPS_DOWN_AFTER": "PT5S"},
            services=without(*NO_MESSAGE_PASSES),
            server_options=ServerOptions(mongod_tls=True, mongod=checkpoints),
            say=say,
        )
        return cls(stack, processes=1)

    def up(self) -> None:
        """Start everything but the routers."""
        self.stack.up()
        for service in IN_TWO:
            self.stack.scale(service, 2)

    def start_routers(self) -> None:
        """Start both routers."""
        self.stack.start(ROUTER)
        self.stack.scale(ROUTER, 2)

    @property
    def readers(self) -> tuple[str, ...]:
        """Return the processes that read topics in a group."""
        return (ROUTER, f"{ROUTER}-2", "notifier", "notifier-2", "gdpr-worker", "search-indexer")

    @property
    def on_call(self) -> str:
        """Return the address that alarms go to."""
        return stack_values(self.stack.folder, self.stack.ports, {}, {})["GUICHET_ONCALL_EMAIL"]

    def signer_of(self, door: str) -> Signer:
        """Return what signs as the desk, which need not run here, or as the operator's command."""
        secrets = parse((self.stack.folder / "secrets" / "secrets.env").read_text())
        return Signer(base64.b64decode(secrets[signing_key_name(door)]))

    @property
    def values(self) -> dict[str, str]:
        """Return the variables of every service together."""
        return {
            name: value
            for service in (*ADAPTERS, "case-router", "notifier", "citizen-sandbox", "guichet")
            for name, value in self.stack.environment_of(service).items()
        }

    @property
    def kafka(self) -> KafkaSettings:
        """Return where the brokers are, as their administrator."""
        return self.stack.kafka_admin

    @property
    def names(self) -> Names:
        """Return what message ids are made with."""
        values = self.values
        town, key = load_town(Path(values["GUICHET_TOWN"])), base64.b64decode(values["GUICHET_MESSAGE_ID_KEY"])
        return Names(
            reader=MailReader(TownMailboxes(town.mailboxes, town.main_mailbox), key),
            key=key,
            number=TOWN_NUMBER,
            account_sid=values["GUICHET_TWILIO_ACCOUNT_SID"],
            bot=values["GUICHET_TELEGRAM_TOKEN"].partition(":")[0],
        )

    @property
    def doors(self) -> Doors:
        """Return where the clients hand over."""
        values, addresses = self.values, self.stack.addresses
        return Doors(
            mail={name: int(self.stack.environment_of(name)["GUICHET_LMTP_PORT"]) for name in self._of("ingest-email")},
            sms={name: addresses[name] for name in self._of("ingest-sms")},
            chat={name: addresses[name] for name in self._of("ingest-social")},
            twilio_public_url=values["GUICHET_TWILIO_PUBLIC_URL"],
            twilio_token=values["GUICHET_TWILIO_AUTH_TOKEN"],
            telegram_secret=values["GUICHET_TELEGRAM_WEBHOOK_SECRET"],
        )

    def _of(self, service: str) -> list[str]:
        return [service, *(f"{service}-{nth}" for nth in range(2, self.processes + 1))]


def _settings(messages: int) -> dict[str, str]:
    return {
        "GUICHET_SANDBOX_KEPT_MESSAGES": str(messages * 3 + 5000),
        "GUICHET_NOTIFIER_SMS_PER_SECOND": SMS_PER_SECOND,
        "GUICHET_NOTIFIER_RECEIPTS_A_DAY": "1000000",  # each is waited for
        "GUICHET_KAFKA_SECURITY": "sasl_ssl",  # as a town's brokers are
        "GUICHET_KEYS_REMEMBERED_FOR": "PT5S",  # an erasure waits so long for the caches
        "GUICHET_ERASURE_WAITS": "PT5S",
    }
