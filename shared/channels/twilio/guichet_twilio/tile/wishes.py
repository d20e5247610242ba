"""What the test API takes for a telephone."""

from pydantic import Field

from citizen_sandbox.play.wishes import FileWish, Wish


class SmsWish(Wish):
    """An SMS or WhatsApp message. Either citizen or phone (E.164); params replace fields of Twilio's form."""

    citizen: str = ""
    phone: str = ""
    text: str = ""
    files: list[FileWish] = Field(default_factory=list)
    whatsapp: bool = False
    params: dict[str, str] = Field(default_factory=dict)
