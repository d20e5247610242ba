"""The files of a server of the example town: rendered once, never written."""

from typing import Final

from guichet_server.processes import Numbers
from guichet_server.render.everything import Town, files_of
from guichet_testing.town.services import ACCOUNTS
from guichet_topology.secrets import makers_for

TOWN: Final = Town(ACCOUNTS, ("contact@mairie.example", "voirie@mairie.example"))
SECRETS: Final = {name: f"secret-of-{name}" for name in makers_for(ACCOUNTS)}
SETTINGS: Final = {
    "GUICHET_PORTAL_URL": "https://guichet.mairie.example",
    "GUICHET_DESK_URL": "https://agents.mairie.example",
    "GUICHET_TWILIO_PUBLIC_URL": "https://sms.mairie.example",
    "GUICHET_TELEGRAM_PUBLIC_URL": "https://social.mairie.example",
}
FILES: Final = files_of(TOWN, SETTINGS, SECRETS, numbers=Numbers(990, {0, 105}))
