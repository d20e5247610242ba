"""What a server's files tell whom: the same table as the local stack's, and nothing besides."""

import re
from dataclasses import replace

import pytest

from guichet.errors import SettingsError
from guichet.town.third_parties import ThirdParty
from guichet_server.layout import SECRETS as SECRETS_FOLDER
from guichet_server.layout import environment_file, unit_name
from guichet_server.render import errands
from guichet_server.render.everything import CADDYFILE, SYSUSERS, TMPFILES, TRANSPORT_TABLE, UNITS, Town, files_of
from guichet_server.render.mail import handed_over_by, not_coming_in, read_by_imap
from guichet_server.users import KEYS
from guichet_testing.server_files import FILES, SECRETS, SETTINGS, TOWN
from guichet_topology.deployment import town_ports, town_services
from guichet_topology.env_file import read_env
from guichet_topology.secrets import makers_for

SERVICES = town_services(TOWN.accounts)
PIGEON = ThirdParty("pigeon", ("pigeon",), takes_in=True, sends=True)


def environment(process: str) -> dict[str, str]:
    return read_env(FILES[environment_file(process)].text, file=process)


def unit(process: str) -> str:
    return FILES[f"{UNITS}/{unit_name(process)}"].text


def test_a_secret_lies_only_where_root_alone_reads() -> None:
    for path, file in FILES.items():
        if path.startswith(SECRETS_FOLDER):
            assert file.secret, path
        else:
            assert "secret-of-" not in file.text, path


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_is_given_what_the_table_says_and_nothing_else(service) -> None:
    given = environment(service.name)
    of_its_place = {*service.ports, *service.fixed, "GUICHET_NOTIFIER_UID"}
    assert {name for name in given if not service.may_know(name)} <= of_its_place
    assert not [name for name in given if not name.startswith("GUICHET_")]


def test_of_this_machine_who_hands_mail_over_may_hand_it_in_and_nobody_else() -> None:
    assert environment("ingest-email")["GUICHET_LMTP_LOCAL_USERS"] == "0,105"
    assert [each.name for each in SERVICES if "GUICHET_LMTP_LOCAL_USERS" in environment(each.name)] == ["ingest-email"]
    assert handed_over_by({}) == ("postfix",)
    assert handed_over_by({"GUICHET_SERVER_HANDED_OVER_BY": "Debian-exim, amavis"}) == ("Debian-exim", "amavis")


def test_nobody_plays_a_provider_and_nobody_moves_the_clock() -> None:
    assert "citizen-sandbox" not in {each.name for each in SERVICES}
    assert not [path for path, file in FILES.items() if "SANDBOX" in file.text or "CLOCK_FILE" in file.text]


def test_a_sender_listens_in_a_folder_of_its_own_and_lets_in_the_notifier_alone() -> None:
    own = environment("sender-mail")
    assert own["GUICHET_SENDER_SOCKETS"] == "/run/guichet/sender-mail"
    assert own["GUICHET_NOTIFIER_UID"] == "990"
    assert environment("notifier")["GUICHET_SENDER_SOCKETS"] == "/run/guichet/senders"
    folders = FILES[TMPFILES].text
    assert "d /run/guichet/sender-mail 2750 guichet-sender-mail guichet-notifier -" in folders
    assert "L+ /run/guichet/senders/mail.sock - - - - /run/guichet/sender-mail/mail.sock" in folders


def test_who_opens_what_is_sealed_is_in_the_group_of_the_root_key() -> None:
    members = set(re.findall(rf"^m guichet-(\S+) {KEYS}$", FILES[SYSUSERS].text, flags=re.MULTILINE))
    assert members == {"case-router", "notifier", "gdpr-worker", "search-indexer", "agent-desk", "cli"}


def test_who_rotates_keys_alone_writes_where_the_root_key_lies() -> None:
    writers = {each.name for each in SERVICES if "/root-key" in unit(each.name)}
    assert writers == {"gdpr-worker"}


