"""Who plays in the drill, what they write, and by what words each is known. All invented."""

from datetime import UTC, datetime
from typing import Final

from citizen_sandbox.play.entry import Attachment, Entry
from guichet.law.calendar import paris_date
from guichet_testing.town.asked_question import answer_by_form, ask_by_form
from guichet_testing.town.desk_client import DeskClient
from guichet_testing.town.people import AMINA, JEANNE, LOUIS, NGOC, THOMAS
from guichet_testing.town.scans import scan_saying
from guichet_testing.town.town import Town
from guichet_testing.until import until

ERASED: Final = (AMINA, LOUIS, NGOC)
STAYING: Final = (JEANNE, THOMAS)

HOLE, LAMP, BIRTH, FENCE, NEWCOMER = (
    "Nid-de-poule à la zibeline",
    "Lampadaire éteint place du Marché",
    "Acte de naissance de Jeanne",
    "Acte de naissance de Louis",
    "Nid-de-poule devant chez nous",
)
FROM_THE_SHARED_PHONE: Final = "Nid-de-poule près de l’église, bonjour"
LATE: Final = "Nid-de-poule, encore un mot"
LETTER: Final = "Trou devant la zibeline, par courrier"  # Amina's; nobody has read the other one
PLACE: Final = "Boîte zibeline"
REASON: Final = "Mme Benali parle surtout des ordures."
QUESTION: Final = "de quel côté est le trou ?"
SAID: Final = "Du côté de la zibeline."
UNREADABLE: Final = {  # of Amina's, and nobody can tell what it says: it is put aside, sealed
    "update_id": 710101,
    "message": {"message_id": 1, "from": {"id": 710000101, "first_name": "Amina"}, "chat": "?", "date": "?"},
}


async def everybody_writes(town: Town) -> Entry:
    """Have everybody write, on every channel, and be answered; return Amina's receipt. Each case has its receipt."""
    sandbox = town.sandbox
    photo = Attachment(name="trou.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n le trou")
    await sandbox.send_mail(AMINA.sandbox, HOLE, "Un trou devant le 12.", files=[photo])
    await sandbox.send_sms(AMINA.sandbox, "Et mon lampadaire ?")
    await sandbox.send_update(UNREADABLE)
    await sandbox.send_mail(LOUIS.sandbox, FENCE, "Il me faut un acte.")
    await sandbox.send_mail(JEANNE.sandbox, BIRTH, "Il me faut un acte.")
    await sandbox.send_sms(JEANNE.sandbox, FROM_THE_SHARED_PHONE)
    await sandbox.send_mail(NGOC.sandbox, NEWCOMER, "Nous venons d’emménager.")
    await sandbox.send_mail(THOMAS.sandbox, LAMP, "Il fait nuit.", files=[photo])
    await sandbox.send_telegram(THOMAS.sandbox, "Lampadaire de la rue Basse aussi")
    receipt = await sandbox.wait_for_mail(AMINA.sandbox)
    for person in (LOUIS, JEANNE, NGOC, THOMAS):
        await sandbox.wait_for_mail(person.sandbox)
    await sandbox.wait_for_sms(AMINA.sandbox)
    await sandbox.wait_for_sms(JEANNE.sandbox)
    await sandbox.wait_for_telegram(THOMAS.sandbox)
    return receipt


async def an_agent_answers(town: Town, desk: DeskClient) -> str:
    """Have Karim, signed in, answer Amina and Thomas, declare Amina's mails abusive, and hand her case over.

    Both reasons name her. An answer with a file waits to be sent, and of two letters one is hers.
    """
    amina, thomas = await desk.case_of(HOLE), await desk.case_of(LAMP)
    assert amina is not None
    assert thomas is not None
    await desk.send(thomas, "reponse", text="Monsieur Lefèvre, nos agents passent mardi.")
    await desk.send(amina, "reponse", text="Madame Benali, nos agents passent mardi.")
    await town.sandbox.wait_for_mail(AMINA.sandbox, containing="passent mardi")
    await town.sandbox.wait_for_mail(THOMAS.sandbox, containing="passent mardi")
    question = await _amina_answers_a_question(town, desk, amina)
    await desk.send(amina, "abus", ground="number", abuse_reason=REASON)
    await town.sandbox.wait_for_mail(AMINA.sandbox, containing="L112-11")
    await desk.send(amina, "notes", note=f"@helene.vasseur {REASON}", call="asked")
    await desk.attach(amina, "plan-zibeline.pdf", b"%PDF-1.7 zibeline", text=REASON)
    await desk.send(amina, "transmission", department="proprete", reason=REASON)
    await _a_letter_is_taken_down(town, desk)
    return question


async def _amina_answers_a_question(town: Town, desk: DeskClient, path: str) -> str:
    """Ask her by a form, in words that name her; return its link, once her answer with a photo is in the case."""
    await ask_by_form(desk, path, f"Madame Benali, {QUESTION}", "Une photo de la zibeline", own=REASON)
    letter = await town.sandbox.wait_for_mail(AMINA.sandbox, containing=QUESTION)
    link = next(each for each in letter.links if "/question/" in each)
    photo = ("zibeline.jpg", b"\xff\xd8\xff zibeline", "image/jpeg")
    assert (await answer_by_form(link, SAID, photo)).status_code == 303

    async def is_there() -> bool:
        return SAID in (await desk.read(path))[1]

    await until(is_there, "her answer to the question")
    return link


async def _a_letter_is_taken_down(town: Town, desk: DeskClient) -> None:
    """File one of two scans as a letter of Amina's, and leave the other where it waits."""
    stamp = paris_date(datetime.now(UTC)).isoformat()
    about = {"department": "voirie", "stamp": stamp, "kept_at": PLACE}
    await desk.bring_letter(scan_saying("Quelqu’un écrit."), **about)
    hers = await desk.bring_letter(scan_saying(LETTER), **about)
    said = {"name": AMINA.name, "address": AMINA.mail, "subject": LETTER, "text": LETTER, "kept_at": PLACE}
    await desk.file_letter(hers, **said, received=stamp, procedure="signalement-voirie")
    await until(lambda: desk.case_of(LETTER), "the case of the letter")
