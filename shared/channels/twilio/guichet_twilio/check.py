"""Try the Twilio account by Twilio's own SDK."""

from aiohttp import ClientError
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from guichet.channel.addresses import webhook_url
from guichet.errors import GuichetError
from guichet_twilio.addresses import TWILIO_MESSAGES
from guichet_twilio.settings import TwilioSettings

TIMEOUT_S = 10.0


async def check_twilio(settings: TwilioSettings) -> list[str]:
    """Return the account's state and the address to register. Raises GuichetError when Twilio refuses."""
    http = AsyncTwilioHttpClient(timeout=TIMEOUT_S)
    client = Client(settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value(), http_client=http)
    client.api.base_url = str(settings.twilio_api_url).rstrip("/")
    try:
        account = await client.api.accounts(settings.twilio_account_sid).fetch_async()
    except (TwilioException, ClientError, TimeoutError) as exc:
        raise GuichetError(f"GUICHET_TWILIO_ACCOUNT_SID, GUICHET_TWILIO_AUTH_TOKEN: {_explain(exc)}") from exc
    finally:
        await http.close()
    numbers = filter(None, (settings.twilio_number, settings.twilio_whatsapp_number))
    address = webhook_url(settings.twilio_public_url, TWILIO_MESSAGES)
    return [f"account {account.status}", *(f"{number}: when a message comes in, POST {address}" for number in numbers)]


def _explain(error: Exception) -> str:
    """Return Twilio's status and code, without the address that it was asked at."""
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    return f"Twilio answered {status} (code {code})" if status else f"no answer ({type(error).__name__})"
