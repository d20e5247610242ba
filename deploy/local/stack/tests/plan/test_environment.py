from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from guichet.store.setup.roles import password_variable
from guichet_local.plan.environment import stack_values, system_environment
from guichet_local.plan.ports import fixed_plan
from guichet_local.plan.secrets import stack_makers
from guichet_local.plan.senders import LONGEST_FOLDER, sockets_folder
from guichet_testing.town.services import ACCOUNTS, SERVICES
from guichet_topology.environment import command_line_environment, service_environment
from guichet_topology.secrets import KAFKA_PASSWORDS
from guichet_topology.services import Service
from guichet_topology.variables import ROTATION

PORTS = fixed_plan({}, ACCOUNTS)
SECRETS = {name: f"secret of {name}" for name in stack_makers(ACCOUNTS)}
VALUES = stack_values(Path("/srv/guichet"), PORTS, SECRETS, {}, ACCOUNTS)
[THE_PORTAL] = [each for each in SERVICES if each.name == "citizen-portal"]
ADAPTERS = {"ingest-email", "ingest-sms", "ingest-social"}


def environment(service: Service) -> dict[str, str]:
    return service_environment(service, VALUES, PORTS)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_variable_of_a_row_has_a_value(service: Service) -> None:
    by_the_user = {"GUICHET_SMTP_USERNAME", "GUICHET_SMTP_PASSWORD", "GUICHET_ONCALL_WEBHOOK_URL"}
    by_the_user |= {
        "GUICHET_NOTIFIER_UID",
        "GUICHET_KEYS_REMEMBERED_FOR",
        *ROTATION,
        "GUICHET_KAFKA_MECHANISM",
        "GUICHET_KAFKA_CA_FILE",
        "GUICHET_OPS_PUBLISHED",  # where a container's port is shown to: no container here
    }
    assert set(service.variables) - set(environment(service)) <= by_the_user


def test_only_who_opens_sealed_fields_gets_the_root_key() -> None:
    assert {each.name for each in SERVICES if "GUICHET_ROOT_KEY_FILE" in environment(each)} == {
        "case-router", "notifier", "gdpr-worker", "search-indexer", "agent-desk",
    }  # fmt: skip


@pytest.mark.parametrize("variable", ["GUICHET_MESSAGE_ID_KEY", "GUICHET_INGEST_PSEUDONYM_KEY"])
def test_the_keys_of_intake_are_for_who_takes_messages_in(variable: str) -> None:
    assert {each.name for each in SERVICES if variable in environment(each)} == {
        *(*ADAPTERS, "citizen-portal", "agent-desk"),
    }


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_no_service_holds_another_s_password_of_the_broker(service: Service) -> None:
    passwords = {value for name, value in SECRETS.items() if name in KAFKA_PASSWORDS.values()}
    held = {value for value in environment(service).values() if value in passwords}
    if service.name == "citizen-sandbox" or service.lane:
        assert held == set()
        assert not [name for name in environment(service) if "KAFKA" in name]
    else:
        assert held == {SECRETS[KAFKA_PASSWORDS[service.name]]}
        assert environment(service)["GUICHET_KAFKA_USERNAME"] == service.name
    assert "GUICHET_KAFKA_ADMIN_PROPERTIES" not in environment(service)


def test_the_command_line_signs_in_as_itself() -> None:
    said = command_line_environment(VALUES)
    assert (said["GUICHET_KAFKA_USERNAME"], said["GUICHET_KAFKA_SECURITY"]) == ("guichet-cli", "sasl_plaintext")


def test_only_deployment_and_a_restore_are_given_the_broker_s_administrator() -> None:
    assert "GUICHET_KAFKA_ADMIN_PROPERTIES" in command_line_environment(VALUES, ["prepare"])
    assert "GUICHET_KAFKA_ADMIN_PROPERTIES" in command_line_environment(VALUES, ["restore", "data", "folder"])
    for command in (["dead-letters", "list"], ["erase", "somebody"], ["backup", "data"], []):
        given = command_line_environment(VALUES, command)
        assert not {"GUICHET_KAFKA_ADMIN_PROPERTIES", "GUICHET_KAFKA_USERS_FILE"} & set(given), command


