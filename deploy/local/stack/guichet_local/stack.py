"""The whole of Guichet on one machine: servers, services, citizen sandbox. Used by `make run` and by tests."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Self

from guichet.clock import make_clock_file, move_clock
from guichet.runtime.settings import KafkaSettings
from guichet.town.third_parties import ThirdParty
from guichet_local.errors import AlreadyRunningError
from guichet_local.kafka.sign_in import administrator
from guichet_local.machine.disk import check_room
from guichet_local.machine.locks import ALREADY_RUNNING, FolderLock
from guichet_local.machine.paths import CACHE, CHANNELS, CLOCK
from guichet_local.machine.report import Report
from guichet_local.mongod.sign_in import store_tls_values
from guichet_local.parts import Parts
from guichet_local.plan.addresses import addresses_of, remember_addresses, titles_of
from guichet_local.plan.environment import stack_values, system_environment
from guichet_local.plan.ports import PortPlan, check_free, free_plan, further_kafka_plan, further_mongodb_plan
from guichet_local.plan.preparation import PREPARATION, Preparation
from guichet_local.plan.public_keys import PUBLIC_KEYS, lay_public_keys
from guichet_local.plan.secrets import load_or_make_secrets
from guichet_local.plan.started_with import StartedWith, remember_start
from guichet_local.plan.town import accounts_of, settings_told
from guichet_local.processes.run_steps import run_steps
from guichet_local.processes.service_process import ServiceProcess, first_process
from guichet_local.processes.supervisor import supervisor_of
from guichet_local.servers import ServerOptions, own_servers, unused_ports
from guichet_topology.environment import Environment, command_line_environment
from guichet_topology.services import Service
from guichet_topology.sign_in import admin_uri
from guichet_topology.third_parties import services_with


class LocalStack:
    """Everything in one folder, on `ports` (free ones unless told). `up` starts it, `down` stops it, data stays.

    `settings` are GUICHET_… variables that win over ours; naming a Kafka or a MongoDB there means that the
    stack runs none of its own. Parts are called by name: "kafka", "mongodb", "case-router", "case-router-2" …
    `kafka_nodes`: 1, or 3 for a cluster ("kafka", "kafka-2", "kafka-3"; each record on all, two must confirm).
    `mongodb_members`: 1, or 3 for a replica set that elects ("mongodb", "mongodb-2", "mongodb-3"; two must confirm).
    `server_options`: what our own servers are told beyond the usual.
    `services`: all of the town's, unless told: Guichet's, and those of its channels of other packages; `up` waits for
    the former alone. Of senders, only those whose account a channel of the town needs.
    `held_back`: services that `up` leaves to a later `start`.
    The stack ends with the thread that called `up`, unless that was `up(detached=True)`.
    """

    def __init__(  # noqa: PLR0913 - what a test may want different
        self,
        folder: Path,
        *,
        ports: PortPlan | None = None,
        settings: Mapping[str, str] | None = None,
        services: Sequence[Service] | None = None,
        preparation: Preparation = PREPARATION,
        kafka_nodes: int = 1,
        mongodb_members: int = 1,
        held_back: Sequence[str] = (),
        server_options: ServerOptions = ServerOptions(),
        say: Report = lambda _: None,
    ) -> None:
        self.folder = folder
        self._accounts = accounts_of(settings or {})
        services = services_with(self._accounts) if services is None else services
        further = further_kafka_plan(kafka_nodes) | further_mongodb_plan(mongodb_members)
        self.ports = (free_plan(self._accounts) if ports is None else ports) | further
        self.supervisor = supervisor_of(folder)
        self._parts = Parts(self.supervisor, folder / "logs", say)
        self._settings = settings_told(settings or {})
        lanes = {None, *(each.provider for each in self._accounts if each.sends)}
        started = [service for service in services if service.lane in lanes]
        self._parts.processes = {service.name: first_process(service, self.ports) for service in started}
        self._preparation = preparation.of({service.name for service in started})
        self._server_options = server_options
        self._held_back = frozenset(held_back)
        self._say = say
        self._lock = FolderLock(folder)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def titles(self) -> dict[str, str]:
        """What answers there, in words, of the addresses that people are shown."""
        return titles_of(self._accounts)

    @property
    def addresses(self) -> dict[str, str]:
        """Where each part answers, by port name ("agent-desk", "ingest-email-lmtp", "case-router-2-health" …)."""
        of_processes = {
            name: port for each in self._parts.processes.values() for name, port in each.named_ports.items()
        }
        return addresses_of(self.ports | of_processes, self._settings)

    @property
    def services(self) -> frozenset[str]:
        """Which services are this stack's, whether they run just now or not."""
        return frozenset(each.service.name for each in self._parts.processes.values())

    @property
    def kafka_admin(self) -> KafkaSettings:
        """The broker's administrator, for a test that looks into it; no process gets these."""
        return administrator(self._parts.values)

    @property
    def mongodb_admin_uri(self) -> str:
        """The store's administrator, for a test that looks into it; no process gets this."""
        return admin_uri(self._parts.values)

    def environment_of(self, name: str, *words: str) -> Environment:
        """The variables that a process gets: a service's, or those of the command `guichet WORDS`."""
        values = self._parts.values
        if name == "guichet":
            return system_environment(os.environ) | command_line_environment(values, words, self._accounts)
        return system_environment(os.environ) | self._parts.processes[name].environment(values)

    def up(self, *, detached: bool = False) -> None:
        """Start everything and return when all of it is ready; what was started is stopped if that fails.

        Raises LocalStackError: its message says what to do.
        """
        self._claim()
        try:
            self._prepare_folder()
            self._start_servers(detached=detached)
            self._start_services()
            remember_addresses(self.folder, self.addresses)
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Stop everything: services first, then the servers. Safe to call twice."""
        if self._lock.is_held:
            self.supervisor.stop_everything()
            self._lock.release()

    def is_ready(self, name: str) -> bool:
        """Say whether one part serves."""
        return self._parts.is_ready(name)

    def start(self, name: str) -> None:
        """Start one part and return when it is ready."""
        self._parts.start([name])

    def stop(self, name: str) -> None:
        """Stop one part in order. It stays stopped."""
        self.supervisor.end(name)

    def kill(self, name: str) -> None:
        """End one part as a power cut would. The supervisor starts it again."""
        self.supervisor.kill(name)

    def move_clock(self, by: timedelta) -> timedelta:
        """Move the clock of every process, ahead or back (negative); return how far it is moved in all."""
        return move_clock(self.folder / CLOCK, by)

    def run_instead(self, processes: Sequence[ServiceProcess]) -> None:
        """Stop the processes of these names, run these in their place, and return when all are ready."""
        self._parts.stop_and_remove([each.name for each in processes if each.name in self._parts.processes])
        self._parts.add_and_start(processes)
        remember_addresses(self.folder, self.addresses)

    def scale(self, name: str, count: int) -> list[str]:
        """Run `count` processes of a service, the further ones on free ports; return the processes' names."""
        names = self._parts.scale(name, count)
        remember_addresses(self.folder, self.addresses)
        return names

    def _claim(self) -> None:
        self._lock.take()
        if self.supervisor.is_running:
            self._lock.release()
            raise AlreadyRunningError(ALREADY_RUNNING)

    def _prepare_folder(self) -> None:
        check_room(self.folder)
        make_clock_file(self.folder / CLOCK)
        unused = unused_ports(self._settings)
        check_free({name: port for name, port in self.ports.items() if name not in unused})
        secrets = load_or_make_secrets(self.folder / "secrets", self._accounts)
        hosts = [each.host for each in self._accounts if isinstance(each, ThirdParty) and each.takes_in]
        lay_public_keys(self.folder / "secrets" / PUBLIC_KEYS, secrets, hosts)
        tls = store_tls_values(self.folder) if self._server_options.mongod_tls else {}
        self._parts.values = stack_values(self.folder, self.ports, secrets, self._settings, self._accounts) | tls
        (self.folder / CHANNELS).mkdir(exist_ok=True)
        (self.folder / "objects").mkdir(exist_ok=True, mode=0o700)

    def _start_servers(self, *, detached: bool) -> None:
        self._parts.servers = own_servers(
            self.folder,
            CACHE,
            self.ports,
            self._settings,
            self._say,
            self._server_options,
            values=self._parts.values,
        )
        for server in self._parts.servers.values():
            server.prepare()
        self._parts.write()
        remember_start(self.folder, StartedWith(self.ports, self._settings))
        self._say("Starting Guichet")
        self.supervisor.start(system_environment(os.environ), detached=detached)
        self._parts.start(self._parts.servers)

    def _start_services(self) -> None:
        environment_of = partial(self.environment_of, "guichet")
        self._say("Preparing keys, topics and collections")
        run_steps(self._preparation.before, self.folder, environment_of)
        with ThreadPoolExecutor(max_workers=1) as thread:
            meanwhile = thread.submit(run_steps, self._preparation.meanwhile, self.folder, environment_of)
            wanted = self._parts.processes.keys() - self._held_back
            others = {name for name in wanted if self._parts.processes[name].service.is_third_party}
            self._parts.begin(others)
            self._parts.start(wanted - others)
            meanwhile.result()
        self._parts.report(others)
