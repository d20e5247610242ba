"""deploy/compose.yaml: a container for each service, from the table of services. Pure.

One image, one user in it, nothing that it may write to but what is mounted; a service is mounted what its row lets it
know of, and nothing else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from guichet.town.own_accounts import OwnAccount
from guichet_server.layout import OBJECTS, PLACES, ROOT_KEY
from guichet_server.render.containers import (
    ADMINISTRATION,
    COMMANDS,
    ENVIRONMENTS,
    ROOT_KEY_COPY,
    SENDING_JOURNAL,
    SUBNET,
    USER,
    VAULT_COPY,
    container_services,
)
from guichet_server.users import ROTATES, SEARCHES
from guichet_topology.commands import KAFKA_ADMINISTRATOR, variables_of
from guichet_topology.ports import health_port_name
from guichet_topology.services import Service

HEAD: Final = """\
# Rendered from guichet_topology's table of services by `make compose`; docs/decisions/0050 says why.
# What each container is told lies in {environments}, a file each, which `guichet-server containers` writes.
# A sender starts by its profile, which that command names for the accounts of the town: a demonstration has none.
# A command: docker compose run --rm guichet-cli guichet_cli town check; others by the container that bears its right.
x-service: &service
  image: ${{GUICHET_IMAGE:-guichet}}
  build: {{ context: .., dockerfile: deploy/service.Dockerfile }}
  user: "{user}:{user}" # owner of what is mounted to be written
  read_only: true
  tmpfs: ["/tmp:mode=1777,size=256m"]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  init: true
  restart: unless-stopped
  stop_grace_period: 60s
  networks: [guichet]
  logging: {{ driver: json-file, options: {{ max-size: 50m, max-file: "20" }} }}

services:
"""
FOOT: Final = """
networks:
  guichet: {{ ipam: {{ config: [{{ subnet: {subnet} }}] }} }}

volumes:
  senders: {{}}
"""
_PUBLISHED: Final = ("GUICHET_HTTP_PORT", "GUICHET_LMTP_PORT")
_READ: Final[Mapping[str, str]] = {"GUICHET_TOWN": PLACES.town, "GUICHET_PUBLIC_KEYS": PLACES.public_keys}
_WRITTEN: Final[Mapping[str, str]] = {
    "GUICHET_OBJECTS_URL": OBJECTS,
    "GUICHET_VAULT_BACKUPS": PLACES.vault_backups,
    "GUICHET_BACKUPS": PLACES.backups,
    "GUICHET_VAULT_COPY": VAULT_COPY,
    "GUICHET_ROOT_KEY_COPY": ROOT_KEY_COPY,
    "GUICHET_NOTIFIER_JOURNAL": SENDING_JOURNAL,
}
_SEARCH_FILES: Final = "GUICHET_SEARCH_FILES"
_ROOT_KEY: Final = "GUICHET_ROOT_KEY_FILE"
_SOCKETS: Final = "GUICHET_SENDER_SOCKETS"


def compose_file(accounts: Iterable[OwnAccount], ports: Mapping[str, int]) -> str:
    """Render the file for a town that has these accounts."""
    services = container_services(accounts)
    blocks = [_block(each, ports) for each in services]
    commands = [_command(name, words) for name, words in COMMANDS.items()]
    head, foot = HEAD.format(environments=ENVIRONMENTS, user=USER), FOOT.format(subnet=SUBNET)
    return head + "".join((*blocks, *commands)) + foot


def _block(service: Service, ports: Mapping[str, int]) -> str:
    lines = [f"  {service.name}:", "    <<: *service", f"    command: [{service.package}]"]
    lines += [f'    env_file: ["{environment_path(service.name)}"]']
    if service.lane is not None:
        lines += [f"    profiles: [{service.lane}]"]
    published = [ports[service.ports[name]] for name in _PUBLISHED if name in service.ports]
    lines += _listed("ports", (f'"127.0.0.1:{port}:{port}"' for port in published))
    mounts = mounts_of(
        service.may_know,
        replaces_root_key=service.name == ROTATES,
        writes_search_files=service.name == SEARCHES,
        only_reads=service.only_reads,
    )
    lines += _listed("volumes", mounts) + _health(ports[health_port_name(service.name)])
    return "\n".join(lines) + "\n"


def _command(name: str, words: Iterable[str]) -> str:
    """A container in which an operator gives commands: what prepares, tries, backs up and restores."""
    may_know = variables_of([*words])
    mounts = [*mounts_of(may_know.__contains__, replaces_root_key=True)]
    mounts += [_bind(ADMINISTRATION)] if {*KAFKA_ADMINISTRATOR} & {*may_know} else []
    lines = [f"  {name}:", "    <<: *service", f"    command: [guichet_cli, {', '.join(words)}]"]
    lines += [f'    env_file: ["{environment_path(name)}"]', '    restart: "no"', "    profiles: [command]"]
    return "\n".join([*lines, *_listed("volumes", mounts)]) + "\n"


def environment_path(name: str) -> str:
    """The file of a container's variables."""
    return f"${{GUICHET_CONTAINERS:-{ENVIRONMENTS}}}/{name}.env"


def mounts_of(
    may_know: Callable[[str], bool],
    *,
    replaces_root_key: bool,
    writes_search_files: bool = False,
    only_reads: Iterable[str] = (),
) -> Iterator[str]:
    """Yield what a container is mounted, by the variables that it may know. only_reads: of these, to be read alone."""
    yield from (_bind(path) for variable, path in _READ.items() if may_know(variable))
    read = {*only_reads}
    yield from (_bind(path, writes=name not in read) for name, path in _WRITTEN.items() if may_know(name))
    if may_know(_SEARCH_FILES):
        yield _bind(PLACES.search_files, writes=writes_search_files)
    if may_know(_ROOT_KEY):
        yield _bind(ROOT_KEY, writes=replaces_root_key)
    if may_know(_SOCKETS):
        yield f'"senders:{PLACES.sender_sockets}"'


def _bind(path: str, *, writes: bool = False) -> str:
    return f'"{path}:{path}"' if writes else f'"{path}:{path}:ro"'


def _listed(name: str, values: Iterable[str]) -> list[str]:
    found = [f"      - {value}" for value in values]
    return [f"    {name}:", *found] if found else []


def _health(port: int) -> list[str]:
    return [
        "    healthcheck:",
        f'      test: ["CMD", "python", "-P", "-m", "guichet_server.run.container_health", "{port}"]',
        "      interval: 30s",
        "      timeout: 10s",
        "      start_period: 60s",
    ]
