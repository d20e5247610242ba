"""What the law asks of an answer: pieces, an express decision, a transfer, paper; lived by three citizens and their agents."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final

import pytest
import pyzipper
from playwright.async_api import Page, expect

from citizen_sandbox.play.entry import Attachment
from guichet.law.calendar import paris_date
from guichet_local.stack import LocalStack
from guichet_testing.doors.delays_in_browser import DelaysInBrowser
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.town import Town, town_of
from guichet_testing.until import until

pytestmark = [
    *(pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)),
    pytest.mark.xdist_group("confirmed town"),  # before months pass there (test_renewed_link)
]

PLAN: Final = Attachment(name="plan.pdf", media_type="application/pdf", content=b"%PDF-1.7 plan")
TICKET: Final = Attachment(name="abonnement.pdf", media_type="application/pdf", content=b"%PDF-1.7 abonnement")
SIGNED_BY: Final = {"given_name": "Nadia", "surname": "Ferrière", "capacity": "Adjointe à l’urbanisme"}
AT_HOME: Final = "Mme Odile Kervella\n3, rue des Lilas\n99999 Saint-Aubin-des-Prés"


@pytest.fixture(scope="module")
def guichet(confirmed_guichet: LocalStack) -> LocalStack:
    return confirmed_guichet


@pytest.fixture
async def town(guichet: LocalStack) -> AsyncIterator[Town]:
    async with town_of(guichet) as town:
        yield town


@pytest.fixture
def sandbox(town: Town) -> SandboxClient:
    """The citizens. Each story is somebody else's."""
    return town.sandbox


def today() -> datetime:
    return datetime.combine(paris_date(datetime.now(UTC)), datetime.min.time(), UTC)


async def write_by_form(page: Page, portal: str, subject: str, message: str) -> None:
    await page.goto(portal)
    await page.get_by_label("Nom et prénom").fill("Thomas Lefèvre")
    await page.get_by_label("Adresse électronique").fill("thomas.lefevre@courriel.example")
    await page.get_by_label("Objet").fill(subject)
    await page.get_by_label("Message", exact=True).fill(message)
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("heading", name="Merci")).to_be_visible()


async def follow_page_says(page: Page, link: str, *words: str) -> bool:
    await page.goto(link)
    said = (await page.locator("main").inner_text()).replace("\u00a0", " ")
    return all(each in said for each in words)


async def opened_case(desk: Page, subject: str) -> DelaysInBrowser:
    """Open a case from the list."""
    await desk.get_by_role("row").filter(has_text=subject).get_by_role("link").first.press("Enter")
    return await shown_case(desk)


async def shown_case(desk: Page) -> DelaysInBrowser:
    reference = desk.locator(".case-head .reference")
    await expect(reference).to_be_visible()
    return DelaysInBrowser(desk, (await reference.inner_text()).strip())


async def answer(case: DelaysInBrowser) -> None:
    """Send what stands in the composer. Where nobody knows the address as the citizen's, the agent has looked."""
    if await case.desk.locator("#elsewhere").count():
        await case.desk.locator("#elsewhere").press("Space")
    await case.press("Envoyer la réponse")
    assert await case.says("Réponse prise en compte.")


async def decide(case: DelaysInBrowser) -> bytes:
    """Take an express decision, and return its document."""
    await case.open("decision")
    await case.tick("Demande acceptée en partie")
    await case.fill(reasons="Le trottoir n’a que trois mètres : deux rangs suffisent.", recipient=AT_HOME, **SIGNED_BY)
    assert "Tribunal administratif" in await case.desk.locator("#remedies").input_value(), (
        "the town's own remedies are proposed"
    )
    await case.press("Enregistrer la décision")
    assert await case.says("Signée par Nadia Ferrière, Adjointe à l’urbanisme.", "le silence court toujours")
    return await case.download("Le document à signer (PDF)", "link")


