"""What the data protection officer is told of an erasure before it begins. Pure. The person is never named."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guichet.french.no_break_spaces import NO_BREAK
from guichet.law.calendar import PARIS
from guichet.vault.erasure_ledger.entry import ErasureEntry

_LONGEST: Final = 200


@dataclass(frozen=True)
class Notice:
    """A mail in French, then in English."""

    subject: str
    text: str


def notice_of(entry: ErasureEntry, begins_at: datetime, town: str) -> Notice:
    """Return the notice of an erasure that begins then. begins_at: aware."""
    begins = begins_at.astimezone(PARIS)
    request, decision, by = one_line(entry.request_id), one_line(entry.decision), one_line(entry.requested_by)
    visa = one_line(entry.visa) if entry.visa else None
    cancel = f"guichet erase --cancel {shlex.quote(request)}"
    french = f"""\
Un effacement de données personnelles a été demandé ({town}).

  Effacement n°      {request}
  Votre décision     {decision}
  Visa des archives  {visa or "aucun"}
  Demandé par        {by}
  Commence le        {begins:%d/%m/%Y à %H:%M:%S} (heure de Paris)

Si vous n’avez pas pris cette décision, faites-le arrêter avant cette heure{NO_BREAK}:

  {cancel}

Ensuite, rien ne l’arrête et rien ne le défait."""
    english = f"""\
An erasure of personal data was asked for ({town}).

  Erasure            {request}
  Your decision      {decision}
  Archives' visa     {visa or "none"}
  Asked for by       {by}
  Begins             {begins:%Y-%m-%d %H:%M:%S} (Paris)

If this was not your decision, have it stopped before then:

  {cancel}

After that nothing stops it and nothing undoes it."""
    return Notice(
        f"Effacement {request}{NO_BREAK}: il commence le {begins:%d/%m/%Y à %H:%M}", f"{french}\n\n--\n{english}\n"
    )


def one_line(said: str) -> str:
    """Return what somebody said, printable and short: whoever asks must not write the rest of the mail, too."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())[:_LONGEST]
