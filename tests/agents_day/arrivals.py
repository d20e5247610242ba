"""Forty arrivals of one morning over five channels, by the real doors: what the citizens of the day write."""

import asyncio
from collections.abc import Sequence
from typing import Final

from citizen_sandbox.play.entry import Entry, State
from guichet_testing.town.portal_form import portal_form
from guichet_testing.town.sandbox_client import SandboxClient

STORM: Final = "Chaussée inondée"
STREETS: Final = (
    "avenue Foch", "rue Basse", "rue Haute", "rue des Tanneurs", "place du Marché", "rue Pasteur",
    "rue des Lilas", "chemin Vert", "quai Nord", "rue du Moulin", "allée des Tilleuls", "rue Neuve",
)  # fmt: skip
BY_MAIL: Final = ("Trottoir cassé", "Panneau tordu", "Passage piéton effacé")
BY_SMS: Final = ("Un lampadaire clignote", "Un trou devant le 3", "Le feu tricolore est éteint", "Un caniveau bouché")
KNOWN: Final = ("+33639982103", "aicha.guerin215@boite.example")  # in citizens.csv: she writes the first text message
BY_WHATSAPP: Final = (
    "Un trottoir glissant",
    "Le panneau STOP est tombé",
    "La chaussée s’affaisse",
    "Un lampadaire penche",
)
BY_TELEGRAM: Final = ("Éclairage en panne", "Nid-de-poule profond", "Stationnement gênant", "Déneigement oublié")
BY_FORM: Final = ("Trou dans la chaussée", "Éclairage trop faible", "Panneau caché", "Trottoir trop haut")


async def arrive(sandbox: SandboxClient, portal: str) -> dict[str, int]:
    """Let forty messages come, of forty people; return how many came by each channel."""
    mails = [
        *(await _mails(sandbox, [f"{STORM} {street}" for street in STREETS], "inonde", "L’eau monte sur la chaussée.")),
        *(
            await _mails(
                sandbox, [f"{what} {street}" for what in BY_MAIL for street in STREETS[:4]], "mail", "Bonjour."
            )
        ),
    ]
    texts = [
        await sandbox.send_sms(phone=f"+3363998{9100 + n}" if n else KNOWN[0], text=text)
        for n, text in enumerate(BY_SMS)
    ]
    chats = [
        await sandbox.send_sms(phone=f"+3363998{9200 + n}", text=text, whatsapp=True)
        for n, text in enumerate(BY_WHATSAPP)
    ]
    grams = [
        await sandbox.send_telegram(writer_id=790_000_000 + n, writer_name=f"Passant {n}", text=text)
        for n, text in enumerate(BY_TELEGRAM)
    ]
    for entry in (*mails, *texts, *chats, *grams):
        assert entry.state is State.ACCEPTED, f"{entry.channel}: {entry.answer}"
    for number, subject in enumerate(BY_FORM):
        await _fill_in(portal, number, subject)
    return {
        "email": len(mails), "sms": len(texts), "whatsapp": len(chats), "telegram": len(grams), "portal": len(BY_FORM)
    }  # fmt: skip


async def _mails(sandbox: SandboxClient, subjects: Sequence[str], who: str, text: str) -> list[Entry]:
    return await asyncio.gather(
        *(
            sandbox.send_mail(sender=f"{who}-{number}@courriel.example", subject=subject, text=text)
            for number, subject in enumerate(subjects)
        )
    )


async def _fill_in(portal: str, number: int, subject: str) -> None:
    async with portal_form(portal) as form:
        address = f"formulaire-{number}@courriel.example"
        status = await form.send(
            {"name": f"Passante {number}", "email": address, "subject": subject, "message": "Ici."}
        )
    assert status == 303, f"the form answered {status}"