async def test_a_request_for_a_terrace_is_completed_decided_and_answered(guichet, sandbox, sign_in, new_page):
    thomas, who = await new_page(), "thomas-lefevre"
    await write_by_form(
        thomas, guichet.addresses["citizen-portal"], "Terrasse de café", "Deux rangs de tables devant ma boulangerie ?"
    )
    receipt = await sandbox.wait_for_mail(who)
    link = next(each for each in receipt.links if "/suivi/" in each)

    # Inès says what it is; the complete acknowledgement leaves by it.
    ines = await sign_in("ines.caron")
    case = await opened_case(ines, "Terrasse de café")
    await case.open()
    await case.press("Confirmer : Terrasse ou autre occupation du domaine public")
    acknowledged = await sandbox.wait_for_mail(who, after=receipt.id, containing="réputée rejetée")
    assert case.reference in acknowledged.text

    # She asks for the plan: once the letter has left, the delay waits, and both sides read it.
    await case.open("pieces")
    await expect(ines.get_by_label("Plan coté")).to_be_checked()
    await case.fill(own="Votre demande est bien arrivée.")
    await case.press("Aperçu de la lettre")
    assert await case.says("le délai du rejet est suspendu", "arrêté municipal 12, article 3")
    await case.press("Mettre dans la réponse")
    await case.tick("J’attends une réponse de l’usager")
    await answer(case)
    letter = await sandbox.wait_for_mail(who, after=acknowledged.id, containing="Plan coté")
    await case.until_says("delais", "Silence : suspendu, vaut rejet", "Pièces manquantes : attendues")
    waits = ("En attente de votre réponse", "rejetée sans réponse de la mairie est suspendu")
    await until(lambda: follow_page_says(thomas, link, *waits), "the follow page says that the delay waits")

    # He sends it; she notes that it came, and the delay runs on.
    await case.open()
    await sandbox.send_mail(who, "Le plan de ma terrasse", "Voici le plan coté.", reply_to=letter, files=[PLAN])
    await expect(ines.get_by_text("Voici le plan coté.")).to_be_visible()
    await case.open("pieces")
    await case.press("Pièce reçue : Plan coté")
    await case.until_says("delais", "Silence : en cours, vaut rejet", "Pièces manquantes : reçues")

    # A decision that nobody has read stops nothing. Her answer brings it; then its proof does.
    document = await decide(case)
    await case.until_says("delais", "preuve de notification à apporter", "Silence : en cours, vaut rejet")
    await case.open()
    await ines.locator("#files").set_input_files(
        {"name": "decision.pdf", "mimeType": "application/pdf", "buffer": document}
    )
    await expect(ines.locator("#fichiers-joints")).to_have_text("1 fichier joint")
    await case.fill(text="Bonjour, vous trouverez ci-joint la décision : deux rangs de tables sont autorisés.")
    await answer(case)
    decision = await sandbox.wait_for_mail(who, after=letter.id, containing="deux rangs de tables sont autorisés")
    assert await sandbox.attachment(decision) == document
    assert document.startswith(b"%PDF-")
    await case.open("decision")
    await case.tick("Par voie électronique")
    await case.fill(notified_on=f"{today():%Y-%m-%d}", proof="Courriel remis ce jour")
    await case.press("Enregistrer la notification")
    await case.until_says("decision", "Notifiée le", "par voie électronique")
    await case.until_says("delais", "Silence : arrêté")
    assert not await case.says("le silence court toujours")
    await until(
        lambda: follow_page_says(thomas, link, "deux rangs de tables sont autorisés", "decision.pdf"),
        "the follow page has the decision",
    )
    await case.open("attestation")
    assert await case.says("Rien n’est à attester")


def opened(archive: bytes, passphrase: str) -> dict[str, bytes]:
    with pyzipper.AESZipFile(BytesIO(archive)) as sealed:
        sealed.setpassword(passphrase.encode())
        return {name: sealed.read(name) for name in sealed.namelist()}


