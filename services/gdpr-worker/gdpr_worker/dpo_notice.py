"""What the data protection officer is told of an erasure before it begins. Pure. The person is never named."""

from dataclasses import dataclass
from datetime import datetime

from guichet.store.erasure_document import ErasureEntry
from guichet.town.calendar import PARIS


@dataclass(frozen=True)
class Notice:
    """A mail in French, then in English."""

    subject: str
    text: str


def notice_of(entry: ErasureEntry, begins_at: datetime, town: str) -> Notice:
    """Return the notice of an erasure that begins then. begins_at: aware."""
    begins = begins_at.astimezone(PARIS)
    cancel = f"guichet erase --cancel {entry.request_id}"
    french = f"""\
Un effacement de données personnelles a été demandé ({town}).

  Effacement n°      {entry.request_id}
  Votre décision     {entry.decision}
  Visa des archives  {entry.visa or "aucun"}
  Demandé par        {entry.requested_by}
  Commence le        {begins:%d/%m/%Y à %H:%M:%S} (heure de Paris)

Si vous n’avez pas pris cette décision, faites-le arrêter avant cette heure :

  {cancel}

Ensuite, rien ne l’arrête et rien ne le défait."""
    english = f"""\
An erasure of personal data was asked for ({town}).

  Erasure            {entry.request_id}
  Your decision      {entry.decision}
  Archives' visa     {entry.visa or "none"}
  Asked for by       {entry.requested_by}
  Begins             {begins:%Y-%m-%d %H:%M:%S} (Paris)

If this was not your decision, have it stopped before then:

  {cancel}

After that nothing stops it and nothing undoes it."""
    return Notice(
        f"Effacement {entry.request_id} : il commence le {begins:%d/%m/%Y à %H:%M}", f"{french}\n\n--\n{english}\n"
    )
