"""How 1129a30.tar.xz was made: a small town's life, lived on the code of commit 1129a30, and what is known of it.

It runs on that commit only, and is kept so that nobody has to guess what the dump holds:

    git worktree add /tmp/before 1129a30 && cd /tmp/before && deploy/bootstrap.sh
    PYTHONPATH=. .venv/bin/python …/tests/upgrade/make_dump.py /tmp/life …/tests/upgrade/1129a30

The first argument is a folder to live in, the second the dump's name without its ending. What lies beside the dump
(1129a30.json) says who wrote what, where it went and which links were sent: a test believes that, not the database.
Everybody is invented. The secrets in the dump are those of a stack that no longer exists.
"""

import asyncio
import json
import lzma
import re
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
from citizen_sandbox.client import SandboxClient
from citizen_sandbox.entry import Attachment, Channel, Direction
from guichet.testing.desk import DeskClient
from guichet_local.services import SERVICES
from pymongo import MongoClient

from guichet.ids import derive_id
from guichet_local.stack import LocalStack
from tests.erasure.town import Town, until

SETTINGS: Final = {"GUICHET_KEYS_REMEMBERED_FOR": "PT2S", "GUICHET_CASE_ROUTER_SWEEP_AFTER": "PT1S"}
FRUGAL: Final = """
from guichet.privacy.key_pool import KeyReserve

_made = KeyReserve.__init__
KeyReserve.__init__ = lambda self, make, capacity=128: _made(self, make, min(capacity, 128))
"""
REFERENCE: Final = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
PHOTO: Final = Attachment(name="trou.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n le trou de la rue")
PAPER: Final = Attachment(name="avis-impots.pdf", media_type="application/pdf", content=b"%PDF-1.7\nun avis\n%%EOF")
UNREADABLE: Final = {  # of Amina's, and nobody can tell what it says: a dead letter that stays open
    "update_id": 710101,
    "message": {"message_id": 1, "from": {"id": 710000101, "first_name": "Amina"}, "chat": "?", "date": "?"},
}

# Who plays: name, addresses. The first six are the sandbox's citizens; all but Ngọc Ánh, Odette and Gaston are
# registered. Célestin and Gaston are erased.
AMINA, LOUIS, JEANNE = "amina-benali", "louis-marchand", "jeanne-marchand"
THOMAS, STUDENT, NGOC = "thomas-lefevre", "thomas-lefevre-2", "ngoc-anh-tran"
ODETTE: Final = "odette.quemener@messagerie.example"
CELESTIN: Final = "celestin.aubert1@messagerie.example"
GASTON: Final = "gaston.morvan@boite.example"

HOLE: Final = "Nid-de-poule rue des Tilleuls"
AID: Final = "Aide alimentaire pour le mois"
FENCE: Final = "Clôture du jardin, déclaration préalable"
BIRTH: Final = "Acte de naissance de Jeanne"
LAMP: Final = "Lampadaire éteint place du Marché"
TWO: Final = "Passage piéton effacé devant la boulangerie"
HALL: Final = "Location de la salle des fêtes"
QUOTING: Final = "Le trou des Tilleuls, vu aussi"
REST: Final = "Poubelle renversée, merci de passer"
CANTEEN: Final = "Inscription à la cantine"
FORGET_ME: Final = "Haie du parc trop haute"
FORGET_ME_TOO: Final = "Panneau tordu rue Basse"
BY_SMS: Final = "Un dépôt sauvage derrière l'église depuis hier"
ON_THE_SHARED_PHONE: Final = "Les arbres du square débordent sur la rue"
BY_WHATSAPP: Final = "Bonjour, le gymnase est-il ouvert dimanche ?"
BY_TELEGRAM: Final = "Bonjour, comment inscrire ma fille à l'école ?"
WAITING: Final = {  # accepted, and not filed: by subject or words
    "mail": "Trottoir affaissé rue Neuve",
    "sms": "/nouvelle Une branche est tombée dans le parc",
    "telegram": "/nouvelle La piscine ouvre-t-elle cet été ?",
    "form": "Subvention pour notre association",
    "reply": "Voici la photo que vous demandiez.",
}


