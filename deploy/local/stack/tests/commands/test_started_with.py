"""What a running stack was started with: later commands in the same folder follow it."""

import json
import stat

from guichet_local.commands.guichet import command_environment
from guichet_local.parts import Parts
from guichet_local.plan.secrets import load_or_make_secrets
from guichet_local.processes.supervisor import Supervisor
from guichet_local.stack import LocalStack
from guichet_topology.ports import PORTS


def a_running_stack(tmp_path, monkeypatch, *, runs=True):
    """What `LocalStack.up` leaves behind, its servers aside: started with moved ports, a Kafka under TLS, a secret."""
    monkeypatch.setattr(Supervisor, "is_running", runs)
    monkeypatch.setattr(Supervisor, "start", lambda *_, **__: None)
    monkeypatch.setattr(Parts, "start", lambda *_: None)
    monkeypatch.setattr("guichet_local.stack.own_servers", lambda *_, **__: {})
    load_or_make_secrets(tmp_path / "secrets")
    settings = {"GUICHET_KAFKA_SECURITY": "sasl_ssl", "GUICHET_TWILIO_NUMBER": "+33639980009"}
    stack = LocalStack(tmp_path, ports={**PORTS, "ops-console": 8102, "kafka": 19092}, settings=settings, services=())
    stack._start_servers(detached=True)


def test_a_command_follows_the_ports_and_settings_that_the_running_stack_was_started_with(tmp_path, monkeypatch):
    a_running_stack(tmp_path, monkeypatch)
    environment = command_environment(tmp_path, {}, {}, ["top"])
    assert environment["GUICHET_OPS_URL"] == "http://127.0.0.1:8102"
    assert environment["GUICHET_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:19092"
    assert environment["GUICHET_KAFKA_SECURITY"] == "sasl_ssl"
    assert environment["GUICHET_KAFKA_CA_FILE"].startswith(str(tmp_path))


def test_what_the_caller_says_wins_over_what_the_stack_was_started_with(tmp_path, monkeypatch):
    a_running_stack(tmp_path, monkeypatch)
    caller = {"GUICHET_LOCAL_OPS_CONSOLE_PORT": "8202"}
    environment = command_environment(tmp_path, caller, {"GUICHET_KAFKA_SECURITY": "sasl_plaintext"}, ["top"])
    assert environment["GUICHET_OPS_URL"] == "http://127.0.0.1:8202"
    assert environment["GUICHET_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:19092"
    assert environment["GUICHET_KAFKA_SECURITY"] == "sasl_plaintext"


def test_a_stack_that_was_stopped_binds_no_later_command(tmp_path, monkeypatch):
    a_running_stack(tmp_path, monkeypatch, runs=False)
    assert command_environment(tmp_path, {}, {}, ["top"])["GUICHET_OPS_URL"] == "http://127.0.0.1:8002"


def test_only_its_owner_reads_what_a_stack_was_started_with(tmp_path, monkeypatch):
    a_running_stack(tmp_path, monkeypatch)
    file = tmp_path / "supervisor" / "started_with.json"
    assert file.exists(), "nothing was kept"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["settings"]["GUICHET_TWILIO_NUMBER"] == "+33639980009"
