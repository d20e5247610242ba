import pytest
from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

from guichet.errors import SettingsError
from guichet.kafka.admin.rights import Right, password_variable
from guichet.runtime.settings import KafkaSettings
from guichet_cli.console.users_file import read_passwords
from guichet_cli.topics.administrator import administrator
from guichet_cli.topics.rights import binding_of, change
from guichet_topology.env_file import write_env

SETTING = "GUICHET_KAFKA_USERS_FILE"

WRITES = Right("notifier", "WRITE", "TOPIC", "delivery-events")
READS = Right("notifier", "READ", "TOPIC", "case-events")

PROPERTIES = """\
# as Kafka's own tools take it
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="a=b;c";
ssl.truststore.type=PEM
ssl.truststore.location=/etc/kafka/ca.pem
"""


def of_somebody(name: str, pattern: ResourcePatternType = ResourcePatternType.LITERAL) -> AclBinding:
    return AclBinding(ResourceType.TOPIC, name, pattern, "User:report", "*", AclOperation.READ, AclPermissionType.ALLOW)


def test_what_is_there_is_not_given_again():
    differs = change([WRITES, READS], [binding_of(WRITES)])
    assert differs.missing == {binding_of(READS)}
    assert not differs.surplus | differs.strange


def test_what_the_registry_no_longer_gives_goes():
    assert change([WRITES], [binding_of(WRITES), binding_of(READS)]).surplus == {binding_of(READS)}


def test_somebody_s_right_on_our_topic_goes_and_on_their_own_stays():
    found = [of_somebody("case-events"), of_somebody("water-meters")]
    assert change([READS], found).surplus == {of_somebody("case-events")}


@pytest.mark.parametrize(
    "pattern", [of_somebody("*"), of_somebody("case-", ResourcePatternType.PREFIXED)], ids=["star", "prefix"]
)
def test_a_pattern_of_somebody_s_that_reaches_ours_is_told_and_left(pattern):
    differs = change([READS], [binding_of(READS), pattern])
    assert (differs.surplus, differs.strange) == (frozenset(), {pattern})


def test_the_administrator_is_who_kafka_s_own_tools_sign_in_as():
    found = administrator(PROPERTIES, KafkaSettings(kafka_bootstrap_servers="kafka:9092"))
    assert (found.kafka_username, found.kafka_mechanism, found.kafka_security) == ("admin", "PLAIN", "sasl_ssl")
    assert found.kafka_password is not None
    assert found.kafka_password.get_secret_value() == "a=b;c"
    assert str(found.kafka_ca_file) == "/etc/kafka/ca.pem"


@pytest.mark.parametrize("properties", ["", "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n", "\0"])
def test_a_file_that_names_nobody_is_refused_without_its_words(properties):
    with pytest.raises(SettingsError, match="GUICHET_KAFKA_ADMIN_PROPERTIES"):
        administrator(properties, KafkaSettings())


def test_passwords_are_taken_by_user_and_other_secrets_left(tmp_path):
    file = tmp_path / "users"
    file.write_text(
        "GUICHET_SECTOR_KEY=k\nKAFKA_PASSWORD_CASE_ROUTER=a=b\nKAFKA_PASSWORD_ADMIN=x\nKAFKA_PASSWORD_NOTIFIER=\n"
    )
    users = ["case-router", "notifier", "agent-desk"]
    assert read_passwords(file, users, password_variable, setting=SETTING) == {"case-router": "a=b"}


@pytest.mark.parametrize("password", ["a=b", "it's", 'a"b', "a\\b", "a # b", "a $b"])
def test_a_user_is_made_with_the_password_that_services_are_told(tmp_path, password):
    file = tmp_path / "users"
    file.write_text(write_env({"KAFKA_PASSWORD_CASE_ROUTER": password}))
    assert read_passwords(file, ["case-router"], password_variable, setting=SETTING) == {"case-router": password}


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=SETTING):
        read_passwords(tmp_path / "nowhere", ["case-router"], password_variable, setting=SETTING)