def test_no_more_processes_may_delete_citizens_files_than_keep_show_send_or_erase_them() -> None:
    writers = {each.name for each in SERVICES if "/var/lib/guichet/objects" in unit(each.name)}
    doors = {"ingest-email", "ingest-sms", "ingest-social", "citizen-portal"}
    assert writers == doors | {"agent-desk", "gdpr-worker"}
    members = set(re.findall(r"^m guichet-(\S+) guichet-objects$", FILES[SYSUSERS].text, flags=re.MULTILINE))
    assert members == writers | {"notifier", "cli"}, "the notifier's unit lets it read the folder, and no more"


def test_one_process_writes_search_files_and_their_group_may_read_them() -> None:
    assert {each.name for each in SERVICES if "/var/lib/guichet/search" in unit(each.name)} == {"search-indexer"}
    assert "UMask=0007" in unit("search-indexer"), "SQLite makes files that a group may read, and not write"
    assert "d /var/lib/guichet/search 2750 guichet-search-indexer guichet-search -" in FILES[TMPFILES].text
    members = set(re.findall(r"^m guichet-(\S+) guichet-search$", FILES[SYSUSERS].text, flags=re.MULTILINE))
    assert members == {"search-indexer", "agent-desk"}


def test_who_talks_to_this_machine_alone_can_reach_no_other() -> None:
    kept_in = {each.name for each in SERVICES if "IPAddressDeny=any" in unit(each.name)}
    assert kept_in == {"case-router", "notifier", "search-indexer", "agent-desk", "citizen-portal"}
    assert "IPAddressDeny=any" in unit("kafka")
    assert "IPAddressDeny=any" in unit("mongod")


def test_the_desk_reaches_others_where_agents_sign_in_by_an_identity_provider_and_alone_knows_its_secret() -> None:
    there = {
        "GUICHET_DESK_OIDC_ISSUER": "https://identite.example",
        "GUICHET_DESK_OIDC_CLIENT_ID": "guichet",
        "GUICHET_DESK_OIDC_CLIENT_SECRET": "the-secret-of-the-client",
    }
    files = files_of(TOWN, SETTINGS | there, SECRETS)
    kept_in = {each.name for each in SERVICES if "IPAddressDeny=any" in files[f"{UNITS}/{unit_name(each.name)}"].text}
    assert kept_in == {"case-router", "notifier", "search-indexer", "citizen-portal"}
    told = [path for path, file in files.items() if "the-secret-of-the-client" in file.text]
    assert told == [environment_file("agent-desk")]


def test_who_keeps_a_copy_on_another_disk_alone_may_write_there() -> None:
    where = {
        "GUICHET_VAULT_COPY": "/srv/guichet/vault-copy",
        "GUICHET_NOTIFIER_JOURNAL": "/srv/guichet/sending-journal",
    }
    files = files_of(TOWN, SETTINGS | where, SECRETS)
    for folder, process in zip(where.values(), ("gdpr-worker", "notifier"), strict=True):
        writers = [path for path, file in files.items() if path.startswith(UNITS) and folder in file.text]
        assert writers == [f"{UNITS}/{unit_name(process)}"]


def test_servers_go_on_while_every_service_is_stopped() -> None:
    assert all("PartOf=guichet.target" in unit(each.name) for each in SERVICES)
    assert not [name for name in ("kafka", "mongod") if "PartOf=" in unit(name)]


def test_what_somebody_waits_for_goes_before_what_may_wait() -> None:
    weighted = {
        name for name in (*(each.name for each in SERVICES), "mongod") if "CPUWeight=300" in unit(name).splitlines()
    }
    assert weighted == {"agent-desk", "citizen-portal", "ops-console", "ingest-sms", "ingest-social", "mongod"}


