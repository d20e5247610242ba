"""The suite is tested on channels that each break one promise: it must say which, and what to do.

They are the example that ships (shared/channels/app_webhook), broken. A fault that a host cannot have any more, since
it verifies, reads and answers itself, is tried on a bare adapter (test_conformance.py).
"""

import importlib.util
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from citizen_sandbox.play.webhook.proofs import hmac_sha256
from citizen_sandbox.play.webhook.provider import Answer
from citizen_sandbox.play.webhook.tile import WebhookTile
from guichet.channel.declaration import Channel, Listener, Webhook
from guichet.channel.draft import Draft
from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome, failed, sent
from guichet.channel.payload import Payload
from guichet.channel.refusals import UnverifiedSourceError
from guichet.contracts.accounts import AccountFacts
from guichet.contracts.channels import ChannelFacts, Form, Voucher, Words
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import Identifier
from guichet.errors import ThrottledError, TransientError
from guichet.runtime.settings import SettingsGroup, read_settings
from guichet_app_webhook.channel import CHANNEL
from guichet_app_webhook.incoming import AppWebhookIncoming
from guichet_app_webhook.send import AppWebhookSender
from guichet_app_webhook.settings import AppWebhookSettings
from guichet_app_webhook.tile import TILE
from guichet_testing.conformance import Payloads, Published, Reply, Report, channel_suite

EXAMPLE = Path(__file__).parents[2] / "channels" / "app_webhook"
SPEC = importlib.util.spec_from_file_location("app_webhook_speech", EXAMPLE / "tests" / "test_app_webhook.py")
assert SPEC
assert SPEC.loader
SPEECH = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SPEECH)
FACTS = CHANNEL.facts


def said(**facts: Any) -> Channel:
    """The example, its facts said otherwise."""
    return replace(CHANNEL, facts=FACTS.model_copy(update=facts))


def unsaid(name: str) -> Channel:
    """The example, of whose facts one is left out."""
    rest = {key: value for key, value in FACTS.model_dump(exclude_unset=True).items() if key != name}
    return replace(CHANNEL, facts=ChannelFacts.model_validate(rest))


def account(local: Mapping[str, str] | None = None, **reads: tuple[str, ...]) -> Channel:
    """The example, whose account says this; variables without what all begin with."""
    prefix = "GUICHET_APP_WEBHOOK_"
    named = {process: tuple(f"{prefix}{name}" for name in names) for process, names in reads.items()}
    values = {f"{prefix}{name}": text for name, text in (local or {}).items()}
    return said(account=AccountFacts(local=values, **named))


def kind(**otherwise: Any) -> Channel:
    assert FACTS.kind
    return said(kind=FACTS.kind.model_copy(update=otherwise))


def provider(**otherwise: Any) -> Channel:
    return replace(CHANNEL, provider=replace(CHANNEL.provider, **otherwise))


def webhook(**otherwise: Any) -> Channel:
    [way] = CHANNEL.provider.inbound
    return provider(inbound=(replace(way, **otherwise),))


def incoming(broken: type[AppWebhookIncoming]) -> Channel:
    @asynccontextmanager
    async def opened(settings: Any, host: Any) -> Any:
        yield broken(settings, host)

    return webhook(open=opened)


def sender(broken: type[AppWebhookSender], **facts: Any) -> Channel:
    def opened(settings: AppWebhookSettings) -> AppWebhookSender:
        return broken(settings.app_webhook_api_url, settings.app_webhook_token.get_secret_value(), FACTS.reasons)

    channel = provider(outbound=replace(CHANNEL.provider.outbound, open=opened))
    return replace(channel, facts=FACTS.model_copy(update=facts))


def speech(**otherwise: Any) -> Payloads:
    return type("Otherwise", (SPEECH.AppWebhookPayloads,), otherwise)()


def settings(broken: type[SettingsGroup]) -> Channel:
    return provider(settings=broken)


class Unexplained(AppWebhookSettings):
    app_webhook_colour: str = "blue"


class WantsMore(AppWebhookSettings):
    app_webhook_colour: str = Field(description="Of the app.")


class OfAnother(AppWebhookSettings):
    pigeon_colour: str = Field(default="blue", description="Of the pigeon.")


