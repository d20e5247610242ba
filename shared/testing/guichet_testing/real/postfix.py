"""A real Postfix as a town's relay: it takes mail for Guichet and hands it over by LMTP, and takes Guichet's out."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.ports import HOST, answers, free_ports
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_testing.real.mail_servers import SPOOL, USERS, as_root, find_mail_server, first_line_of

QUEUES: Final = ("incoming", "active", "deferred")  # where a mail lies that was taken and is not delivered
FOLDERS: Final = (
    *QUEUES,
    "bounce",
    "corrupt",
    "defer",
    "flush",
    "hold",
    "maildrop",
    "private",
    "public",
    "saved",
    "trace",
)
DAEMONS: Final = Path("/usr/lib/postfix/sbin")
# What cannot be delivered is tried again after a second: a town's own relay waits five minutes.
MAIN: Final = """\
compatibility_level = 3.6
queue_directory = {spool}/queue
data_directory = {spool}/data
meta_directory = {spool}/conf
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
import_environment = MAIL_CONFIG LD_PRELOAD LD_LIBRARY_PATH FAKEROOTKEY FAKEROOTDONTTRYCHOWN
maillog_file = /dev/stdout
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mx.{domain}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
smtp_dns_support_level = disabled
smtp_host_lookup = native
virtual_mailbox_domains = {domains}
virtual_transport = lmtp:inet:{host}:{lmtp_port}
lmtp_destination_recipient_limit = 1
relayhost = [{host}]:{relay_port}
message_size_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
transport_retry_time = 1s
"""
PREPENDING: Final = "smtpd_data_restrictions = check_client_access static:{{PREPEND {}}}\n"
MASTER: Final = """\
{host}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """A Postfix whose queue lies in this folder, which holds nothing else; start it again and it delivers what is left.

    domain: of the town, whose mail goes to `lmtp_port`, and so does that of `others`; all other to `relay_port`, by
    SMTP. It itself is called mx.<domain>, and takes mail from this machine at `port`, which may be said. header: what
    it writes above each mail that it takes, above its own Received too, such as `Authentication-Results: …`.
    """

    def __init__(
        self,
        folder: Path,
        domain: str,
        *,
        lmtp_port: int,
        relay_port: int,
        others: Sequence[str] = (),
        port: int = 0,
        header: str = "",
    ) -> None:
        self.host = HOST
        self.port = port or free_ports(1)[0]
        self.log = folder / "postfix.log"
        self._folder = folder
        values = {"spool": SPOOL, "daemons": DAEMONS, "host": HOST, "port": self.port, "domain": domain}
        values |= {"lmtp_port": lmtp_port, "relay_port": relay_port, "domains": " ".join((domain, *others))}
        self._prepare(values, PREPENDING.format(header) if header else "")
        command = as_root(folder, [str(DAEMONS / "master"), "-s", "-c", str(SPOOL / "conf")])
        self._process = ServerProcess("Postfix", command, self.log, outlives_us=True)

    @property
    def is_alive(self) -> bool:
        """True while it runs."""
        return self._process.is_alive

    def start(self) -> None:
        """Start it unless it runs, and return when it takes mail. Raises StartFailedError."""
        self._process.start()
        wait_until(lambda: answers(self.port), "Postfix takes mail", check=self._process.raise_if_ended)

    def stop(self) -> None:
        """Stop it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End all its processes at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def queued(self) -> int:
        """Return how many mails it has taken and neither delivered nor returned."""
        return sum(each.is_file() for name in QUEUES for each in (self._folder / "queue" / name).rglob("*"))

    def _prepare(self, values: Mapping[str, object], further: str) -> None:
        conf, data = self._folder / "conf", self._folder / "data"
        for each in (conf, data, self._folder / "queue" / "pid", *(self._folder / "queue" / name for name in FOLDERS)):
            each.mkdir(parents=True)
        self._folder.chmod(0o755)
        for each in (data, *(self._folder / "queue" / name for name in FOLDERS)):
            each.chmod(0o700)
            if os.geteuid() == 0:
                os.chown(each, USERS["postfix"], USERS["postfix"])
        for name, text in (("main.cf", MAIN.format_map(values) + further), ("master.cf", MASTER.format_map(values))):
            (conf / name).write_text(text)
            os.utime(conf / name, (0, 0))  # younger than two seconds, it is read until it is not

    def _end(self, by: signal.Signals) -> None:
        """End its first process and what that started; what feigns that we are root ends with it by itself."""
        if not self.is_alive:
            return
        with suppress(ProcessLookupError):
            os.killpg(int((self._folder / "queue" / "pid" / "master.pid").read_text()), by)
        wait_until(lambda: not self.is_alive, "Postfix has ended")


@contextmanager
def running_postfix(folder: Path, domain: str, **options: Any) -> Iterator[Postfix]:
    """Run a Postfix whose queue lies in this folder. options: its own. Raises StartFailedError."""
    server = Postfix(folder, domain, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def why_no_postfix(folder: Path) -> str | None:
    """Return why there can be no Postfix here, or None. folder: to try it in."""
    binary = find_mail_server("postfix")
    if binary is None:
        return "no Postfix: deploy/bootstrap.sh mailservers"
    try:
        first_line_of(as_root(folder, [str(binary.with_name("postconf")), "-d", "-h", "mail_version"]))
    except StartFailedError as exc:
        return f"no Postfix in a namespace of its own: {exc}"
    return None
