"""What a channel's declaration promises: its facts, its settings, its package. Each failure says what to do."""

# a test's name is its sentence

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from guichet.channel.declaration import Channel, Listener, Webhook
from guichet.contracts.accounts import AccountFacts, is_among, usual_values
from guichet.contracts.channels import ChannelFacts, Form, Voucher
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER
from guichet.contracts.topics import INBOUND
from guichet.privacy.normal_form import written_form
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import installed_facts
from guichet.town.own_accounts import account_facts_of
from guichet_testing.conformance.opened import settings_of
from guichet_testing.conformance.payloads import Payloads

TO_BE_SAID: Final = {  # a default is right for no channel: each of these decides something in law or in the desk
    "topic": "what its messages come in on; null where none do",
    "answered_on": "the channel that carries answers, by which it owes a receipt; null where none does",
    "is_conversation": "whether messages carry no thread of their own",
    "vouched_by": "who vouches for whoever wrote",
    "processor": "who processes citizens' data on it, for the privacy notice; null where nobody but the town does",
}
TO_BE_SAID_OF_LETTERS: Final = {"sending": "how fast its account may be used, and how often a letter is sent again"}
_ICON: Final = re.compile(r"[Mm][MmLlHhVvCcSsQqTtAaZz0-9 ,.\-]+")
_SECRET: Final = re.compile(r"(^|_)(secret|token|password|key)$")
_NO_ADDRESS: Final = "deux mots\nen deux lignes"


