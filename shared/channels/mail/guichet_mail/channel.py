"""The channel mail: the town's mailboxes by LMTP, and its relay. Who takes mail in loads nothing that sends it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel, Listener, Outbound, Provider
from guichet.channel.lent import Host
from guichet.channel.outgoing.sender import Sender
from guichet.channel.payload import Payload
from guichet.runtime.settings import SmtpSettings, read_settings
from guichet.town.channel_facts import read_facts
from guichet_mail.settings import MailSettings


def _open_mail(settings: MailSettings, host: Host) -> AbstractAsyncContextManager[None]:
    from guichet_mail.receive.open_mail import open_mail  # noqa: PLC0415

    return open_mail(settings, host)


def _redeliver(settings: MailSettings, payload: Payload) -> Callable[[], Awaitable[None]]:
    from guichet_mail.redeliver import redelivery_of  # noqa: PLC0415

    return redelivery_of(settings, payload)


def _open_relay(settings: SmtpSettings) -> Sender:
    from guichet_mail.send.open_relay import open_relay  # noqa: PLC0415

    return open_relay(settings)


async def _check_relay(settings: SmtpSettings) -> list[str]:
    from guichet_mail.send.check import check_relay  # noqa: PLC0415

    return await check_relay(settings)


async def _check_mailboxes(settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    from guichet_mail.receive.imap.trial.check import check_mailboxes  # noqa: PLC0415

    return await check_mailboxes(settings, words)


async def _preview_mailbox(settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    from guichet_mail.receive.imap.trial.preview import preview_mailbox  # noqa: PLC0415

    return await preview_mailbox(settings, words)


async def _read_mail_file(_settings: MailSettings, _words: tuple[str, ...]) -> list[str]:
    from guichet_mail.mailboxes_told import mailboxes_told  # noqa: PLC0415

    return mailboxes_told()


async def _send_trial(_settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    from guichet_mail.send.trial import send_trial  # noqa: PLC0415

    return await send_trial(read_settings(SmtpSettings), words)


async def _send_words_trial(_settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    from guichet_mail.send.trial import send_words_trial  # noqa: PLC0415

    return await send_words_trial(read_settings(SmtpSettings), words)


async def _find_trial(settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    from guichet_mail.receive.imap.trial.find import find_trial  # noqa: PLC0415

    return await find_trial(settings, words)


MAIL: Final = Provider(
    "mail",
    MailSettings,
    inbound=(Listener(open=_open_mail, redeliver=_redeliver, brings_reports=True),),
    outbound=Outbound(open=_open_relay, settings=SmtpSettings),
    check=_check_relay,
    acts={
        "mail-file": _read_mail_file,
        "trial-send": _send_trial,
        "trial-find": _find_trial,
        "words-trial": _send_words_trial,
        "mailbox-check": _check_mailboxes,
        "mailbox-preview": _preview_mailbox,
    },
)
EMAIL: Final = Channel(facts=read_facts(Path(__file__).with_name("email.yaml")), provider=MAIL)
