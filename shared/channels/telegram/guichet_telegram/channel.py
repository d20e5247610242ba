"""The channel Telegram, as hosts find it."""

from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel, Outbound, Provider
from guichet.town.channel_facts import read_facts
from guichet_telegram.check import check_telegram, register_telegram
from guichet_telegram.send import open_bot
from guichet_telegram.settings import BotSettings, TelegramSettings
from guichet_telegram.webhook import UPDATES

TELEGRAM: Final = Provider(
    "telegram",
    TelegramSettings,
    inbound=(UPDATES,),
    outbound=Outbound(open=open_bot, settings=BotSettings),
    check=check_telegram,
    register=register_telegram,
    checked_with=TelegramSettings,
)
CHANNEL: Final = Channel(read_facts(Path(__file__).with_name("telegram.yaml")), TELEGRAM)