async def test_a_request_for_another_administration_is_passed_on_with_its_sealed_file(town, sandbox, sign_in, new_page):
    who = "amina-benali"
    mail = await sandbox.send_mail(who, "Carte de bus", "Ma carte régionale est refusée.", files=[TICKET])
    receipt = await sandbox.wait_for_mail(who, after=mail.id)
    link = next(each for each in receipt.links if "/suivi/" in each)
    claire = await sign_in("claire.dumas")
    case = await opened_case(claire, "Carte de bus")

    # Only the letter that she has read leaves.
    await case.open("autre-administration")
    await case.tick("Conseil régional")
    await case.fill(words="Gardez votre carte.")
    await case.press("Voir la lettre")
    assert await case.says("Gardez votre carte.", "n’attendez plus d’accusé de réception de la mairie")
    await case.press("Transmettre et envoyer la lettre")
    assert await case.says("La demande est transmise.")
    letter = await sandbox.wait_for_mail(who, after=receipt.id, containing="Conseil régional")
    await case.until_says("autre-administration", "La personne en a été avisée.")
    amina, names = await new_page(), ("Votre demande a été transmise", "Conseil régional", "contact@region.example")
    await until(lambda: follow_page_says(amina, link, *names), "the follow page names the authority")

    # Whatever is said of it now, the acknowledgement is that administration's.
    await case.open("delais")
    await claire.locator("#nature-dite").select_option(label="Réclamation")
    await expect(claire.locator("#nature-dite-suite")).to_contain_text("Aucun accusé de réception ne partira.")
    await case.press("Confirmer la nature")
    await case.until_says("delais", "Dit par erreur ?", "nature : Réclamation")
    await until(town.all_is_handled, "all is handled")
    came = [each.id for each in await sandbox.entries(who) if each.direction == "received"]
    assert came == [receipt.id, letter.id]

    # Its file goes under a passphrase that is shown once.
    await case.open("autre-administration")
    await case.follow("Remettre le dossier scellé")
    passphrase = await claire.locator("#contenu code").inner_text()
    archive = await case.download("Télécharger le dossier scellé")
    files = opened(archive, passphrase)
    manifest = json.loads(files["manifeste.json"])
    assert (manifest["reference"], manifest["transferred_to"]) == (case.reference, "Conseil régional")
    assert files["demande.pdf"].startswith(b"%PDF-")
    assert [(each["name"], files[each["path"]]) for each in manifest["files"]] == [(TICKET.name, TICKET.content)]
    with pytest.raises(RuntimeError, match="password"):
        opened(archive, f"{passphrase}x")


async def test_who_wrote_a_letter_is_answered_on_paper_and_attested_what_silence_accepted(guichet, sign_in):
    julien = await sign_in("julien.petit")
    await julien.goto(f"{guichet.addresses['agent-desk']}/saisie")
    await julien.locator("#way").select_option("letter")
    stamped = today() - timedelta(days=20)
    said = {"subject": "Salle pour le loto", "text": "Une salle pour le loto de mars.", "name": "Odile Kervella"}
    for name, words in {**said, "received": f"{stamped:%Y-%m-%d}"}.items():
        await julien.locator(f"#{name}").fill(words)
    await julien.locator("#procedure").select_option("salle")
    await julien.get_by_role("button", name="Enregistrer la demande").press("Enter")
    case = await shown_case(julien)

    # Nothing leaves electronically: written, printed, posted.
    await case.open()
    await case.follow("Répondre par courrier postal")
    await case.fill(text="Madame,\n\nLa salle est à vous.\n\nCordialement,")
    await case.press("Garder la réponse, à imprimer")
    await case.until_says("", "À imprimer et à poster")
    await case.follow("Imprimer")
    await case.fill(recipient=AT_HOME)
    assert (await case.download("Télécharger la lettre (PDF)")).startswith(b"%PDF-")
    await case.press("La lettre est postée")
    await case.until_says("", f"Postée le {today():%d/%m/%Y}", "Julien Petit a posté la réponse sur papier")

    # An answer is no decision: silence had accepted five days before, which is attested once the request was complete.
    await case.until_says("delais", "Le silence a décidé : acceptation")
    await case.open("attestation")
    assert await case.says("personne n’a dit que la demande était complète")
    await case.open("delais")
    await case.tick("J’ai vérifié que rien ne manquait à la demande.")
    await case.press("Le dossier était complet")
    await case.until_says("delais", "Établir l’attestation d’acceptation", "Le dossier est dit complet")
    await case.follow("Établir l’attestation d’acceptation (CRPA L232-3)")
    await case.fill(recipient=AT_HOME, applicant="Mme Odile Kervella")
    assert (await case.download("Télécharger l’attestation (PDF)")).startswith(b"%PDF-")
