"""The tile of Telegram: each citizen's private chat with the town's bot."""

from typing import Any, Final

from fastapi import APIRouter, HTTPException

from citizen_sandbox.play.clock import now
from citizen_sandbox.play.entry import Direction, Entry
from citizen_sandbox.play.form import Field, Form, Kind, Written
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.tile import Kit, OpenTile, Sender, Tile, Words
from citizen_sandbox.play.wishes import attachments
from guichet_telegram.tile.api import build_telegram_api
from guichet_telegram.tile.bot import TelegramBot, Webhook
from guichet_telegram.tile.errors import TelegramError, answer_telegram_error
from guichet_telegram.tile.methods import TelegramMethods
from guichet_telegram.tile.network import Chat, TelegramNetwork
from guichet_telegram.tile.settings import TelegramSettings
from guichet_telegram.tile.troubles import Trouble
from guichet_telegram.tile.updates import Writer
from guichet_telegram.tile.wishes import ChatsWish, TelegramWish

FIELDS: Final = (Field("text", "Message ou légende"), Field("files", "Photo ou fichier", Kind.FILES))


class TelegramTile(OpenTile):
    """A chat, and Telegram's Bot API before it."""

    can_edit = True
    list_id = "chat"

    def __init__(self, settings: TelegramSettings, kit: Kit) -> None:
        super().__init__(kit)
        self.error_handlers = {TelegramError: answer_telegram_error}
        webhook = Webhook(settings.town.public_webhook, settings.telegram_webhook_secret)
        known = frozenset(account["id"] for account in map(_account, kit.people.citizens) if account)
        self.bot = TelegramBot(settings.telegram_token, webhook, known)
        self.network = TelegramNetwork(bot=self.bot, kit=kit, door=kit.door(settings.town))
        self.form = Form(path="telegram", ids="chat", fields=FIELDS, to=f"@{self.bot.user['username']}")
        methods = TelegramMethods(self.bot, kit.journal)
        self.routers = (build_telegram_api(self.bot, methods, kit.misbehaviour), _test_api(self))

    def address_of(self, citizen: Citizen) -> str:
        """Return the chat's id; in a private chat it is the person's."""
        return str(_account(citizen).get("id", ""))

    def shown_address(self, citizen: Citizen) -> str:
        """Return the name by which one is found."""
        return f"@{_account(citizen).get('username', '')}"

    async def write(self, sender: Sender, written: Written) -> list[Entry]:
        """Send a message; several files make an album, one entry each."""
        return await self.send(_writer(sender), Chat(text=written.text, files=written.files))

    async def send(self, writer: Writer, chat: Chat) -> list[Entry]:
        """Send a message. Raises HTTPException for an empty one: Telegram sends nothing empty either."""
        if not (chat.text.strip() or chat.files or chat.location):
            raise HTTPException(422, "write something, or join a file")
        return await self.network.send(writer, chat)

    async def edit(self, entry: Entry, text: str) -> Entry:
        """Correct a message of the citizen's."""
        citizens = (one for one in self.kit.people.citizens if self.address_of(one) == entry.address)
        citizen = next(citizens, None)
        sender = Sender(entry.address, citizen.name if citizen else "Inconnu", citizen)
        return (await self.send(_writer(sender), Chat(text=text, edits=int(entry.provider_id))))[-1]

    def forget(self) -> None:
        """Forget the bot's files and what waits."""
        self.bot.clear()


def _account(citizen: Citizen) -> dict[str, Any]:
    return dict(citizen.account("telegram"))


def _writer(sender: Sender) -> Writer:
    """Return the sender as Telegram knows them."""
    if sender.citizen is None:
        return Writer(id=int(sender.address), first_name=sender.name)
    username = _account(sender.citizen).get("username", "")
    names = {"first_name": sender.citizen.given_name, "last_name": sender.citizen.family_name}
    return Writer(id=int(sender.address), username=username, **names)


def _test_api(tile: TelegramTile) -> APIRouter:
    web = APIRouter(prefix="/sandbox/api/telegram")

    @web.post("", status_code=201)
    async def telegram(wish: TelegramWish) -> list[Entry]:
        writer = _writer(_sender(tile, wish))
        if wish.update is not None:
            return [await _send_update(tile, writer, wish.update)]
        chat = Chat(text=wish.text, files=attachments(wish.files), location=wish.location, edits=wish.edits)
        return await tile.send(writer, chat)

    @web.post("/chats", status_code=204)
    async def chats(wish: ChatsWish) -> None:
        tile.bot.chats.update(wish.ids)

    return web


async def _send_update(tile: TelegramTile, writer: Writer, update: dict[str, Any]) -> Entry:
    entry = Entry(
        channel="telegram",
        direction=Direction.SENT,
        address=str(writer.id),
        counterpart=tile.bot.user["username"],
        provider_id=str(update.get("update_id", "")),
    )
    return await tile.network.send_update(update, entry)


def _sender(tile: TelegramTile, wish: TelegramWish) -> Sender:
    if wish.citizen:
        citizen = tile.kit.people.existing(wish.citizen)
        return Sender(tile.address_of(citizen), citizen.name, citizen)
    # without a writer it is somebody new, as anybody in the world may write to a bot
    return Sender(str(wish.writer_id or int(now().timestamp() * 1000) % 10**9), wish.writer_name)


TILE: Final = Tile(
    key="telegram",
    title=Words("Telegram", "Telegram"),
    icon="M21 4 3 11l6 2 2 6 3-4 5 4 2-15ZM9 13l9-7",
    settings=TelegramSettings,
    open=TelegramTile,
    channels={"telegram": Words("Telegram", "Telegram")},
    troubles=Trouble.in_words(),
    provider_paths=("/bot", "/file/bot"),
    letters="/bot",
    is_optional=True,
)