class Life:
    """What happens, in order, and what is noted of it."""

    def __init__(self, town: Town, sandbox: SandboxClient) -> None:
        self.town = town
        self.sandbox = sandbox
        self.noted: dict[str, Any] = {"waiting": WAITING, "cases": {}, "erased": {}}
        self.desks: dict[str, DeskClient] = {}

    async def everybody_writes(self) -> None:
        """Every channel; two sectors of one person; a shared phone; a stranger who quotes; a third who is addressed."""
        box = self.sandbox
        first = await box.send_mail(AMINA, HOLE, "Un trou devant le 12.", to=["voirie@mairie.example"], files=[PHOTO])
        await box.send_mail(AMINA, AID, "Je ne m’en sors plus.", to=["ccas@mairie.example"], files=[PAPER])
        await box.send_mail(LOUIS, FENCE, "Que faut-il remplir ?")
        await box.send_mail(JEANNE, BIRTH, "Il me faut un acte.", to=["etat-civil@mairie.example"])
        await box.send_sms(LOUIS, ON_THE_SHARED_PHONE)
        await box.send_mail(
            THOMAS,
            LAMP,
            "Il fait nuit. Mon voisin vous le confirmera.",
            cc=["tlefevre@etudiant.example"],
            files=[PHOTO],
        )
        await box.send_mail(THOMAS, TWO, "On ne le voit plus.", to=["contact@mairie.example", "voirie@mairie.example"])
        await box.send_sms(THOMAS, BY_SMS)
        await box.send_sms(STUDENT, BY_WHATSAPP, whatsapp=True, params={"ProfileName": "Thomas Lefèvre"})
        await box.send_telegram(NGOC, BY_TELEGRAM, files=[PHOTO])
        await box.send_mail(LOUIS, CANTEEN, "Pour notre petit-fils.")
        await box.send_mail(JEANNE, REST, "Depuis lundi.")
        await box.send_mail(sender=CELESTIN, subject=FORGET_ME, text="Elle dépasse.")
        await box.send_mail(sender=GASTON, subject=FORGET_ME_TOO, text="Il penche.", files=[PHOTO])
        await self.by_form("Odette Quemener", ODETTE, "+33639980777", HALL, "Est-elle libre le 14 juillet ?")
        await box.send_update(UNREADABLE)
        for citizen in (AMINA, LOUIS, JEANNE, THOMAS):
            await box.wait_for_mail(citizen)
        await box.wait_for_sms(THOMAS)
        await box.wait_for_telegram(NGOC)
        await box.wait_for_mail(address=ODETTE)
        await box.wait_for_mail(address=CELESTIN)
        await box.wait_for_mail(address=GASTON)
        quoted = {"In-Reply-To": first.provider_id, "References": first.provider_id}
        await box.send_mail(sender="yann.le-gall@courriel.example", subject=QUOTING, text="Même trou.", headers=quoted)
        lamp = (await box.entries(THOMAS, channel=Channel.MAIL, direction=Direction.SENT, containing="Il fait nuit"))[0]
        thanks = {"In-Reply-To": lamp.provider_id, "References": lamp.provider_id}
        await box.send_mail(STUDENT, f"Re: {LAMP}", "Je confirme, elle est éteinte.", headers=thanks)
        await box.wait_for_mail(address="yann.le-gall@courriel.example")
        await until("everything is handled", self.town.all_is_handled)

    async def by_form(self, name: str, email: str, phone: str, subject: str, message: str) -> None:
        """Fill in the portal's form."""
        fields = {"name": name, "email": email, "phone": phone, "subject": subject, "message": message}
        portal = self.town.stack.addresses["citizen-portal"]
        async with httpx.AsyncClient(base_url=portal, trust_env=False, timeout=60) as http:
            found = re.search(r'name="mark" value="([^"]*)"', (await http.get("/")).text)
            assert found is not None
            paper = [("files", (PAPER.name, PAPER.content, PAPER.media_type))]
            done = await http.post("/", data=fields | {"mark": found[1]}, files=paper)
            assert done.status_code == 303, (done.status_code, done.text)

    async def agents_work(self) -> None:
        """Answers by mail and SMS, a question, a handing over, a closing; a citizen's reply joins."""
        box = self.sandbox
        await self.answer("karim.haddad", HOLE, "Nos agents passent mardi.")
        await self.answer("sophie.renard", BY_SMS, "Enlèvement prévu demain matin.")
        await self.answer("fatou.diallo", AID, "Pouvez-vous venir jeudi à 10 h ?", awaits_answer="oui")
        await self.answer("julien.petit", BY_TELEGRAM, "Il suffit d’un justificatif de domicile.")
        mail = await box.wait_for_mail(AMINA, containing="passent mardi")
        await box.wait_for_mail(AMINA, containing="jeudi à 10 h")
        await box.wait_for_sms(THOMAS, containing="Enlèvement prévu")
        await box.wait_for_telegram(NGOC, containing="justificatif")
        await box.send_mail(AMINA, text="Merci, je serai là mardi.", reply_to=mail)
        await until("her reply is there", lambda: self.shows("karim.haddad", HOLE, "je serai là mardi"))
        await self.act(
            "helene.vasseur", REST, "transmission", department="voirie", reason="Mme Marchand parle de la rue."
        )
        await self.act("julien.petit", CANTEEN, "cloture")
        await until("everything is handled", self.town.all_is_handled)

    async def answer(self, agent: str, words: str, text: str, **fields: str) -> None:
        """Have an agent answer the case that shows these words."""
        await self.act(agent, words, "reponse", text=text, **fields)

    async def act(self, agent: str, words: str, form: str, **fields: str) -> None:
        """Have an agent send a form of the case that shows these words."""
        desk = await self.desk_of(agent)
        path = await desk.case_of(words)
        assert path is not None, (agent, words)
        await desk.send(path, form, **fields)
        self.noted["cases"][words] = {"agent": agent, "reference": path.rsplit("/", 1)[1]}

    async def shows(self, agent: str, words: str, what: str) -> bool:
        """Return whether a case's page says something."""
        desk = await self.desk_of(agent)
        path = await desk.case_of(words)
        return path is not None and what in (await desk.read(path))[1]

    async def desk_of(self, agent: str) -> DeskClient:
        """Return a signed-in session."""
        if agent not in self.desks:
            self.desks[agent] = await DeskClient(self.town.stack.addresses["agent-desk"]).__aenter__()
            assert await self.desks[agent].sign_in(agent, self.town.password_of(agent)) == 303
        return self.desks[agent]

    async def two_are_erased(self) -> None:
        """One registered, one not; both certified."""
        requests = []
        for nth, address in enumerate((CELESTIN, GASTON), 1):
            citizen = self.citizen_at(address)
            self.noted["erased"][address] = {"citizen": citizen, "cases": self.cases_of(address)}
            requests.append(await self.town.ask_for_erasure(citizen, nth))
        await until("both are certified", lambda: all(each.finished for each in self.town.ledger(requests)))
        await until("everything is handled", self.town.all_is_handled)

    def citizen_at(self, address: str) -> str:
        """Ask the command line who an address leads to."""
        done = subprocess.run(
            [sys.executable, "-m", "guichet_cli", "citizens", "find"],
            input=address,
            env=self.town.stack.environment_of("guichet"),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()[0]

    def cases_of(self, address: str) -> list[str]:
        """Return the references that were told to an address."""
        return [each["reference"] for each in self.noted["told"].get(address, [])]

    async def note_what_was_told(self) -> None:
        """Note, by address, each case's reference and link as they were mailed."""
        told: dict[str, list[dict[str, str]]] = {}
        for entry in await self.sandbox.entries(direction=Direction.RECEIVED):
            links = [link for link in entry.links if "/suivi/" in link]
            found = REFERENCE.search(f"{entry.subject} {entry.text}")
            if links and found:
                told.setdefault(entry.address, []).append(
                    {"reference": found[0], "link": links[0], "subject": entry.subject, "channel": entry.channel}
                )
        self.noted["told"] = told

    async def note_what_agents_see(self) -> None:
        """Note each case, its words and who may read it. A closed one is no longer listed: noted when it was closed."""
        by = {
            "karim.haddad": [HOLE, LAMP, TWO, QUOTING, REST],
            "fatou.diallo": [AID],
            "ines.caron": [FENCE],
            "paul.mercier": [BIRTH],
            "sophie.renard": [BY_SMS, ON_THE_SHARED_PHONE],
            "julien.petit": [BY_TELEGRAM, BY_WHATSAPP, HALL],
        }
        for agent, words in by.items():
            desk = await self.desk_of(agent)
            for each in words:
                path = await desk.case_of(each)
                assert path is not None, (agent, each)
                self.noted["cases"][each] = {"agent": agent, "reference": path.rsplit("/", 1)[1]}

    async def some_wait(self) -> None:
        """With the router away, all that follows is accepted and not filed."""
        box, stack = self.sandbox, self.town.stack
        mail = (await box.entries(AMINA, channel=Channel.MAIL, containing="jeudi à 10 h"))[-1]
        stack.stop("case-router")
        sent = [
            await box.send_mail(THOMAS, WAITING["mail"], "Devant chez moi."),
            await box.send_sms(THOMAS, WAITING["sms"]),
            await box.send_telegram(NGOC, WAITING["telegram"]),
            await box.send_mail(AMINA, text=WAITING["reply"], reply_to=mail, files=[PHOTO]),
        ]
        assert {entry.state.value for entry in sent} == {"accepted"}, sent
        await self.by_form("Odette Quemener", ODETTE, "+33639980777", WAITING["form"], "Où est le dossier ?")

    def note_the_store(self) -> None:
        """Note ids that must not be found afterwards, and what could be recomputed."""
        uri = self.town.stack.environment_of("guichet")["GUICHET_MONGODB_URI"]
        with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
            data = client["guichet"]
            self.noted["citizens"] = [each["_id"] for each in data["citizens"].find({}, {"_id": 1})]
            self.noted["messages"] = [each["_id"] for each in data["messages"].find({}, {"_id": 1})]
            self.noted["provisional"] = [derive_id("citizen", each) for each in self.noted["messages"]]
            self.noted["ledger"] = [each["citizen"] for each in client["guichet_vault"]["erasures"].find()]
            cases, claims = [*data["cases"].find()], [c for each in data["threads"].find() for c in each["claims"]]
            self.noted["tags"] = sorted(
                {tag for case in cases for tag in case.get("participants", ())}
                | {claim["quoted_by"] for claim in claims if claim["quoted_by"]}
            )
            self.noted["digests"] = sorted(
                {file["digest"] for each in data["messages"].find() for file in each.get("attachments", ())}
            )
            self.noted["linked"] = {case["_id"]: case["linked_to"] for case in cases if case.get("linked_to")}
            self.noted["counts"] = {name: data[name].count_documents({}) for name in data.list_collection_names()}


def _frugal_stack(folder: Path) -> LocalStack:
    """Return a stack whose processes make few keys ahead: what nobody uses would be most of the dump."""
    (folder / "python").mkdir()
    (folder / "python" / "sitecustomize.py").write_text(FRUGAL)
    frugal = [replace(each, variables=(*each.variables, "PYTHONPATH")) for each in SERVICES]
    return LocalStack(folder, settings=SETTINGS | {"PYTHONPATH": str(folder / "python")}, services=frugal)


async def live(folder: Path) -> dict[str, Any]:
    """Live it all, stop in order, and return what is known."""
    stack = _frugal_stack(folder)
    with stack:
        async with SandboxClient(stack.addresses["citizen-sandbox"]) as sandbox:
            life = Life(Town(stack, sandbox, folder / "no-hold"), sandbox)
            await life.everybody_writes()
            await life.agents_work()
            await life.note_what_was_told()
            await life.note_what_agents_see()
            await life.two_are_erased()
            await life.some_wait()
            life.note_the_store()
            for desk in life.desks.values():
                await desk.http.aclose()
    return life.noted


def pack(folder: Path, archive: Path) -> None:
    """Pack what an upgrade meets. Left out: logs, indexes that Kafka makes again, MongoDB's journal (a clean stop)."""
    wanted = ("kafka/data", "mongodb/data", "objects", "secrets", "prepared")
    with (
        lzma.open(archive, "wb", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for place in wanted:
            tar.add(folder / place, place, filter=_kept)


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    path = Path(member.name)
    left_out = path.suffix in {".index", ".timeindex", ".lock"} or path.name in {"mongod.lock", "WiredTiger.lock"}
    noise = "diagnostic.data" in path.parts or path.name.startswith(("WiredTigerLog", "WiredTigerPreplog"))
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return None if left_out or noise else member


def main() -> None:
    """Make the dump and what is known of it."""
    folder, name = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True)
    noted = asyncio.run(live(folder))
    name.with_suffix(".json").write_text(json.dumps(noted, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    pack(folder, name.with_suffix(".tar.xz"))


if __name__ == "__main__":
    main()