class Shown(AppWebhookSettings):
    app_webhook_password: str = Field(default="blue", description="What lets us in.")


class TellsNobody(AppWebhookIncoming):
    def senders(self, payload: Payload) -> Iterable[Identifier]:
        return ()


class NeverThoughtOfErasure(AppWebhookIncoming):
    def senders(self, payload: Payload) -> Iterable[Identifier]:
        raise NotImplementedError


class CrashesOnStrangers(AppWebhookIncoming):
    def senders(self, payload: Payload) -> Iterable[Identifier]:
        return [Identifier(kind="app-webhook", value=str(__import__("json").loads(payload.body)["from"]["id"]))]


class TakesAnything(AppWebhookIncoming):
    def verify(self, payload: Payload) -> None: ...


class OfAnotherChannel(AppWebhookIncoming):
    async def read(self, payload: Payload) -> Draft:
        return replace(await super().read(payload), channel="telegram")


class DropsWhatIsCorrected(AppWebhookIncoming):
    async def read(self, payload: Payload) -> Draft:
        return replace(await super().read(payload), edits=None)


class CorrectsUnderOneId(AppWebhookIncoming):
    async def read(self, payload: Payload) -> Draft:
        draft = await super().read(payload)
        return replace(draft, message_id=draft.edits or draft.message_id)


class AnswersElsewhere(AppWebhookIncoming):
    async def read(self, payload: Payload) -> Draft:
        draft = await super().read(payload)
        elsewhere = Identifier(kind="app-webhook", value="mairie")
        return replace(draft, content=draft.content.model_copy(update={"sender": (elsewhere,)}))


class CutsTheText(AppWebhookSender):
    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        return super().post(replace(letter, text=letter.text[:4000]))


class ForgetsTheRecipient(AppWebhookSender):
    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        path, body = super().post(letter)
        return path, {**body, "to": "everybody"}


