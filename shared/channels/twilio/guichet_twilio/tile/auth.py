"""Twilio's way of knowing the town: HTTP Basic with the account's sid and token."""

import secrets
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from guichet_twilio.tile.account import TwilioAccount
from guichet_twilio.tile.errors import TwilioError, not_found

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]


def only_for(account: TwilioAccount) -> Any:
    """Return the dependency that refuses whoever is not the account, or asks for another one."""

    def check(request: Request, credentials: Credentials) -> None:
        if credentials is None or not _is_of(credentials, account):
            raise TwilioError(401, 20003, "Authenticate")
        if request.path_params["account_sid"] != account.sid:
            raise not_found(request.url.path)

    return Depends(check)


def _is_of(credentials: HTTPBasicCredentials, account: TwilioAccount) -> bool:
    same_user = secrets.compare_digest(credentials.username.encode(), account.sid.encode())
    same_token = secrets.compare_digest(credentials.password.encode(), account.auth_token.encode())
    return same_user and same_token
