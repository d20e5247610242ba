"""What hangs in the gallery: a page of the desk in a state, and how one comes to see it. Values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.gallery.visit import Visit

Scene = Callable[[Visit], Awaitable[None]]


class State(StrEnum):
    """What a page may have to say, each with a look of its own."""

    USUAL = "usual"
    EMPTY = "empty"
    ONE = "one"
    THOUSANDS = "thousands"
    LOADING = "loading"
    DONE = "done"  # what came of an act
    ASKED_FIRST = "asked first"  # a reason, a caller, whether one means it
    REFUSED = "refused"  # what was typed is wrong, or the router said no
    OVERTAKEN = "overtaken"  # somebody wrote or acted meanwhile
    UNDER_WAY = "under way"
    TAMPERED = "tampered"
    BROKER_AWAY = "broker away"
    STORE_AWAY = "store away"
    HELPER_AWAY = "helper away"  # search files, antivirus, typesetting, identity provider
    SIGNED_OUT = "signed out"
    DENIED = "denied"  # also what is not there


@dataclass(frozen=True)
class Exhibit:
    """name: of its pictures. route: as the desk's own, such as `GET /demandes`. at_night: it is seen in the dark, too."""

    name: str
    route: str
    state: State
    scene: Scene
    at_night: bool = False


@dataclass(frozen=True)
class Width:
    """A window: its name and size in pixels."""

    name: str
    width: int
    height: int


WIDTHS: Final = (Width("360", 360, 780), Width("768", 768, 1024), Width("1440", 1440, 900))