def test_servers_of_the_town_s_own_are_not_run_and_are_reached() -> None:
    elsewhere = SETTINGS | {
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": "kafka.mairie.example:9092",
        "GUICHET_KAFKA_SECURITY": "sasl_ssl",
        "MONGODB_ADDRESS": "db1.mairie.example,db2.mairie.example",
        "MONGODB_AUTHORITY": "/etc/guichet/mongodb-ca.pem",
    }
    files = files_of(TOWN, elsewhere, SECRETS)
    router = read_env(files[environment_file("case-router")].text, file="")
    assert router["GUICHET_MONGODB_URI"].startswith("mongodb://case-router:secret-of-")
    assert "@db1.mairie.example,db2.mairie.example/" in router["GUICHET_MONGODB_URI"]
    assert "tlsCAFile=/etc/guichet/mongodb-ca.pem" in router["GUICHET_MONGODB_URI"]
    assert router["GUICHET_KAFKA_SECURITY"] == "sasl_ssl"
    assert not [path for path in files if "guichet-kafka" in path or "guichet-mongod" in path]
    of_router = files[f"{UNITS}/{unit_name('case-router')}"].text
    assert "IPAddressDeny" not in of_router
    assert "mongod" not in of_router


def test_a_third_party_s_processes_are_limited_and_may_open_no_file_of_a_citizen_s() -> None:
    town = Town((*TOWN.accounts, PIGEON), TOWN.mailboxes)
    files = files_of(town, SETTINGS, SECRETS | {name: make() for name, make in makers_for([PIGEON]).items()})
    host = files[f"{UNITS}/{unit_name('ingest-pigeon')}"].text
    assert "MemoryMax=512M" in host
    assert "RestartSec=10s" in host
    assert "m guichet-ingest-pigeon" not in files[SYSUSERS].text
    assert PIGEON.host in town_ports(town.accounts)


def test_an_errand_is_a_user_that_nobody_else_is_and_operators_alone_send_on_it() -> None:
    service, socket = FILES[f"{UNITS}/{errands.SERVICE}"].text, FILES[f"{UNITS}/{errands.SOCKET}"].text
    assert {"DynamicUser=yes", "User=errand-%i", "StandardInput=socket", "MemoryMax=512M"} <= {*service.splitlines()}
    assert not [line for line in service.splitlines() if line.startswith(("EnvironmentFile", "SupplementaryGroups"))]
    assert {"SocketUser=guichet-cli", "SocketMode=0600", "Accept=yes"} <= {*socket.splitlines()}


def test_a_key_that_no_provider_gives_is_made_and_a_provider_s_secret_is_not() -> None:
    made = makers_for(TOWN.accounts)
    assert "GUICHET_IMAP_TOKEN_KEY" in made
    assert "GUICHET_IMAP_TOKEN_KEY" in environment("ingest-email")
    assert not [name for name in made if name.startswith(("GUICHET_TWILIO_", "GUICHET_TELEGRAM_"))]


def test_what_the_renderer_is_told_is_handed_to_no_process() -> None:
    files = files_of(TOWN, SETTINGS | {"GUICHET_SERVER_TLS": "internal"}, SECRETS)
    assert not [path for path, file in files.items() if "GUICHET_SERVER_TLS" in file.text]


def test_each_mailbox_is_handed_over() -> None:
    assert FILES[TRANSPORT_TABLE].text.splitlines()[1:] == [
        "contact@mairie.example guichet:inet:127.0.0.1:8024",
        "voirie@mairie.example guichet:inet:127.0.0.1:8024",
    ]


def test_a_mailbox_that_is_read_by_imap_is_left_out_of_the_hand_over() -> None:
    settings = SETTINGS | {"GUICHET_SERVER_HANDED_OVER": "Voirie@mairie.example"}
    table = files_of(TOWN, settings, SECRETS)[TRANSPORT_TABLE].text
    assert table.splitlines()[1:] == ["voirie@mairie.example guichet:inet:127.0.0.1:8024"]