class TakesLess(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        return await super().try_send(letter) if len(letter.text) < 4000 else failed("too-long")


class AsciiAlone(AppWebhookSender):
    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        return super().post(replace(letter, text=letter.text.encode("ascii", "ignore").decode()))


class SaysCodes(AppWebhookSender):
    otherwise = "error-418"


class HurriesOn(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        try:
            return await super().try_send(letter)
        except ThrottledError as exc:
            raise TransientError("busy") from exc


class WaitsAnHour(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        try:
            return await super().try_send(letter)
        except ThrottledError as exc:
            raise ThrottledError("busy", retry_after=timedelta(hours=1)) from exc


class GivesUpAtOnce(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        try:
            outcome = await super().try_send(letter)
        except TransientError:
            return failed("rejected")
        return failed("rejected") if isinstance(outcome, Doubtful) else outcome


class SendsTwice(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        outcome = await super().try_send(letter)
        if isinstance(outcome, Doubtful):
            raise TransientError("lost")
        return outcome


class HopesForTheBest(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        outcome = await super().try_send(letter)
        return sent() if isinstance(outcome, Doubtful) else outcome


class LeavesItOpen(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        outcome = await super().try_send(letter)
        return Doubtful("who knows") if isinstance(outcome, Concluded) else outcome


class ReportsFailuresAsWithheld(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        outcome = await super().try_send(letter)
        is_failed = isinstance(outcome, Concluded) and outcome.state is DeliveryState.FAILED
        return replace(outcome, state=DeliveryState.WITHHELD) if is_failed else outcome


class FindsNoId(AppWebhookSender):
    def provider_id(self, answer: Mapping[str, Any]) -> str | None:
        return answer.get("messge")


class TrustsAnyAnswer(AppWebhookSender):
    def code(self, answer: Mapping[str, Any]) -> str | None:
        return str(answer["problem"]["code"])


class FailsOnLetters(AppWebhookSender):
    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        raise IndexError("no pigeon")


class NeedsAnotherSecret(AppWebhookIncoming):
    def verify(self, payload: Payload) -> None:
        raise UnverifiedSourceError("another secret")


class MixesReasonsUp(AppWebhookSender):
    def code(self, answer: Mapping[str, Any]) -> str | None:
        return "blocked" if answer.get("error") == "too-long" else super().code(answer)


class LogsTheLetter(AppWebhookSender):
    async def try_send(self, letter: Letter) -> Outcome:
        logging.getLogger("pigeon").info("sending to %s", letter.recipient)
        return await super().try_send(letter)


class OfAnotherLane(AppWebhookSender):
    name = "pigeon"


class TriesForEver(AppWebhookSender):
    repeats = 5


async def finds_all_well(_: Any) -> list[str]:
    return ["all is well"]


async def reads_for_itself(_: Any) -> list[str]:
    read_settings(AppWebhookSettings)
    return []


def listener(**otherwise: Any) -> Channel:
    @asynccontextmanager
    async def listens(settings: Any, host: Any) -> Any:
        yield

    return provider(inbound=(Listener(open=listens, **otherwise),))


def with_reports(**facts: Any) -> Channel:
    [way] = CHANNEL.provider.inbound
    reports: Webhook[Any] = replace(way, path="/webhooks/app-webhook/reports", carries="reports")
    return replace(provider(inbound=(way, reports)), facts=FACTS.model_copy(update=facts))


def played(**otherwise: Any) -> Any:
    """The example's tile, whose provider is declared otherwise."""

    def opened(settings: Any, kit: Any) -> WebhookTile:
        tile = TILE.open(settings, kit)
        assert isinstance(tile, WebhookTile)
        return WebhookTile(replace(tile.provider, **otherwise), settings, kit)

    return replace(TILE, open=opened)


def posting_to(path: str) -> Any:
    """The same, which looks for the town at another path."""

    def opened(settings: Any, kit: Any) -> Any:
        return TILE.open(settings.model_copy(update={"webhook_url": f"http://127.0.0.1:8012{path}"}), kit)

    return replace(TILE, open=opened)


def payload_with(**fields: Callable[[Mapping[str, Any]], Any]) -> Any:
    """The same, whose payloads have these fields of its own, and the others as they were."""

    def opened(settings: Any, kit: Any) -> WebhookTile:
        tile = TILE.open(settings, kit)
        assert isinstance(tile, WebhookTile)
        payload = tile.provider.payload

        def otherwise(said: Any) -> Mapping[str, Any]:
            whole = payload(said)
            return {**whole, **{name: of(whole) for name, of in fields.items()}}

        return WebhookTile(replace(tile.provider, payload=otherwise), settings, kit)

    return replace(TILE, open=opened)


def package(**files: str) -> Callable[[Path], Path]:
    def written(folder: Path) -> Path:
        own = folder / "guichet_pigeon"
        own.mkdir()
        for name, text in files.items():
            (own / f"{name}.py").write_text(text)
        return own

    return written


DELIVERED = {"arrived": DeliveryState.DELIVERED}
OLD = Published(environment={}, body=b"{}", headers={}, at=SPEECH.AppWebhookPayloads.published.at)


@dataclass(frozen=True)
class Fault:
    """seen: the sentence, in part."""

    test: str
    seen: str
    channel: Channel = CHANNEL
    payloads: Payloads = field(default_factory=SPEECH.AppWebhookPayloads)
    package: Callable[[Path], Path] | None = None
    tile: Any = None


UNSAID = "the_facts_say_what_no_default_can"
OF_THIS_CHANNEL = "a_message_is_of_this_channel"
ONE_FORM = "an_address_has_one_written_form"
DECLARED_IN_WORDS = "each_failure_is_declared_in_words"
SHOWN_AT_THE_DESK = "the_desk_can_show_it"
TROUBLE = "a_providers_trouble_fails_no_letter"
LOST = "a_lost_answer_is_in_doubt"
ARRIVES = "what_a_citizen_writes_in_the_tile_arrives"
SHOWN = "a_letter_is_shown_in_the_tile_and_its_answer_is_understood"
SENT_WHOLE = "a_letter_is_sent_whole_to_its_recipient"
ERASED = "who_sent_it_is_told_of_what_nobody_can_read"

FAULTS = {
    # each declared field, wrong
    "name": Fault(OF_THIS_CHANNEL, "the channel is pigeon", said(name="pigeon")),
    "title": Fault(SHOWN_AT_THE_DESK, "`title` is blank in fr", said(title=Words(fr=" ", en="App"))),
    "icon": Fault(SHOWN_AT_THE_DESK, "not the data of an SVG path", said(icon="<svg/>")),
    "provider": Fault("the_provider_is_the_one_that_the_facts_name", "letters have no lane", said(provider="pigeon")),
    "topic": Fault("the_topic_is_one_of_the_towns", "name one of inbound-email", said(topic="inbound-pigeons")),
    "topic, null": Fault("the_topic_is_one_of_the_towns", "`topic` is None, and messages come in", said(topic=None)),
    "topic, of nothing": Fault("the_topic_is_one_of_the_towns", "nothing comes in", provider(inbound=())),
    "answered_on, null": Fault("who_is_answered_can_be", "would get no receipt", said(answered_on=None)),
    "answered_on, by nobody": Fault("who_is_answered_can_be", "nothing sends", provider(outbound=None)),
    "kind": Fault(ONE_FORM, "an erasure finds nobody", said(kind=None)),
    "kind, another": Fault(OF_THIS_CHANNEL, "the facts' `kind` is pigeon", kind(name="pigeon")),
    "kind, blank": Fault(SHOWN_AT_THE_DESK, "`kind` is blank in en", kind(title=Words(fr="Identifiant", en=" "))),
    "kind, without a form": Fault(ONE_FORM, "two spellings would be two citizens", kind(pattern=None)),
    "kind, any form": Fault(ONE_FORM, "let it take addresses alone", kind(pattern="(?s).+", example="a")),
    "kind, a wrong example": Fault(ONE_FORM, "is not as its pattern writes", kind(example="deux mots")),
    "kind, too narrow a form": Fault(OF_THIS_CHANNEL, "does not take", kind(pattern="[0-9]+")),
    "form": Fault("a_letters_form_is_that_of_its_address", "needs a mail address", said(form=Form.MAIL, longest=None)),
    "form, of a mail": Fault("a_letters_form_is_that_of_its_address", "its form is mail", kind(name="email")),
    "longest": Fault(
        "a_long_text_is_never_cut", "as long as `longest` (8000) was cut, and sent", sender(CutsTheText, longest=8000)
    ),
    "longest, refused": Fault(
        "a_long_text_is_never_cut",
        "as long as `longest` (4000) was not handed over",
        sender(TakesLess),
    ),
    "is_conversation": Fault(OF_THIS_CHANNEL, "or each opens a new case", said(is_conversation=False)),
    "vouched_by": Fault("who_vouches_is_told_right", "say provider", said(vouched_by=Voucher.NOBODY)),
    "vouched_by, nobody": Fault(
        "who_vouches_is_told_right", "say nobody", webhook(sign=lambda *_: {"Content-Type": "application/json"})
    ),
    "vouched_by, a mail server": Fault(
        "only_a_mail_is_vouched_for_by_its_server", "by mail", said(vouched_by=Voucher.MAIL_AUTHENTICATION)
    ),
    "sending, repeats": Fault("it_sends_again_as_often_as_declared", "`repeats` is 5", sender(TriesForEver)),
    "sending, settle_after": Fault(
        "what_is_in_doubt_is_asked_for",
        "write settle(), or say nothing",
        said(sending=FACTS.sending.model_copy(update={"settle_after": timedelta(minutes=1)})),
    ),
    "statuses": Fault("the_providers_reports_are_understood", "no webhook takes reports", said(statuses=DELIVERED)),
    "statuses, none": Fault("the_providers_reports_are_understood", "none would be understood", with_reports()),
    "reasons": Fault("each_declared_failure_can_happen", "which nothing leads to", said(reasons={"other": "blocked"})),
    "reasons, without words": Fault(
        "each_code_of_the_providers_leads_to_words", "an agent would read a code", said(reasons={"other": "gone"})
    ),
    "failures": Fault(DECLARED_IN_WORDS, "with unknown-address, which `failures` lacks", said(failures={})),
    "failures, in one language": Fault(
        "each_failure_is_said_in_two_languages",
        "in one language",
        said(failures=FACTS.failures | {"blocked": Words(fr="blocked", en="blocked")}),
    ),
    "processor": Fault(SHOWN_AT_THE_DESK, "`processor` is blank in fr", said(processor=Words(fr=" ", en="App"))),
    "account, unsaid": Fault("a_local_stack_has_what_is_needed", "no value for GUICHET_APP_WEBHOOK_", said(account=None)),
    "account, of nobody": Fault(
        "the_account_names_variables_that_are_read", "PASSWORD, which no setting reads", account(local={"PASSWORD": "x"})
    ),
    "account, a host left in the dark": Fault(
        "each_process_is_told_what_it_must_know", "`account.host_reads` lacks", account(host_reads=("TOKEN",))
    ),
    "account, a sender left in the dark": Fault(
        "each_process_is_told_what_it_must_know", "`account.sender_reads` lacks", account(sender_reads=("SECRET",))
    ),
    # settings, credentials
    "settings, unexplained": Fault("the_settings_are_documented", "COLOUR is not explained", settings(Unexplained)),
    "settings, the sender's unexplained": Fault(
        "the_settings_are_documented",
        "COLOUR is not explained",
        provider(outbound=replace(CHANNEL.provider.outbound, settings=Unexplained)),
    ),
    "settings, the sender's alone": Fault(
        SENT_WHOLE,
        "GUICHET_APP_WEBHOOK_COLOUR is not set",
        provider(outbound=replace(CHANNEL.provider.outbound, settings=WantsMore)),
    ),
    "settings, another's": Fault("the_settings_are_documented", "two providers' could be one", settings(OfAnother)),
    "settings, shown": Fault("secrets_are_not_shown", "make its field a SharedSecret", settings(Shown)),
    "settings, not said": Fault(
        "the_settings_can_be_read", "GUICHET_APP_WEBHOOK_SECRET is not set", payloads=speech(environment={})
    ),
    "public_url": Fault("the_settings_can_be_read", "`public_url` is 'None'", webhook(public_url=lambda _: None)),
    "path": Fault("the_settings_can_be_read", "does not begin with a slash", webhook(path="webhooks")),
    "no check": Fault("its_credentials_can_be_tried", "could not try its credentials", provider(check=None)),
    "a check that reads settings itself": Fault(
        "wrong_credentials_are_found_without_writing_to_anybody", "`checked_with`", provider(check=reads_for_itself)
    ),
    "a check that checks nothing": Fault(
        "wrong_credentials_are_found_without_writing_to_anybody", "raise GuichetError", provider(check=finds_all_well)
    ),
    # the way in
    "takes anything": Fault("what_is_forged_is_refused_and_goes_nowhere", "instead of 403", incoming(TakesAnything)),
    "takes what was altered": Fault("what_was_altered_after_signing_is_refused", "altered", incoming(TakesAnything)),
    "signs otherwise than it verifies": Fault(
        "what_is_signed_anew_is_taken",
        "a dead letter could not be handed in again",
        webhook(sign=lambda *_: {"webhook-signature": "v1,no"}),
    ),
    "keeps too few headers": Fault(
        "what_is_signed_anew_is_taken", "add webhook-id to the webhook's `proof`", webhook(keeps=())
    ),
    "keeps too few headers, in another promise": Fault(
        "nothing_is_accepted_before_the_broker_confirmed", "add webhook-id to the webhook's `proof`", webhook(keeps=())
    ),
    "keeps too few headers, behind a proxy": Fault(
        "the_proof_is_checked_on_the_public_address", "add webhook-id to the webhook's `proof`", webhook(keeps=())
    ),
    "verifies by another secret": Fault(
        "a_message_is_published_and_then_accepted", "refuses what sign() signed", incoming(NeedsAnotherSecret)
    ),
    "keeps a secret": Fault(
        "a_dead_letter_can_be_handed_in_again",
        "a dead letter keeps a secret, in x-secret",
        webhook(
            keeps=("webhook-id", "X-Secret"),
            sign=lambda settings, payload: {
                **CHANNEL.provider.inbound[0].sign(settings, payload),
                "X-Secret": settings.app_webhook_secret.get_secret_value(),
            },
        ),
    ),
    "signs once for all": Fault(
        "a_dead_letter_can_be_handed_in_again",
        "sign() must sign it anew",
        webhook(sign=lambda settings, payload: CHANNEL.provider.inbound[0].sign(settings, replace(payload, at=payload.at.replace(year=2026, month=3, day=2)))),
    ),
    "senders, forgotten": Fault(ERASED, "senders() is not written", incoming(NeverThoughtOfErasure)),
    "senders, nobody": Fault(ERASED, "does not tell who sent", incoming(TellsNobody)),
    "senders, crashing": Fault("what_is_no_message_at_all_harms_nothing", "senders() crashes on", incoming(CrashesOnStrangers)),
    "of another channel": Fault(OF_THIS_CHANNEL, "they came on telegram", incoming(OfAnotherChannel)),
    "answers elsewhere": Fault(OF_THIS_CHANNEL, "an answer would go to 'mairie'", incoming(AnswersElsewhere)),
    "a correction of nothing": Fault(
        "a_correction_names_what_it_corrects", "set `edits` in the draft", incoming(DropsWhatIsCorrected)
    ),
    "a correction that is dropped": Fault(
        "a_correction_names_what_it_corrects", "it would be dropped", incoming(CorrectsUnderOneId)
    ),
    "an unreadable capture": Fault(
        "each_capture_is_read", "Return None for a notice", payloads=speech(captures=EXAMPLE / "guichet_app_webhook")
    ),
    "a published signature that is refused": Fault(
        "a_published_signature_is_taken", "refuses the provider's own", payloads=speech(published=OLD)
    ),
    "a report without a webhook": Fault(
        "each_report_is_passed_on",
        "no webhook carries reports",
        said(statuses=DELIVERED),
        speech(report=lambda *_: Report(b"{}")),
    ),
    "a report that nobody plays": Fault(
        "each_report_is_passed_on", "says nothing of 'arrived'", with_reports(statuses=DELIVERED)
    ),
    "a report that is not passed on": Fault(
        "each_report_is_passed_on",
        "accepted and not passed on",
        with_reports(statuses=DELIVERED),
        speech(report=lambda *_: Report(b"{}")),
    ),
    "a listener without replay": Fault(
        "what_comes_in_can_be_handed_in_again", "could not be replayed", listener(redeliver=None)
    ),
    # the way out
    "nobody plays the provider": Fault(SENT_WHOLE, "payloads.api is None", payloads=speech(api=None)),
    "a letter of the wrong lane": Fault("the_lane_is_the_providers", "calls itself pigeon", sender(OfAnotherLane)),
    "a letter in ASCII": Fault(SENT_WHOLE, "not handed the whole text", sender(AsciiAlone)),
    "a letter to everybody": Fault(SENT_WHOLE, "not told the recipient", sender(ForgetsTheRecipient)),
    "a letter that is left open": Fault(SENT_WHOLE, "instead of sent", sender(LeavesItOpen)),
    "a letter without an id": Fault(
        "a_letter_that_was_taken_has_the_providers_id", "its id is not told", sender(FindsNoId)
    ),
    "an answer that the sender cannot read": Fault(
        DECLARED_IN_WORDS, "fails in code(), test_channel_suite.py:", sender(TrustsAnyAnswer)
    ),
    "a letter that the sender cannot write": Fault(SENT_WHOLE, "fails in post(), test_channel_", sender(FailsOnLetters)),
    "a text that is cut": Fault("a_long_text_is_never_cut", "was cut, and sent", sender(CutsTheText)),
    "a failure in codes": Fault(DECLARED_IN_WORDS, "with error-418, which `failures` lacks", sender(SaysCodes)),
    "a failure that is none": Fault(DECLARED_IN_WORDS, "not a letter that failed", sender(ReportsFailuresAsWithheld)),
    "a failure for another": Fault("each_code_becomes_its_reason", "'too-long' became blocked", sender(MixesReasonsUp)),
    "a refusal that leads elsewhere": Fault(
        "each_code_becomes_its_reason",
        "calls gone became rejected",
        payloads=speech(api=type("Api", (SPEECH.Api,), {"refusals": {"gone": Reply(410, {})}})()),
    ),
    "throttling that is not obeyed": Fault("who_is_told_to_wait_waits", "raise ThrottledError", sender(HurriesOn)),
    "throttling at will": Fault("who_is_told_to_wait_waits", "the sender waits 1:00:00", sender(WaitsAnHour)),
    "trouble that fails a letter": Fault(TROUBLE, "(HTTP 500) became", sender(GivesUpAtOnce)),
    "a mistyped address that fails a letter": Fault(
        "a_wrong_address_of_the_providers_fails_no_letter", "an operator mends it", sender(GivesUpAtOnce)
    ),
    "no connection that fails a letter": Fault(
        "while_the_provider_is_not_reached_the_letter_waits", "raise TransientError", sender(GivesUpAtOnce)
    ),
    "a lost answer that is sent again": Fault(LOST, "it is Doubtful", sender(SendsTwice)),
    "a lost answer that counts as sent": Fault(LOST, "it is Doubtful", sender(HopesForTheBest)),
    "a provider that is not asked": Fault(
        "what_is_in_doubt_is_asked_for",
        "nobody would ask it",
        payloads=speech(api=type("Api", (SPEECH.Api,), {"listed": lambda *_: Reply(200, [])})()),
    ),
    "a provider that is asked in vain": Fault(
        "what_is_in_doubt_is_asked_for",
        "settle() found []",
        said(sending=FACTS.sending.model_copy(update={"settle_after": timedelta(minutes=1)})),
        speech(api=type("Api", (SPEECH.Api,), {"listed": lambda *_: Reply(200, [])})()),
    ),
    "a letter in the log": Fault(
        "nothing_personal_of_a_letter_is_in_the_log", "'habitante-4217' of a letter was logged", sender(LogsTheLetter)
    ),
    # the package
    "not announced": Fault("an_entry_point_announces_it", "announce it in pyproject.toml", said(name="pigeon")),
    "facts of another file": Fault(
        "an_entry_point_announces_it", "differ in longest: read the file", said(longest=500)
    ),
    "no tile": Fault("a_tile_of_the_sandbox_plays_its_provider", "write tile.py", provider(name="pigeon")),
    "a tile that takes letters elsewhere": Fault(
        "the_tile_takes_letters_where_they_are_sent", "and the tile takes them at /letters", tile=replace(TILE, letters="/letters")
    ),
    "a tile that takes no letters": Fault(
        "the_tile_takes_letters_where_they_are_sent", "does not say `letters`", tile=replace(TILE, letters="")
    ),
    "a tile whose codes nobody knows": Fault(
        "the_tile_refuses_in_codes_that_the_facts_know",
        "which `reasons` does not know",
        tile=replace(TILE, refusals=((404, {"error": "moved-away"}),)),
    ),
    "a tile that signs otherwise": Fault(
        ARRIVES, "let its `sign` prove it as the provider does", tile=played(sign=hmac_sha256("webhook-signature"))
    ),
    "a tile before a webhook that keeps too few headers": Fault(
        ARRIVES, "add webhook-id to the webhook's `proof`", webhook(keeps=())
    ),
    "a tile that posts elsewhere": Fault(
        ARRIVES, "posts elsewhere than to the webhook (/webhooks/app-webhook)", tile=posting_to("/pigeons")
    ),
    "a tile that says the text elsewhere": Fault(
        ARRIVES, "in the tile, and '' arrived", tile=payload_with(body=lambda said: said["text"], text=lambda _: "")
    ),
    "a tile that says who writes elsewhere": Fault(
        ARRIVES, "an answer would go to 'mairie'", tile=payload_with(**{"from": lambda _: {"id": "mairie"}})
    ),
    "a tile whose payload nobody can read": Fault(
        ARRIVES, "nobody can read what the tile posts (1 unreadable", tile=payload_with(**{"from": lambda _: None})
    ),
    "a tile whose payload raises": Fault(
        ARRIVES, "la tuile a échoué : KeyError: 'body'", tile=payload_with(body=lambda said: said["body"])
    ),
    "a tile that does not open": Fault(ARRIVES, "the tile does not open (TypeError", tile=played(colour="blue")),
    "a tile whose addresses are no addresses": Fault(
        "each_citizen_of_the_tile_has_an_address_of_the_channels",
        "calls Amina Benali 'Amina Benali', which the pattern",
        tile=played(address=lambda citizen: citizen.name),
    ),
    "a tile that reads another field": Fault(SHOWN, "400 ", tile=played(read=lambda body: Answer(body["to"], body["body"]))),
    "a tile that reads another text": Fault(
        SHOWN, "and the tile shows '00", tile=played(read=lambda body: Answer(body["to"], body["reference"]))
    ),
    "a tile that crashes on a letter": Fault(SHOWN, "crashes on a letter (AttributeError", tile=played(read=lambda body: Answer(body["to"].loft, ""))),
    "a tile that answers otherwise": Fault(
        SHOWN, "let its `accepted` answer as the provider does", tile=played(accepted=lambda id: {"message": {"id": id}})
    ),
    "opens what is sealed": Fault(
        "it_takes_from_guichet_what_it_may",
        "a channel seals and sends, and opens nothing",
        package=package(read="from guichet.vault import sealing"),
    ),
    "a tile that uses the channel": Fault(
        "the_tile_knows_nothing_of_guichet",
        "proves nothing of it",
        package=package(tile="from guichet.channel.proofs import Token"),
    ),
    "a tile that reads as the channel does": Fault(
        "the_tile_knows_nothing_of_guichet", "imports guichet_pigeon.parse", package=package(tile="from . import parse")
    ),
    "a channel that runs its tile": Fault(
        "the_tile_knows_nothing_of_guichet", "a town runs none of it", package=package(send="from .tile import TILE")
    ),
}  # fmt: skip
FAULTS |= {
    f"{name}, left out": Fault(UNSAID, f"the facts do not say `{name}`", unsaid(name))
    for name in ("topic", "answered_on", "is_conversation", "vouched_by", "sending", "processor")
}


@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_is_named(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    suite = channel_suite(fault.channel, fault.payloads)()
    suite.package, suite.tile = fault.package(tmp_path) if fault.package else None, fault.tile
    with pytest.raises(AssertionError) as failure:
        await getattr(suite, f"test_{fault.test}")()
    assert fault.seen in str(failure.value)


async def test_who_signs_for_mailboxes_may_say_that_nobody_vouches() -> None:
    """The facts know no other way: no provider vouches for a mailbox."""
    kind = FACTS.kind and FACTS.kind.model_copy(update={"name": "email"})
    suite = channel_suite(said(kind=kind, vouched_by=Voucher.NOBODY), SPEECH.AppWebhookPayloads())()
    await suite.test_who_vouches_is_told_right()


@pytest.mark.parametrize(
    "promise",
    [
        "each_citizen_of_the_tile_has_an_address_of_the_channels",
        "what_a_citizen_writes_in_the_tile_arrives",
        "a_letter_is_shown_in_the_tile_and_its_answer_is_understood",
        "the_tile_takes_letters_where_they_are_sent",
        "the_tile_refuses_in_codes_that_the_facts_know",
    ],
)
async def test_without_the_sandbox_a_tile_is_not_passed_in_silence(
    promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guichet_testing.conformance.tiles.has_sandbox", lambda: False)
    suite = channel_suite(CHANNEL, SPEECH.AppWebhookPayloads())()
    with pytest.raises(pytest.skip.Exception, match="uv build --wheel --out-dir dist deploy/local/sandbox"):
        await getattr(suite, f"test_{promise}")()


async def test_a_provider_may_tell_no_id() -> None:
    payloads = speech(api=type("Api", (SPEECH.Api,), {"tells_id": False, "accepted": Reply(200, {})})())
    await channel_suite(sender(FindsNoId), payloads)().test_a_letter_that_was_taken_has_the_providers_id()


def test_a_channel_without_a_sender_has_a_tile_that_is_played() -> None:
    one_way = channel_suite(provider(outbound=None), SPEECH.AppWebhookPayloads())
    assert hasattr(one_way, "test_what_a_citizen_writes_in_the_tile_arrives")
    assert not hasattr(one_way, "test_a_letter_is_shown_in_the_tile_and_its_answer_is_understood")