def test_a_broker_of_the_user_is_reached_as_the_user_says() -> None:
    own = {"GUICHET_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}
    router = next(each for each in SERVICES if each.name == "case-router")
    open_one = service_environment(router, stack_values(Path("/srv"), PORTS, SECRETS, own, ACCOUNTS), PORTS)
    assert not {"GUICHET_KAFKA_SECURITY", "GUICHET_KAFKA_USERNAME", "GUICHET_KAFKA_PASSWORD"} & set(open_one)
    own |= {"GUICHET_KAFKA_SECURITY": "sasl_ssl", "GUICHET_KAFKA_CA_FILE": "/etc/ca.pem"}
    closed = service_environment(router, stack_values(Path("/srv"), PORTS, SECRETS, own, ACCOUNTS), PORTS)
    assert (closed["GUICHET_KAFKA_USERNAME"], closed["GUICHET_KAFKA_CA_FILE"]) == ("case-router", "/etc/ca.pem")


def test_ops_console_reaches_neither_persons_nor_the_vault() -> None:
    console = next(each for each in SERVICES if each.name == "ops-console")
    assert not [name for name in environment(console) if "MONGODB" in name or "VAULT" in name or "KEY" in name]


def test_the_sandbox_knows_no_server_and_no_key_of_guichet() -> None:
    sandbox = next(each for each in SERVICES if each.name == "citizen-sandbox")
    prefixes = ("GUICHET_SANDBOX_", "GUICHET_TWILIO_", "GUICHET_TELEGRAM_", "GUICHET_LOG_LEVEL")
    prefixes += ("GUICHET_LMTP_AUTHSERV_ID",)  # the name under which its mail server stamps verdicts
    prefixes += ("GUICHET_CLOCK_FILE",)  # the providers live at the same time
    prefixes += ("GUICHET_CHANNEL_PACKAGES",)  # where third parties' tiles lie
    assert all(name.startswith(prefixes) for name in environment(sandbox))


def test_the_sandbox_stands_where_the_providers_would() -> None:
    assert VALUES["GUICHET_TWILIO_API_URL"] == VALUES["GUICHET_TELEGRAM_API_URL"] == "http://127.0.0.1:8003"
    assert VALUES["GUICHET_SMTP_PORT"] == "8025"
    assert VALUES["GUICHET_SANDBOX_SMS_WEBHOOK_URL"] == "http://127.0.0.1:8011/webhooks/twilio/messages"


CREDENTIALS = {
    "mail": {"GUICHET_SMTP_HOST", "GUICHET_SMTP_PORT", "GUICHET_SMTP_SECURITY"},
    "twilio": {
        *("GUICHET_TWILIO_ACCOUNT_SID", "GUICHET_TWILIO_AUTH_TOKEN", "GUICHET_TWILIO_API_URL"),
        *("GUICHET_TWILIO_NUMBER", "GUICHET_TWILIO_WHATSAPP_NUMBER", "GUICHET_TWILIO_PUBLIC_URL"),
    },
    "telegram": {"GUICHET_TELEGRAM_TOKEN", "GUICHET_TELEGRAM_API_URL"},
}


@pytest.mark.parametrize("lane", CREDENTIALS)
def test_a_sender_knows_its_account_and_nothing_else(lane: str) -> None:
    [sender] = [each for each in SERVICES if each.lane == lane]
    of_each_sender = {"GUICHET_LANE", "GUICHET_SENDER_SOCKETS"}
    of_each_process = {"GUICHET_HEALTH_HOST", "GUICHET_HEALTH_PORT", "GUICHET_LOG_LEVEL", "GUICHET_CLOCK_FILE"}
    assert environment(sender).keys() == CREDENTIALS[lane] | of_each_sender | of_each_process
    assert environment(sender)["GUICHET_LANE"] == lane


def test_the_notifier_knows_no_credential_of_any_provider() -> None:
    [notifier] = [each for each in SERVICES if each.name == "notifier"]
    known = environment(notifier)
    assert not [name for name in known if name.startswith(("GUICHET_SMTP", "GUICHET_TWILIO", "GUICHET_TELEGRAM"))]
    assert known["GUICHET_SENDER_SOCKETS"] == "/srv/guichet/sockets"


def targets_of(values: dict[str, str]) -> dict[str, str]:
    return dict(each.split("=") for each in values["GUICHET_OPS_TARGETS"].split(","))


def test_ops_console_looks_at_every_service() -> None:
    targets = targets_of(VALUES)
    assert targets["case-router"] == "http://127.0.0.1:9021"
    assert targets["sender-twilio"] == "http://127.0.0.1:9032"
    assert set(targets) == {each.name for each in SERVICES} - {"ops-console", "citizen-sandbox"}


def test_the_senders_sockets_have_a_path_that_a_socket_may_have() -> None:
    assert sockets_folder(Path("/srv/guichet")) == Path("/srv/guichet/sockets")
    long = [sockets_folder(Path("/") / (letter * 150)) for letter in "ab"]
    assert all(len(str(each)) <= LONGEST_FOLDER for each in long)
    assert long[0] != long[1]


def test_what_the_user_sets_wins_and_the_vault_follows_the_store() -> None:
    own = {"GUICHET_MONGODB_URI": "mongodb://db", "GUICHET_TWILIO_API_URL": "https://api.twilio.com"}
    values = stack_values(Path("/srv"), PORTS, SECRETS, own, ACCOUNTS)
    assert values["GUICHET_TWILIO_API_URL"] == "https://api.twilio.com"
    assert values["GUICHET_VAULT_MONGODB_URI"] == values["GUICHET_MONGODB_URI"] == "mongodb://db"


def test_what_bears_a_services_name_goes_to_that_service_alone() -> None:
    values = stack_values(Path("/srv"), PORTS, SECRETS, {"GUICHET_CASE_ROUTER_SWEEP_AFTER": "PT5S"})
    seen_by = [
        each.name for each in SERVICES if "GUICHET_CASE_ROUTER_SWEEP_AFTER" in service_environment(each, values, PORTS)
    ]
    assert seen_by == ["case-router"]


def test_the_callers_other_variables_stay_outside() -> None:
    seen = system_environment({"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "HTTP_PROXY": "http://proxy"})
    assert seen["PATH"] == "/bin"
    assert "AWS_SECRET_ACCESS_KEY" not in seen
    assert "127.0.0.1" in seen["NO_PROXY"]


def test_the_command_line_is_given_no_key_that_it_has_no_use_for() -> None:
    of_others = {"MESSAGE_ID_KEY", "INGEST_PSEUDONYM_KEY", "REFERENCE_KEY", "SESSION_KEY", "PORTAL_FORM_KEY"}
    assert not {f"GUICHET_{name}" for name in of_others} & set(command_line_environment(VALUES))


def test_the_command_line_opens_what_it_must() -> None:
    assert {"GUICHET_ROOT_KEY_FILE", "GUICHET_REGISTRY_KEY"} <= set(command_line_environment(VALUES))


def test_each_process_signs_in_to_the_store_as_itself_and_knows_nobody_else_s_password() -> None:
    passwords = {name: value for name, value in VALUES.items() if name.startswith("MONGODB_PASSWORD_")}
    assert len(passwords) > 10
    for service in SERVICES:
        own = environment(service)
        known = {name for name, value in passwords.items() if quote(value, safe="") in str(own) or value in str(own)}
        if service.lane or service.name in {"ops-console", "citizen-sandbox"}:
            assert not [name for name in own if "MONGODB" in name]
            assert known == set()
        else:
            assert own["GUICHET_MONGODB_URI"].startswith(f"mongodb://{service.name}:")
            assert own["GUICHET_VAULT_MONGODB_URI"] == own["GUICHET_MONGODB_URI"]
            assert known == {password_variable(service.name)}


def test_no_service_learns_where_the_administrator_s_files_are() -> None:
    for service in SERVICES:
        assert not [name for name in environment(service) if "ADMIN" in name or "USERS_FILE" in name]


@pytest.mark.parametrize(
    ("words", "user"),
    [
        ((), "guichet-cli"),
        (("dead-letters", "list"), "guichet-cli"),
        (("vault", "turn"), "guichet-cli"),
        (("vault", "init"), "guichet-deployment"),
        (("prepare", "--replication", "3"), "guichet-deployment"),
        (("migrate",), "guichet-deployment"),
        (("store", "prepare"), "guichet-deployment"),
        (("backup", "data", "folder"), "guichet-backup"),
        (("restore", "vault", "folder"), "guichet-restore"),
        (("restore", "everything", "folder"), "guichet-restore"),
        (("export-town", "write", "approved", "file"), "guichet-export"),
        (("import-town", "file"), "guichet-import"),
    ],
)
def test_a_command_signs_in_to_the_store_with_the_rights_that_it_needs(words: tuple[str, ...], user: str) -> None:
    own = command_line_environment(VALUES, words)
    assert own["GUICHET_MONGODB_URI"].startswith(f"mongodb://{user}:")
    makes_users = bool(words) and (words[0] in {"prepare", "store"} or words[:2] == ("restore", "everything"))
    assert ("GUICHET_MONGODB_ADMIN_URI_FILE" in own) == ("GUICHET_MONGODB_USERS_FILE" in own) == makes_users


def test_a_store_of_the_user_s_own_is_left_as_the_user_s_settings_say() -> None:
    values = stack_values(Path("/srv"), PORTS, SECRETS, {"GUICHET_MONGODB_URI": "mongodb://me:mine@db"})
    for own in (service_environment(THE_PORTAL, values, PORTS), command_line_environment(values, ("backup",))):
        assert own["GUICHET_MONGODB_URI"] == own["GUICHET_VAULT_MONGODB_URI"] == "mongodb://me:mine@db"
        assert "GUICHET_MONGODB_ADMIN_URI_FILE" not in own


def test_who_works_on_a_replica_set_knows_every_member_of_it() -> None:
    three = {**PORTS, "mongodb-2": 27018, "mongodb-3": 27019}
    values = stack_values(Path("/srv/guichet"), three, SECRETS, {})
    [router] = [service for service in SERVICES if service.name == "case-router"]
    uri = urlsplit(service_environment(router, values, three)["GUICHET_MONGODB_URI"])
    assert uri.netloc.rpartition("@")[2] == "127.0.0.1:27017,127.0.0.1:27018,127.0.0.1:27019"
    assert {"replicaSet=rs0", "w=majority", "journal=true"} <= set(uri.query.split("&"))
    assert "retryWrites" not in uri.query, "the driver's own default repeats a write after an election"