def test_what_imap_reads_is_not_handed_over_unless_the_setting_says_so() -> None:
    town = replace(TOWN, read_by_imap=("voirie@mairie.example",))
    by_default = files_of(town, SETTINGS, SECRETS)[TRANSPORT_TABLE].text
    assert by_default.splitlines()[1:] == ["contact@mairie.example guichet:inet:127.0.0.1:8024"]
    both = SETTINGS | {"GUICHET_SERVER_HANDED_OVER": "voirie@mairie.example contact@mairie.example"}
    assert files_of(town, both, SECRETS)[TRANSPORT_TABLE].text.count("guichet:inet") == 2


def test_a_mailbox_that_comes_in_neither_way_is_named() -> None:
    town = replace(TOWN, read_by_imap=())
    [said] = not_coming_in(town.mailboxes, town.read_by_imap, {"GUICHET_SERVER_HANDED_OVER": "voirie@mairie.example"})
    assert said.startswith("contact@mairie.example is neither read by IMAP (mail.yaml) nor handed over")
    assert not not_coming_in(town.mailboxes, town.read_by_imap, {})


@pytest.mark.parametrize(
    ("mail", "read"),
    [
        ({}, ()),
        ({"imap": {}}, ()),
        ({"imap": {"a": {"user": "Contact@mairie.example"}}}, ("contact@mairie.example",)),
        ({"imap": {"a": {"user": "x", "mailboxes": ["a@mairie.example", "B@mairie.example"]}}},
         ("a@mairie.example", "b@mairie.example")),
        ({"imap": ["nonsense"]}, ()),  # ingest-email says what is wrong there
        (None, ()),
    ],
)  # fmt: skip
def test_which_mailboxes_imap_reads_stands_in_mail_yaml(mail: object, read: tuple[str, ...]) -> None:
    assert read_by_imap(mail) == read


def test_a_site_leads_to_its_door_and_of_a_webhook_s_host_nothing_else_is_shown() -> None:
    caddy = FILES[CADDYFILE].text
    assert "guichet.mairie.example {" in caddy
    assert "reverse_proxy 127.0.0.1:8001" in caddy
    assert "handle /webhooks/* {\n\t\treverse_proxy 127.0.0.1:8011" in caddy
    for port in (8002, *range(9000, 9100)):  # the console, the health pages
        assert f":{port}\n" not in caddy


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"GUICHET_PORTAL_URL": "http://guichet.mairie.example"}, "GUICHET_PORTAL_URL must be https"),
        ({"GUICHET_DESK_URL": ""}, "GUICHET_DESK_URL must be https"),
        ({"GUICHET_DESK_URL": "https://a.example, b.example"}, "GUICHET_DESK_URL must be https"),
        ({"GUICHET_DESK_URL": "https://{env.HOME}.example"}, "GUICHET_DESK_URL must be https"),
        ({"GUICHET_SERVER_AGENT_NETWORKS": "10.0.0.0/8 } respond ok {"}, "GUICHET_SERVER_AGENT_NETWORKS: '}'"),
        ({"GUICHET_SERVER_AGENT_NETWORKS": "10.0.0.1/8"}, "has host bits set"),
        ({"GUICHET_OBJECTS_URL": "file:///srv/o%0AExecStartPre=/bin/id"}, "a folder's name has letters"),
        ({"GUICHET_BACKUPS": "/var/b %h"}, "a folder's name has letters"),
        ({"GUICHET_DESK_URL": SETTINGS["GUICHET_PORTAL_URL"]}, "the address of two doors"),
        ({"GUICHET_SERVER_TLS": "perhaps"}, "GUICHET_SERVER_TLS is"),
        ({"GUICHET_SERVER_HANDED_OVER": "x@y.example"}, "x@y.example is not among the mailboxes"),
    ],
)
def test_what_is_wrong_is_said_with_its_name(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        files_of(TOWN, SETTINGS | wrong, SECRETS)
