"""The files that citizens sent along. Source: twilio.com/docs/messaging/api/media-resource.

As at Twilio, a file lies on a content server that knows it by its unguessable sid and asks for no
credentials; the API, which does ask, redirects there.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from citizen_sandbox.play.misbehaviour import Misbehaviour
from guichet_twilio.tile.account import TwilioAccount
from guichet_twilio.tile.auth import only_for
from guichet_twilio.tile.errors import TwilioError, not_found
from guichet_twilio.tile.messages import API_VERSION
from guichet_twilio.tile.troubles import Trouble


def build_twilio_media(account: TwilioAccount, misbehaviour: Misbehaviour) -> APIRouter:
    """Return the API's media routes and the content server."""
    web = APIRouter()
    of_a_message = f"/{API_VERSION}/Accounts/{{account_sid}}/Messages/{{sid}}/Media/{{media_sid}}"

    @web.get(of_a_message, dependencies=[only_for(account)])
    async def media(request: Request, sid: str, media_sid: str) -> Any:
        message, bare_sid = account.messages.find(sid), media_sid.removesuffix(".json")
        if message is None or bare_sid not in message.media:
            raise not_found(request.url.path)
        if media_sid != bare_sid:
            return message.media_json(bare_sid)
        if misbehaviour.strikes(Trouble.MEDIA_REFUSED):
            raise TwilioError(403, 20003, "Permission Denied")
        return RedirectResponse(f"{account.api_url}/twilio-content/{media_sid}", status_code=307)

    @web.get(of_a_message.replace("/Media/{media_sid}", "/Media.json"), dependencies=[only_for(account)])
    async def media_list(request: Request, sid: str) -> dict[str, Any]:
        message = account.messages.find(sid)
        if message is None:
            raise not_found(request.url.path)
        return {"media_list": [message.media_json(each) for each in message.media], "next_page_uri": None}

    @web.get("/twilio-content/{media_sid}")
    async def content(request: Request, media_sid: str) -> Response:
        file = account.messages.media(media_sid)
        if file is None:
            raise not_found(request.url.path)
        return Response(file.content, media_type=file.media_type)

    return web
