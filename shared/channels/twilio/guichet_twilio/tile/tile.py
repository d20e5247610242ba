"""The tile of Twilio: one telephone for SMS and WhatsApp."""

from typing import Final

from fastapi import APIRouter, HTTPException

from citizen_sandbox.play.entry import Entry
from citizen_sandbox.play.form import TEXT_AND_FILES, Field, Form, Kind, Option, Written
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.tile import Kit, OpenTile, Sender, Tile, Words
from citizen_sandbox.play.wishes import attachments
from guichet_twilio.tile.account import TwilioAccount
from guichet_twilio.tile.api import build_twilio_api
from guichet_twilio.tile.errors import TwilioError, answer_twilio_error
from guichet_twilio.tile.media import build_twilio_media
from guichet_twilio.tile.messages import API_VERSION, TwilioMessages
from guichet_twilio.tile.network import TwilioNetwork
from guichet_twilio.tile.settings import TwilioSettings
from guichet_twilio.tile.troubles import Trouble
from guichet_twilio.tile.wishes import SmsWish


class TwilioTile(OpenTile):
    """A telephone, the network behind it, Twilio's API before it."""

    list_id = "phone"

    def __init__(self, settings: TwilioSettings, kit: Kit) -> None:
        super().__init__(kit)
        self.error_handlers = {TwilioError: answer_twilio_error}
        self.account = _account(settings, kit)
        self.network = TwilioNetwork(
            account=self.account, kit=kit, door=kit.door(settings.town), status_pause=settings.sandbox_status_pause
        )
        self.form = _form(self.account)
        self.routers = (
            build_twilio_api(self.account, kit.misbehaviour, self.network.deliver),
            build_twilio_media(self.account, kit.misbehaviour),
            _test_api(self),
        )

    def address_of(self, citizen: Citizen) -> str:
        """Return the number: E.164."""
        return citizen.phone

    async def write(self, sender: Sender, written: Written) -> list[Entry]:
        """Send an SMS, or a WhatsApp message where the field `channel` says so."""
        return [await self.send(sender, written, {})]

    async def send(self, sender: Sender, written: Written, overrides: dict[str, str]) -> Entry:
        """Send it. overrides: fields of Twilio's form to replace before it is signed."""
        channel = written.fields.get("channel", "sms")
        if channel == "whatsapp" and not self.account.whatsapp_number:
            raise HTTPException(422, "the town has no WhatsApp number: set GUICHET_TWILIO_WHATSAPP_NUMBER")
        return await self.network.send(
            phone=sender.address,
            text=written.text,
            files=written.files,
            channel=channel,
            name=sender.name,
            overrides=overrides,
        )

    async def again(self, entry: Entry) -> str:
        """Tell the town once more, as Twilio does after an answer that it did not hear."""
        message = self.account.messages.find(entry.provider_id)
        if message is None or message.direction != "inbound":
            raise HTTPException(422, f"entry {entry.id} is no SMS or WhatsApp message of a citizen")
        return (await self.network.send_again(message, entry)).answer

    def forget(self) -> None:
        """Forget the account's messages."""
        self.account.messages.clear()


def _account(settings: TwilioSettings, kit: Kit) -> TwilioAccount:
    return TwilioAccount(
        sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        number=settings.twilio_number,
        whatsapp_number=settings.twilio_whatsapp_number,
        api_url=(settings.twilio_api_url or kit.own_url).rstrip("/"),
        messages=TwilioMessages(kit.kept_messages),
    )


def _form(account: TwilioAccount) -> Form:
    ways = (Option("sms", "SMS"), Option("whatsapp", "WhatsApp", is_offered=bool(account.whatsapp_number)))
    way = Field("channel", f"À {account.number} par", Kind.CHOICE, options=ways)
    return Form(path="sms", ids="sms", fields=(way, *TEXT_AND_FILES))


def _test_api(tile: TwilioTile) -> APIRouter:
    web = APIRouter(prefix="/sandbox/api")

    @web.post("/sms", status_code=201)
    async def sms(wish: SmsWish) -> Entry:
        citizen = tile.kit.people.existing(wish.citizen) if wish.citizen else None
        phone = citizen.phone if citizen else wish.phone
        if not phone:
            raise HTTPException(422, "name a citizen or a phone")
        fields = {"text": wish.text, "channel": "whatsapp" if wish.whatsapp else "sms"}
        sender = Sender(phone, citizen.name if citizen else "", citizen)
        return await tile.send(sender, Written(fields, attachments(wish.files)), wish.params)

    return web


TILE: Final = Tile(
    key="twilio",
    title=Words("Téléphone", "Telephone"),
    icon="M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2Zm3 17h2",
    settings=TwilioSettings,
    open=TwilioTile,
    channels={"sms": Words("SMS", "Text message"), "whatsapp": Words("WhatsApp", "WhatsApp")},
    troubles=Trouble.in_words(),
    provider_paths=(f"/{API_VERSION}/", "/twilio-content/"),
    letters=f"/{API_VERSION}/Accounts/",
    is_optional=True,
)
