"""What a browser keeps of a sign-in by the provider: until it is back from there, and until it signs out."""

from typing import Final

from fastapi import Request, Response

from agent_desk.domain.sign_in.openid.started import LASTS

STARTED: Final = "guichet_depart"
SIGN_OUT_BY: Final = "guichet_fournisseur"  # by which the provider knows whom we sign out there; it opens nothing here
_BACK_HERE: Final = "/connexion/fournisseur"
_OUT_HERE: Final = "/deconnexion"
_LONGEST: Final = 3_500  # characters: browsers drop a cookie of more than 4,096


def keep_started(response: Response, started: str, *, secure: bool) -> None:
    """Let the browser keep a sign-in that it begins. Lax: the provider sends the browser back from another site."""
    response.set_cookie(
        STARTED,
        started,
        max_age=int(LASTS.total_seconds()),
        path=_BACK_HERE,
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def started_in(request: Request) -> str:
    """Return what the browser kept of it; blank for nothing."""
    return request.cookies.get(STARTED, "")


def drop_started(response: Response) -> None:
    """Take it from the browser: it serves once."""
    response.delete_cookie(STARTED, path=_BACK_HERE)


def keep_id_token(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep what it signs out of the provider by; nothing of it is stored here."""
    if len(token) <= _LONGEST:
        response.set_cookie(SIGN_OUT_BY, token, path=_OUT_HERE, httponly=True, samesite="strict", secure=secure)


def id_token_in(request: Request) -> str:
    """Return what the browser kept for its sign-out; blank for nothing."""
    return request.cookies.get(SIGN_OUT_BY, "")[:_LONGEST]


def drop_id_token(response: Response) -> None:
    """Take it from the browser."""
    response.delete_cookie(SIGN_OUT_BY, path=_OUT_HERE)
