"""The messages of fixed words that WhatsApp approved for the sandbox's town, and how Twilio fills them in. Pure.

Sources: twilio.com/docs/content/send-templates-created-with-the-content-template-builder,
twilio.com/docs/api/errors/21655, …/21656, …/63028.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from guichet_twilio.tile.errors import TwilioError

TEMPLATES: Final[Mapping[str, str]] = {
    "HX" + "1" * 32: "La mairie a bien reçu votre message. Référence : {{1}}. À suivre sur {{2}} quand vous voulez.",
    "HX" + "2" * 32: "La mairie vous a répondu au sujet de votre demande {{1}}. La réponse est à lire sur {{2}} dès"
    " maintenant.",
    "HX" + "3" * 32: "Il y a du nouveau pour votre demande {{1}}. Voyez {{2}} pour en savoir plus.",
    "HX" + "4" * 32: "Le nouveau lien de votre demande {{1}} est {{2}} comme vous l’avez demandé.",
}
"""By ContentSid; deploy/local/town/channels.yaml names them. WhatsApp approves none with a place at its end."""
_PLACE: Final = re.compile(r"\{\{(\d+)\}\}")


def worded(sid: str, variables: str) -> str:
    """Return what a template says. variables: a JSON object, place → value. Raises TwilioError as Twilio refuses."""
    words = TEMPLATES.get(sid)
    if words is None:
        raise TwilioError(400, 21655, "The ContentSid is Invalid")
    values = _read(variables)
    if {*_PLACE.findall(words)} != {*values}:
        raise TwilioError(400, 63028, "Number of parameters provided does not match the expected number of parameters")
    return _PLACE.sub(lambda place: values[place[1]], words)


def _read(variables: str) -> Mapping[str, str]:
    try:
        values = json.loads(variables or "{}")
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(value, str) and value for value in values.values()):
        raise TwilioError(400, 21656, "The ContentVariables Parameter is invalid")
    return values
