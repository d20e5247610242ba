"""All that the page and the test API act on, in one hand."""

from dataclasses import dataclass

from fastapi import HTTPException

from citizen_sandbox.mail.queue import MailQueue
from citizen_sandbox.play.courier import Courier
from citizen_sandbox.play.journal import Journal, Wanted
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.people import Citizen, People
from citizen_sandbox.telegram.bot import TelegramBot
from citizen_sandbox.telegram.network import TelegramNetwork
from citizen_sandbox.telegram.updates import Writer
from citizen_sandbox.twilio.account import TwilioAccount
from citizen_sandbox.twilio.network import TwilioNetwork


@dataclass(frozen=True)
class Playground:
    """The sandbox's parts."""

    people: People
    journal: Journal
    misbehaviour: Misbehaviour
    courier: Courier
    account: TwilioAccount
    bot: TelegramBot
    telephone: TwilioNetwork
    chat: TelegramNetwork
    mail: MailQueue

    def existing_citizen(self, citizen_id: str) -> Citizen:
        """Return the citizen of that id. Raises HTTPException 404 naming those who exist."""
        found = self.people.find(citizen_id)
        if found is None:
            known = ", ".join(citizen.id for citizen in self.people.citizens)
            raise HTTPException(404, f"no citizen {citizen_id!r}; there are {known}")
        return found

    def of_strangers(self) -> Wanted:
        """Return the wish for what reached addresses that belong to nobody in the file."""
        return Wanted(strangers_to=self.people.addresses)

    async def reset(self) -> None:
        """Stop every delivery under way, forget every message, behave well again."""
        await self.courier.stop()
        self.journal.clear()
        self.account.messages.clear()
        self.bot.clear()
        self.misbehaviour.clear()


def writer_of(citizen: Citizen) -> Writer:
    """Return the citizen as Telegram knows them."""
    account = citizen.telegram
    return Writer(
        id=account.id,
        first_name=citizen.given_name,
        last_name=citizen.family_name,
        username=account.username,
    )
