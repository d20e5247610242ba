"""What a town's channels bring to a local stack, switched on and off: processes, ports, variables, secrets, tiles."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings

from citizen_sandbox.app import choose
from citizen_sandbox.play.discovery import find_tiles
from guichet.channel.declaration import Provider
from guichet.channel.host.discovery import load_channel
from guichet.runtime.settings import read_settings
from guichet.town.channel_facts import installed_facts
from guichet.town.own_accounts import OwnAccount, every_own_account
from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import TOWN
from guichet_local.plan.environment import stack_values
from guichet_local.plan.ports import fixed_plan
from guichet_local.plan.secrets import load_or_make_secrets, stack_makers
from guichet_local.plan.town import Account, accounts_if_legible, accounts_of
from guichet_local.stack import LocalStack
from guichet_topology.environment import Environment, command_line_environment, service_environment
from guichet_topology.ports import PORTS as OF_EVERY_TOWN
from guichet_topology.ports import account_ports
from guichet_topology.secrets import MAKERS
from guichet_topology.services import prefix_of
from guichet_topology.third_parties import prefixes_of, services_with

OWN = {each.provider: each for each in every_own_account()}


class Stack:
    """What processes of a town with these accounts are given."""

    def __init__(self, *accounts: Account) -> None:
        self.accounts, self.ports = accounts, fixed_plan({}, accounts)
        self.services = {each.name: each for each in services_with(accounts)}
        self.secrets = {name: make() for name, make in stack_makers(accounts).items()}
        self.values = stack_values(Path("/srv/guichet"), self.ports, self.secrets, {}, accounts)

    def given(self, name: str) -> Environment:
        return service_environment(self.services[name], self.values, self.ports)

    def tiles(self) -> set[str]:
        return {tile.key for tile, _ in choose(find_tiles(), self.given("citizen-sandbox"))}


EVERY = Stack(*OWN.values())


def a_town(folder: Path, *channels: str) -> dict[str, str]:
    """Return the settings of a stack whose town has these channels and no other."""
    shutil.copytree(TOWN, folder / "town", ignore=shutil.ignore_patterns("tests"))
    file = folder / "town" / "channels.yaml"
    said = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(said | {"channels": {name: said["channels"].get(name, {}) for name in channels}}))
    return {"GUICHET_TOWN": str(folder / "town")}


def code_of(provider: str) -> Provider:
    return load_channel(next(each.name for each in installed_facts().values() if _carries(each, provider))).provider


def _carries(facts, provider: str) -> bool:
    return facts.provider == provider and facts.answered_on == facts.name


def host_of(account: OwnAccount) -> str:
    return next(each.name for each in EVERY.services.values() if each.topic in account.topics)


def variables(settings: type[BaseSettings], *, needed: bool = False) -> Iterator[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return (f"{prefix}{name}".upper() for name, field in settings.model_fields.items() if field.is_required() >= needed)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    def become(given: Environment) -> None:
        for name, value in given.items():
            monkeypatch.setenv(name, value)

    return become


@pytest.mark.parametrize("account", OWN.values(), ids=OWN)
def test_a_host_is_told_all_that_its_account_s_settings_read(account: OwnAccount, environment) -> None:
    host, settings = host_of(account), code_of(account.provider).settings
    assert [name for name in variables(settings) if not EVERY.services[host].may_know(name)] == []
    environment(EVERY.given(host))
    read_settings(settings)  # raises where the local stack has no value, or one that is none


@pytest.mark.parametrize("account", OWN.values(), ids=OWN)
def test_a_sender_is_told_what_sending_needs_and_nothing_else_of_its_account(account: OwnAccount, environment) -> None:
    code, sender = code_of(account.provider), EVERY.services[account.sender]
    told = {name for each in (code.settings, code.sending_settings) for name in variables(each)}
    told |= {name for name in EVERY.values if name.startswith(account.prefixes)}
    assert {name for name in told if sender.may_know(name)} <= {*variables(code.sending_settings)}
    environment(EVERY.given(account.sender))
    read_settings(code.sending_settings)


@pytest.mark.parametrize("account", OWN.values(), ids=OWN)
def test_nobody_else_is_told_of_an_account_but_who_plays_it(account: OwnAccount) -> None:
    if prefixes_of(account) != (prefix_of(account.provider),):
        return  # the relay and the mail server are others', too (test_environment)
    theirs = {name for name in EVERY.values if name.startswith(account.prefixes)}
    knowing = {name for name in EVERY.services if theirs & EVERY.given(name).keys()}
    assert knowing == {"citizen-sandbox", host_of(account), account.sender}


def test_the_ports_that_are_agreed_stay_and_no_two_are_one() -> None:
    ports = account_ports(OWN.values())
    agreed = {"sender-mail-health": 9031, "sender-twilio-health": 9032, "sender-telegram-health": 9033}
    assert ports.items() > agreed.items()
    assert 9200 <= ports["sender-app-webhook-health"] < 9300
    assert len({*ports.values()} | {*OF_EVERY_TOWN.values()}) == len(ports) + len(OF_EVERY_TOWN)


def test_a_provider_s_secrets_are_made_up_in_its_form_and_kept(tmp_path: Path) -> None:
    made = load_or_make_secrets(tmp_path, accounts_of({}))
    forms = {
        "GUICHET_IMAP_TOKEN_KEY": "[A-Za-z0-9+/]{43}=",
        "GUICHET_TWILIO_ACCOUNT_SID": "AC[0-9a-f]{32}",
        "GUICHET_TWILIO_AUTH_TOKEN": "[0-9a-f]{32}",
        "GUICHET_TELEGRAM_TOKEN": "[1-9][0-9]{9}:[A-Za-z0-9_-]{35}",
        "GUICHET_TELEGRAM_WEBHOOK_SECRET": "[A-Za-z0-9_-]{43}",
    }
    assert made.keys() - MAKERS.keys() == forms.keys()
    assert [name for name, form in forms.items() if not re.fullmatch(form, made[name])] == []
    assert load_or_make_secrets(tmp_path, accounts_of({})) == made


def test_the_example_s_town_has_three_accounts() -> None:
    assert {each.provider for each in accounts_of({})} == {"mail", "twilio", "telegram"}


def test_a_town_without_a_channel_has_nothing_of_its_account(tmp_path: Path) -> None:
    settings = a_town(tmp_path, "email", "portal", "sms")
    stack = Stack(*accounts_of(settings))
    assert stack.services.keys() == {each for each in EVERY.services if each not in _SWITCHED_OFF}
    everything = [*stack.values, *stack.secrets, *stack.ports]
    everything += [name for each in stack.services for name in stack.given(each)]
    everything += [stack.values["GUICHET_OPS_TARGETS"]]
    assert not [each for each in everything if re.search("telegram|app.webhook", each, re.IGNORECASE)]
    assert "GUICHET_TWILIO_AUTH_TOKEN" in stack.given("sender-twilio")
    assert stack.tiles() == {"mail", "twilio"}
    started = LocalStack(tmp_path / "stack", settings=settings)
    assert not [name for name in started.ports if "telegram" in name]
    with pytest.raises(KeyError):
        started.environment_of("sender-telegram")


_SWITCHED_OFF = {"sender-telegram", "sender-app-webhook"}


def test_mail_leaves_whatever_a_town_has_switched_on(tmp_path: Path) -> None:
    """The portal answers by it, and so does whoever writes for an address without another channel."""
    assert {each.provider for each in accounts_of(a_town(tmp_path, "telegram"))} == {"mail", "telegram"}


def test_of_channels_that_share_an_account_any_brings_all_of_it(tmp_path: Path) -> None:
    stack = Stack(*accounts_of(a_town(tmp_path, "whatsapp")))
    assert stack.given("ingest-sms")["GUICHET_TWILIO_WHATSAPP_NUMBER"] == "+33639980002"
    assert stack.ports["sender-twilio-health"] == 9032


def test_one_that_is_switched_on_has_a_sender_values_and_a_tile_like_the_others(tmp_path: Path) -> None:
    settings = a_town(tmp_path, "email", "portal", "app-webhook")
    stack = Stack(*accounts_of(settings))
    sent = stack.given("sender-app-webhook")
    assert (sent["GUICHET_LANE"], sent["GUICHET_APP_WEBHOOK_API_URL"]) == ("app-webhook", "http://127.0.0.1:8003")
    assert stack.given("ingest-social")["GUICHET_APP_WEBHOOK_SECRET"].startswith("whsec_")
    played = stack.given("citizen-sandbox")
    assert played["GUICHET_SANDBOX_APP_WEBHOOK_WEBHOOK_URL"] == "http://127.0.0.1:8012/webhooks/app-webhook"
    assert played["GUICHET_APP_WEBHOOK_SECRET"] == stack.secrets["GUICHET_APP_WEBHOOK_SECRET"]
    assert stack.tiles() == {"mail", "app-webhook"}
    assert "sender-app-webhook=" in stack.values["GUICHET_OPS_TARGETS"]
    started = LocalStack(tmp_path / "stack", settings=settings)
    started._parts.values = stack.values
    assert started.environment_of("sender-app-webhook")["GUICHET_LANE"] == "app-webhook"


def test_a_command_is_given_what_a_channel_s_code_needs_and_no_other_is() -> None:
    theirs = {
        name for name in EVERY.values if name.startswith(tuple(p for each in OWN.values() for p in each.prefixes))
    }
    assert len(theirs) > 12
    for words in (["channels", "check"], ["dead-letters", "replay"]):
        assert theirs <= command_line_environment(EVERY.values, words, EVERY.accounts).keys()
    assert not theirs & command_line_environment(EVERY.values, ["erase"], EVERY.accounts).keys()


def test_of_a_town_that_cannot_be_read_a_command_takes_all(tmp_path: Path) -> None:
    settings = a_town(tmp_path, "email")
    (tmp_path / "town" / "channels.yaml").write_text("no town has this: 1")
    assert accounts_if_legible(settings) == every_own_account()
    with pytest.raises(StartFailedError, match=r"channels\.yaml"):
        accounts_of(settings)