class DeclaredConformance:
    """Of every channel, whatever ways it has."""

    channel: Channel
    payloads: Payloads

    @property
    def facts(self) -> ChannelFacts:
        """The channel's."""
        return self.channel.facts

    async def test_the_facts_say_what_no_default_can(self) -> None:
        asked = TO_BE_SAID | (TO_BE_SAID_OF_LETTERS if self.channel.provider.outbound else {})
        for name, what in asked.items():
            said = name in self.facts.model_fields_set
            assert said, f"the facts do not say `{name}`: write it into {self.facts.name}.yaml ({what})"

    async def test_the_topic_is_one_of_the_towns(self) -> None:
        topics = [topic.name for topic in INBOUND]
        if self.channel.provider.inbound:
            known = self.facts.topic in topics
            assert known, f"`topic` is {self.facts.topic}, and messages come in: name one of {', '.join(topics)}"
        else:
            assert self.facts.topic is None, "`topic` is said, and nothing comes in: declare a webhook, or say null"

    async def test_the_provider_is_the_one_that_the_facts_name(self) -> None:
        declared = self.channel.provider.name
        same = self.facts.provider == declared
        assert same, (
            f"the facts' `provider` is {self.facts.provider}, and the code's is {declared}: letters have no lane"
        )

    async def test_who_is_answered_can_be(self) -> None:
        sends, answered = self.channel.provider.outbound is not None, self.facts.answered_on
        if answered == self.facts.name:
            assert sends, "`answered_on` is the channel itself, and nothing sends: declare Outbound, or say null"
        if sends:
            assert answered, "letters can be sent, and `answered_on` is null: who writes would get no receipt"

    async def test_a_letters_form_is_that_of_its_address(self) -> None:
        kind = self.facts.kind.name if self.facts.kind else None
        if self.facts.form is Form.MAIL:
            assert kind == MAIL_ADDRESS, f"`form` is mail, and an answer goes to {kind}: a mail needs a mail address"
        elif self.facts.form is Form.SHORT:
            assert kind != MAIL_ADDRESS, "`form` is short, and an answer goes to a mail address: its form is mail"

    async def test_an_address_has_one_written_form(self) -> None:
        kind = self.facts.kind
        if not self.facts.topic:
            return
        assert kind, "`kind` is null: say what address citizens have on it, or an erasure finds nobody"
        known = kind.name in (MAIL_ADDRESS, PHONE_NUMBER)
        assert kind.pattern or known, f"`kind` {kind.name} has no pattern: two spellings would be two citizens"
        form = written_form(kind, kind.example)
        assert form == kind.example, f"the example {kind.example!r} of `kind` is not as its pattern writes an address"
        if kind.pattern:
            assert not kind.matches(_NO_ADDRESS), (
                f"the pattern of `kind` takes {_NO_ADDRESS!r}: let it take addresses alone"
            )

    async def test_the_desk_can_show_it(self) -> None:
        icon = self.facts.icon
        assert _ICON.fullmatch(icon), f"`icon` {icon!r} is not the data of an SVG path: the desk could not draw it"
        for name, words in self._words():
            for language, said in words.items():
                assert said.strip(), f"`{name}` is blank in {language}: the desk would show nothing"

    async def test_each_failure_is_said_in_two_languages(self) -> None:
        for reason, words in self.facts.failures.items():
            two = words.fr != words.en
            assert two, f"`failures` says {reason} in one language: {words.fr!r}"

    async def test_each_code_of_the_providers_leads_to_words(self) -> None:
        for code, reason in self.facts.reasons.items():
            said = reason in self.facts.failures
            assert said, f"`reasons` makes {reason} of {code!r}, which `failures` lacks: an agent would read a code"

    async def test_the_providers_reports_are_understood(self) -> None:
        ways_in = self.channel.provider.inbound
        if any(way.carries == "reports" if isinstance(way, Webhook) else way.brings_reports for way in ways_in):
            assert self.facts.statuses, "a webhook takes reports, and `statuses` is empty: none would be understood"
        else:
            assert not self.facts.statuses, "`statuses` is said, and no webhook takes reports: declare one, or drop it"

    async def test_only_a_mail_is_vouched_for_by_its_server(self) -> None:
        by_mail = self.facts.vouched_by is Voucher.MAIL_AUTHENTICATION
        mail = self.facts.kind is not None and self.facts.kind.name == MAIL_ADDRESS
        assert mail or not by_mail, (
            "`vouched_by` is mail-authentication, and nothing comes by mail: say provider or nobody"
        )

    async def test_the_settings_are_documented(self) -> None:
        own = self.facts.prefixes
        for variable, setting in self._settings():
            assert setting.description, f"{variable} is not explained: give its field a description, for the operator"
            mine = variable.startswith(own)
            assert mine, f"{variable} does not begin with {' or '.join(own)}: two providers' could be one"

    async def test_the_account_names_variables_that_are_read(self) -> None:
        read = [variable for variable, _ in self._settings()]
        for name in account_of(self.facts).named:
            known = name.startswith("GUICHET_SANDBOX_") or any(is_among(variable, (name,)) for variable in read)
            assert known, f"`account` names {name}, which no setting reads: mend the name, or take it out"

    async def test_each_process_is_told_what_it_must_know(self) -> None:
        provider = self.channel.provider
        for process, told, settings in (
            ("host_reads", account_of(self.facts).host_reads, provider.settings),
            ("sender_reads", account_of(self.facts).sender_reads, provider.sending_settings),
        ):
            for variable in self._needed(settings):
                known = told is None or is_among(variable, told)
                assert known, f"`account.{process}` lacks {variable}, without which that process does not start: add it"

    async def test_a_local_stack_has_what_is_needed(self) -> None:
        if self.facts.variables:
            return  # others read them, too, and a stack has them for all
        said = {*usual_values(self.facts.prefixes[0], self.facts.provider), *account_of(self.facts).local}
        for settings in (self.channel.provider.settings, self.channel.provider.sending_settings):
            for variable in self._needed(settings):
                known = variable in said
                assert known, f"`make run` has no value for {variable}: say one under `account.local`, for the sandbox"

    async def test_secrets_are_not_shown(self) -> None:
        for variable, setting in self._settings():
            if _SECRET.search(variable.lower()):
                hidden = _is_secret(setting)
                assert hidden, f"{variable} would be shown in logs and errors: make its field a SharedSecret"

    async def test_the_settings_can_be_read(self) -> None:
        try:
            settings = settings_of(self.channel, self.payloads)
        except Exception as exc:
            raise AssertionError(f"the settings cannot be read from payloads.environment: {exc}") from exc
        for way in self.channel.provider.inbound:
            if isinstance(way, Webhook):
                public = str(way.public_url(settings))
                assert re.match(r"https?://.", public), f"`public_url` is {public!r}: give the address in the settings"
                assert way.path.startswith("/"), f"the webhook's path {way.path!r} does not begin with a slash"

    async def test_what_comes_in_can_be_handed_in_again(self) -> None:
        for way in self.channel.provider.inbound:
            if isinstance(way, Listener):
                others = any(isinstance(other, Webhook) for other in self.channel.provider.inbound)
                assert way.redeliver or others, "a listener has no `redeliver`: its dead letters could not be replayed"

    async def test_its_credentials_can_be_tried(self) -> None:
        provider = self.channel.provider
        if provider.inbound or provider.outbound:
            assert provider.check, "there is no `check`: `guichet channels check` could not try its credentials"

    def _needed(self, settings: type[SettingsGroup]) -> Iterator[str]:
        prefix = settings.model_config.get("env_prefix", "")
        return (f"{prefix}{name}".upper() for name, field in settings.model_fields.items() if field.is_required())

    def _words(self) -> Iterator[tuple[str, dict[str, str]]]:
        yield "title", self.facts.title.model_dump()
        if self.facts.kind is not None:
            yield "kind", self.facts.kind.title.model_dump()
        if self.facts.processor is not None:
            yield "processor", self.facts.processor.model_dump()
        yield from ((f"failures.{reason}", words.model_dump()) for reason, words in self.facts.failures.items())

    def _settings(self) -> Iterator[tuple[str, FieldInfo]]:
        provider = self.channel.provider
        for settings in {provider.settings, provider.sending_settings, provider.check_settings}:
            prefix = settings.model_config.get("env_prefix", "")
            yield from ((f"{prefix}{name}".upper(), field) for name, field in settings.model_fields.items())


def account_of(facts: ChannelFacts) -> AccountFacts:
    """Return what a channel says of its account, or another of the same account that is installed."""
    others = (each for each in installed_facts().values() if each.name != facts.name)
    return facts.account or account_facts_of([each for each in others if each.provider == facts.provider])


def _is_secret(setting: FieldInfo) -> bool:
    kinds: tuple[Any, ...] = (setting.annotation, *getattr(setting.annotation, "__args__", ()))
    kinds = (*kinds, *(getattr(kind, "__origin__", None) for kind in kinds))  # of Annotated
    return any(isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes) for kind in kinds)
