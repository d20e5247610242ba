from guichet.contracts.channels import KnownChannels
from guichet.kafka.admin.rights import Right, rights, rights_in, users
from guichet.store.setup.roles import ROLE_OF, roles_in
from guichet.town.third_parties import ThirdParty, hosts_of, third_parties, third_parties_of
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.example_town import EXAMPLE_TOWN

PIGEON = FACTS["telegram"].model_copy(
    update={"name": "pigeon", "provider": "pigeon", "answered_on": "pigeon", "account": None}
)
VOICE = PIGEON.model_copy(update={"name": "pigeon-voice", "topic": None, "answered_on": None})
KNOWN = KnownChannels({**FACTS, "pigeon": PIGEON, "pigeon-voice": VOICE}, of_other_packages={"pigeon", "pigeon-voice"})


def test_channels_of_one_account_are_one_third_party():
    found = third_parties_of(["pigeon-voice", "telegram", "pigeon"], KNOWN)
    assert found == (ThirdParty("pigeon", ("pigeon", "pigeon-voice"), takes_in=True, sends=True),)
    assert (found[0].host, found[0].sender) == ("ingest-pigeon", "sender-pigeon")


def test_what_is_not_switched_on_is_nobody():
    assert third_parties_of(["telegram", "email"], KNOWN) == ()


def test_who_takes_nothing_in_and_sends_nothing_needs_no_process():
    assert third_parties_of(["pigeon-voice"], KNOWN) == (ThirdParty("pigeon", ("pigeon-voice",), False, False),)


def test_the_example_town_has_no_third_party():
    assert third_parties(EXAMPLE_TOWN) == hosts_of(EXAMPLE_TOWN) == ()


def test_a_host_may_write_on_the_broker_where_third_parties_do_and_no_more():
    assert rights_in([]) == rights()
    assert rights_in(["ingest-pigeon"]) - rights() == {Right("ingest-pigeon", "WRITE", "TOPIC", "inbound-third-party")}
    assert set(users(["ingest-pigeon"])) - set(users()) == {"ingest-pigeon"}


def test_a_host_has_in_the_store_the_role_of_ingest_social():
    assert roles_in(["ingest-pigeon"]) == {**ROLE_OF, "ingest-pigeon": ROLE_OF["ingest-social"]}
