"""What must be true of the machine once the document's commands were given."""

import re
import time
from typing import Final

from tests.install_server.machine import Machine
from tests.install_server.report import say

HANDED_OVER, READ = "contact@villiers.example", "ccas@villiers.example"
INBOX: Final = "/srv/mail/perrine@courriel.example/new"
SERVICES: Final = (
    *(
        "kafka",
        "mongod",
        "ingest-email",
        "ingest-sms",
        "ingest-social",
        "case-router",
        "notifier",
        "gdpr-worker",
        "search-indexer",
    ),
    *("agent-desk", "citizen-portal", "ops-console", "sender-mail"),
)
NOT_ALLOWED: Final = (  # (as whom, what)
    ("guichet-notifier", "cat /etc/guichet/secrets/notifier.env"),
    ("guichet-ingest-email", "cat /var/lib/guichet/root-key/root.key"),
    ("guichet-citizen-portal", "cat /var/lib/guichet/root-key/root.key"),
    ("guichet-case-router", "touch /var/lib/guichet/root-key/x"),
    ("guichet-cli", "cat /etc/guichet/secrets/made.env"),
    ("guichet-agent-desk", "ls /run/guichet/sender-mail"),
    ("guichet-ops-console", "ls /var/lib/guichet/objects"),
    ("guichet-agent-desk", "touch /var/lib/guichet/search/x"),
    ("guichet-notifier", "ls /var/lib/guichet/search"),
    ("guichet-citizen-portal", "bash -c '</dev/tcp/127.0.0.1/2019'"),  # Caddy's door for whoever changes what it serves
    ("guichet-citizen-portal", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/8024; read said <&3; [[ $said == 220* ]]'"),  # LMTP
    ("guichet-notifier", "test -w /run/guichet/errand.sock"),
)


def look_around(machine: Machine) -> None:
    """Every unit runs as its own user; secrets are root's; pages answer through Caddy alone; a backup was verified."""
    for name in SERVICES:
        unit = f"guichet-{name}"
        assert machine.says(f"systemctl is-active {unit}").strip() == "active", unit
        pid = machine.says(f"systemctl show -p MainPID --value {unit}").strip()
        assert machine.says(f"stat -c %U /proc/{pid}").strip() == unit
        assert machine.says(f"systemctl show -p NRestarts --value {unit}").strip() == "0", f"{unit} was started again"
    for user, command in NOT_ALLOWED:
        assert machine.run(f"runuser -u {user} -- {command}", check=False).returncode, f"{user} may: {command}"
    readable = "for each in /var/lib/guichet/search/*.search*; do test -r $each || exit 1; done"
    machine.run(f"runuser -u guichet-agent-desk -- bash -c '{readable}'")
    assert machine.says("ls /var/backups/guichet/data/*/verified"), "the first backup was not found good"
    _pages(machine)
    _exposure(machine)
    _an_operator_is_named(machine)
    _keys_are_rotated(machine)


def two_mails(machine: Machine, word: str) -> float:
    """Write to the mailbox that is handed over and to the one that is read; return after how long both had receipts."""
    before = _receipts(machine)
    began = time.monotonic()
    for mailbox in (HANDED_OVER, READ):
        machine.run(f"python3 /root/citizen.py {mailbox} 'Lampadaire {word} {mailbox}'")
    while (came := _receipts(machine) - before) < 2:
        assert time.monotonic() - began < 120, f"{came} receipts: {machine.says('tail -30 /var/log/postfix.log')}"
        time.sleep(0.5)
    took = time.monotonic() - began
    log = machine.says("cat /var/log/postfix.log")
    assert re.search(rf"to=<{HANDED_OVER}>, relay=127\.0\.0\.1\[127\.0\.0\.1\]:8024.*\(250 2\.0\.0 accepted", log)
    senders = {line.partition("<")[2].rstrip(">") for line in machine.says(f"grep -h ^From: {INBOX}/*").splitlines()}
    assert {HANDED_OVER, READ} <= senders, senders
    say("two mails, by hand-over and by IMAP: two receipts", took)
    return took


def after_reboot(machine: Machine) -> None:
    """Everything is there again by itself."""
    machine.run("guichet-server wait")


def _receipts(machine: Machine) -> int:
    return int(machine.says(f"cat {INBOX}/* 2>/dev/null | grep -c '^Subject: .*2026-' || true").strip() or 0)


def _pages(machine: Machine) -> None:
    for host, path, status in (
        ("guichet.villiers.example", "/", 200),
        ("agents.villiers.example", "/", 200),
        ("guichet.villiers.example", "/metrics", 404),
        ("agents.villiers.example", "/health/ready", 404),
    ):
        answered = machine.says(f"python3 /root/visit.py https://{host}{path}").strip()
        assert answered == str(status), (host, path, answered)


def _exposure(machine: Machine) -> None:
    """What the running units are judged at, by the systemd that runs them."""
    for name in SERVICES:
        judged = machine.run(f"systemd-analyze security --threshold=15 --no-pager guichet-{name}", check=False)
        assert judged.returncode == 0, judged.stdout[-200:]


def _an_operator_is_named(machine: Machine) -> None:
    """The audit trail has who called sudo, though the command laid root's rights down."""
    machine.run("id jeanne >/dev/null 2>&1 || useradd -m jeanne")
    uid = machine.says("id -u jeanne").strip()
    assert "One-time password" in machine.run(f"SUDO_UID={uid} guichet agents add jeanne.morel").stdout
    trail = machine.says("/opt/guichet/.venv/bin/python /root/trail.py")
    assert f"uid-{uid}" in trail, trail[-500:]


def _keys_are_rotated(machine: Machine) -> None:
    """As the one user who may; who reads the root-key file reads the new one, and both copies are in step."""
    machine.run("guichet vault turn")
    file = "/var/lib/guichet/root-key/root.key"
    assert machine.says(f"stat -c '%U %G %a' {file}").strip() == "guichet-gdpr-worker guichet-keys 640"
    assert machine.says(f"cmp {file} /srv/guichet/root-key/root.key && echo same").strip() == "same"
    machine.run("guichet vault copy")
    assert machine.says("ls /var/backups/guichet/vault").strip(), "a rotation leaves a backup of the vault"
