"""A third party's processes: what they are given, and what a name would give them that is another's."""

import pytest

from guichet.errors import SettingsError
from guichet.town.third_parties import ThirdParty
from guichet_testing.town.services import SERVICES
from guichet_topology.commands import EVERY_COMMAND
from guichet_topology.ports import PORTS, account_ports
from guichet_topology.services import OF_EVERY_TOWN, TUNING
from guichet_topology.third_parties import services_of, services_with
from guichet_topology.variables import OPEN, SEAL


def a_party(provider: str, *channels: str, takes_in: bool = True, sends: bool = True) -> ThirdParty:
    return ThirdParty(provider, channels or (provider,), takes_in, sends)


def test_without_accounts_there_are_guichet_s_own_services_alone() -> None:
    assert services_with([]) == OF_EVERY_TOWN


def test_a_host_is_ingest_social_for_its_own_channels_alone() -> None:
    [host] = [each for each in services_of(a_party("pigeon", "dovecote", "pigeon")) if each.name == "ingest-pigeon"]
    assert (host.package, host.fixed["GUICHET_CHANNELS"]) == ("ingest_social", "dovecote,pigeon")
    assert host.may_know("GUICHET_PIGEON_ANYTHING")


def test_a_sender_is_every_sender_s_program_and_has_no_user_anywhere() -> None:
    [sender] = [each for each in services_of(a_party("pigeon")) if each.name == "sender-pigeon"]
    assert (sender.package, sender.fixed) == (
        "notifier_sender",
        {"GUICHET_LANE": "pigeon", "GUICHET_CHANNELS": "pigeon"},
    )
    assert not [name for name in sender.variables if "KAFKA" in name or "MONGODB" in name]
    assert sender.own_keys == ()


def test_who_takes_nothing_in_has_no_host_and_who_sends_nothing_no_sender() -> None:
    assert [each.name for each in services_of(a_party("pigeon", takes_in=False))] == ["sender-pigeon"]
    assert [each.name for each in services_of(a_party("pigeon", sends=False))] == ["ingest-pigeon"]


@pytest.mark.parametrize(("name", "like"), [("ingest-pigeon", "ingest-social"), ("sender-pigeon", "sender-telegram")])
def test_a_third_party_learns_nothing_but_what_its_like_learns(name: str, like: str) -> None:
    known = {name for row in (*(each.variables for each in SERVICES), *TUNING.values(), EVERY_COMMAND) for name in row}
    known |= {
        f"GUICHET_{name}" for name in ("TELEGRAM_TOKEN", "TELEGRAM_PUBLIC_URL", "TWILIO_NUMBER", "LMTP_MAX_BYTES")
    }
    [service] = [each for each in services_of(a_party("pigeon")) if each.name == name]
    [model] = [each for each in SERVICES if each.name == like]
    seen = {variable for variable in known if service.may_know(variable)}
    assert seen - {variable for variable in known if model.may_know(variable)} == {"GUICHET_CHANNEL_PACKAGES"}
    assert not [variable for variable in seen if "TELEGRAM" in variable or variable.endswith("_KEY")]
    assert not seen & ({*OPEN} - {*SEAL})


def test_a_third_party_s_host_learns_what_guichet_s_own_must_know() -> None:
    """Where it lacks one, it does not start: of the variables without which Guichet's own would not."""
    host, _ = services_of(a_party("pigeon"))
    [own] = [each for each in OF_EVERY_TOWN if each.name == "ingest-social"]
    assert {*own.variables} - {*host.variables, *host.own_keys} == set()


def test_nobody_else_learns_a_third_party_s_variables_but_who_plays_it_on_a_local_stack() -> None:
    services = services_with([a_party("pigeon"), a_party("kite")])
    knowing = {each.name for each in services if each.may_know("GUICHET_PIGEON_SECRET")}
    assert knowing == {"citizen-sandbox", *(each.name for each in services_of(a_party("pigeon")))}


@pytest.mark.parametrize(
    "provider",
    [
        *("root", "vault", "mongodb", "kafka", "session", "signing", "smtp", "twilio", "telegram", "message", "desk"),
        *("social", "email", "ingest", "notifier", "case", "case-router", "case-router-x", "ops", "channel"),
    ],
)
def test_a_name_that_would_give_away_what_is_another_s_is_refused(provider: str) -> None:
    with pytest.raises(SettingsError, match=f"provider {provider}: "):
        services_with([a_party(provider)])


@pytest.mark.parametrize("names", [("pigeon", "pigeon-post"), ("pigeon-post", "pigeon")])
def test_two_third_parties_whose_variables_could_be_taken_for_each_other_s_are_refused(names: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match="could not be told from those of pigeon"):
        services_with(map(a_party, names))


def test_a_third_party_keeps_its_ports_whoever_comes_or_goes() -> None:
    alone = account_ports([a_party("pigeon")])
    assert account_ports([a_party("kite"), a_party("pigeon"), a_party("raven")]).items() >= alone.items()
    assert alone["ingest-pigeon-health"] == alone["ingest-pigeon"] + 1000


def test_a_hundred_third_parties_have_a_port_each_and_take_nobody_s() -> None:
    ports = account_ports([a_party(f"provider-{number}") for number in range(100)])
    assert len(set(ports.values())) == len(ports)
    assert not set(ports.values()) & set(PORTS.values())
