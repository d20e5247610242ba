"""What an agent reads, and that every reading is noted before it is given."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.domain.list_pages import ROWS
from agent_desk.entry.site.web import HERE
from guichet.case.history import HistoryEntry
from guichet.contracts.case_events import CaseState
from guichet.contracts.channels import AddressKind, ChannelFacts, Form, KnownChannels, Words
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import Identifier
from guichet.ids import receipt_id
from guichet.privacy.coarse_times import month_of
from guichet.store.audit.trail import Act
from guichet.store.registry.citizens import CitizenState
from guichet.web.templates import Templates
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.channels import CHANNELS, FACTS
from guichet_testing.doors.filled_hall import mail, phone


async def test_the_list_shows_who_what_how_when_and_where_it_stands(karim, cases):
    page = (await karim.get("/demandes")).text
    row = page.split(f'id="r-{cases["hole"].reference}"')[1].split("</tr>")[0]
    for word in ("Jeanne Moreau", "Nid-de-poule", "Un trou d’au moins", "Courriel", "En cours", "2 jours"):
        assert word in row, word
    assert "Voirie et éclairage public" not in row, "all are of that department"
    assert "Bordure cassée" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["machine", "shared", "lamp", "hole"]),
        ("?ordre=attente", ["hole", "lamp", "shared", "machine"]),
        ("?etat=in_progress", ["hole"]),
        ("?etat=closed", ["closed"]),
        ("?vue=suivies", ["hole"]),
        ("?etat=nonsense&ordre=nonsense&page=nonsense", ["machine", "shared", "lamp", "hole"]),
        ("?page=2", []),
        ("?page=99999999999999999999", []),
        (f"?page={'9' * 5000}", []),
    ],
)
async def test_filters(karim, cases, query, expected):
    page = (await karim.get(f"/demandes{query}")).text
    shown = [part.split('"')[0] for part in page.split('id="r-')[1:]]
    assert shown == [cases[name].reference for name in expected]


async def test_a_long_list_has_pages(karim, hall, cases):
    for number in range(ROWS + 5):
        await hall.open_case(f"many-{number}", minutes=200 + number)
    first = (await karim.get("/demandes")).text
    assert first.count('id="r-') == ROWS
    assert 'rel="next" href="/demandes?page=2"' in first
    assert (await karim.get("/demandes?page=2")).text.count('id="r-') == 9


@pytest.mark.parametrize(
    ("cases_there", "shown", "language", "heard"),
    [(99, "99", "fr", None), (100, "99+", "fr", "plus de 99"), (250, "99+", "en", "more than 99")],
)
async def test_a_count_stops_and_says_so_to_eyes_and_ears(hall, karim, cases, cases_there, shown, language, heard):
    hall.cases.cases.clear()
    for number in range(cases_there):
        hall.cases.put(cases["hole"].model_copy(update={"case_id": f"case-{number}", "state": CaseState.RECEIVED}))
    page = (await karim.get(f"/demandes?langue={language}")).text
    counts = re.findall(r'<span class="count" id="n-\w+">(?:<span aria-hidden="true">)?(.*?)</span>', page)
    assert counts[:2] == [shown, shown]  # to do, and received
    if heard:
        assert f'<span aria-hidden="true">99+</span><span class="unseen">{heard}</span>' in page
    assert counts[4] == "0"  # closed


async def test_a_case_is_told_from_its_first_message_to_its_last(karim, cases):
    page = (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    told = [
        "Un trou d’au moins vingt centimètres",
        "Demande ouverte et confiée",
        "Nous avons bien reçu votre message.",
        "Claire Dumas a transmis la demande",
        "La chaussée relève de la voirie.",
        "Une équipe passe demain matin",
        "En attente de l’usager",
        "À gauche en sortant",
        "est restée sans effet",
    ]
    places = [page.index(words) for words in told]
    assert places == sorted(places)
    assert re.search(r"relève de la voirie\.</q>\s+<time", page), "its date stands apart from the reason"
    assert "Remis" in page
    assert "Envoyé" in page
    assert "jeanne.moreau@courriel.example" in page


async def test_a_reading_is_noted_and_without_the_note_there_is_no_page(karim, hall, cases):
    await karim.get(f"/demandes/{cases['hole'].reference}")
    entry = hall.audit.entries[-1]
    assert (entry.act, entry.thing, entry.agent) == (Act.READ, "case", "agent-12")
    assert cases["hole"].case_id in entry.things
    assert cases["hole"].opened_by in entry.things
    hall.audit.away = True
    for path in ("/demandes", f"/demandes/{cases['hole'].reference}", f"/demandes/{cases['social'].reference}"):
        answer = await karim.get(path)
        assert answer.status_code == 503
        assert "Jeanne" not in answer.text


async def test_the_list_notes_the_cases_it_showed(karim, hall, cases):
    await karim.get("/demandes?etat=closed")
    entry = hall.audit.entries[-1]
    assert (entry.act, entry.things) == (Act.LISTED, (cases["closed"].case_id,))


async def test_no_audit_entry_holds_a_word_of_a_citizen(karim, hall, cases):
    for case in cases.values():
        await karim.get(f"/demandes/{case.reference}")
    noted = " ".join(entry.model_dump_json() for entry in hall.audit.entries)
    for word in ("Jeanne", "courriel.example", "+3363998", "Nid-de-poule", "trou"):
        assert word not in noted


async def test_a_file_is_handed_out_under_its_name_and_can_run_nothing(karim, hall, cases):
    hole = cases["hole"]
    answer = await karim.get(f"/demandes/{hole.reference}/fichiers/{hole.opened_by}/1")
    assert answer.content == b"\xff\xd8\xff" + b"j" * 48_000
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''nid-de-poule.jpg"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (hall.audit.entries[-1].act, hall.audit.entries[-1].thing) == (Act.READ, "attachment")


async def test_a_file_that_could_run_is_bytes(karim, hall, cases):
    case = await hall.open_case("html", files={'x".html\r\n': b"<script>alert(1)</script>"})
    answer = await karim.get(f"/demandes/{case.reference}/fichiers/{case.opened_by}/1")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''x%22.html%0D%0A"


@pytest.mark.parametrize("place", ["0", "3", "-1", "x", "９", "1000000"])
async def test_a_file_that_is_not_there_is_not_found(karim, cases, place):
    hole = cases["hole"]
    assert (await karim.get(f"/demandes/{hole.reference}/fichiers/{hole.opened_by}/{place}")).status_code == 404


async def test_what_a_citizen_wrote_is_text_and_nothing_else(karim, hall, cases):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}\x00\u202e"
    sender = (mail('"><script>@evil.example'),)
    case = await hall.open_case("attack", subject=attack, text=attack, sender=sender, files={attack: b"x"})
    for path in (f"/demandes/{case.reference}", "/demandes"):
        page = (await karim.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7*7 }}" in page


async def test_a_machines_mail_shows_that_no_receipt_was_sent_and_why(karim, cases):
    page = (await karim.get(f"/demandes/{cases['machine'].reference}")).text
    assert "Aucun accusé de réception n’a été envoyé" in page
    assert "réponse automatique déclarée" in page


async def test_a_withheld_receipt_shows(karim, hall, cases):
    case = await hall.open_case("withheld")
    hall.cases.put(case.model_copy(update={"deliveries": {receipt_id(case.case_id, "AEE"): "withheld"}}))
    assert "Aucun accusé de réception n’a été envoyé" in (await karim.get(f"/demandes/{case.reference}")).text


async def test_those_who_share_an_address_are_shown_for_the_agent_to_judge(karim, cases):
    page = (await karim.get(f"/demandes/{cases['shared'].reference}")).text
    assert "Plusieurs usagers partagent cette adresse" in page
    assert "Léon Petit" in page
    assert "Rose Petit" in page
    assert "partagé" in page
    assert "Demandes liées" in page
    assert cases["hole"].reference in page
    assert "Plusieurs usagers possibles" in (await karim.get("/demandes")).text
    assert "<strong>Plusieurs usagers possibles</strong>" in page, "and beside their message, the same words"


async def test_somebody_under_erasure_is_nobody_any_more(karim, hall, cases):
    shared = cases["shared"]
    before = (await karim.get(f"/demandes/{shared.reference}")).text
    first = hall.registry.citizens[:]
    hall.registry.citizens[:] = [each.model_copy(update={"state": CitizenState.ERASING}) for each in first]
    after = (await karim.get(f"/demandes/{shared.reference}")).text
    assert "Rose Petit" in before
    assert "Rose Petit" not in after


async def test_known_and_provisional_citizens_are_told_apart(karim, cases):
    assert "connu du registre" in (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    assert "provisoire" in (await karim.get(f"/demandes/{cases['lamp'].reference}")).text


async def test_what_was_erased_leaves_the_page_standing(karim, hall, cases):
    hole = cases["hole"]
    message = hall.messages.messages[hole.opened_by]
    citizens = [citizen.record.key_id for citizen in hall.registry.citizens]
    await hall.vault.destroy_keys([message.content.key_id, hole.subject.key_id, *citizens])
    page = await karim.get(f"/demandes/{hole.reference}")
    assert page.status_code == 200
    assert "Contenu effacé." in page.text
    assert "Inconnu du registre, ou effacé." in page.text
    assert (await karim.get(f"/demandes/{hole.reference}/fichiers/{hole.opened_by}/1")).status_code == 404
    assert (await karim.get("/demandes")).status_code == 200


async def test_an_answer_whose_command_was_never_taken_does_not_show(karim, hall, cases):
    """It was written before the broker was asked; only what the router requested was said to the citizen."""
    await hall.send(cases["lamp"], "Jamais parti", purpose=Purpose.REPLY, at=ARRIVED)
    assert "Jamais parti" not in (await karim.get(f"/demandes/{cases['lamp'].reference}")).text


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_channel_and_state_has_a_name(karim, hall, channel, language):
    for state in CaseState:
        case = await hall.open_case(f"{channel}-{state}", channel=channel, state=state)
        moved = {"version": 2, "type": "CaseMoved", "at": ARRIVED + timedelta(1), "state": state}
        hall.happened(case, HistoryEntry(case_id=case.case_id, **moved))
        page = await karim.get(f"/demandes/{case.reference}?langue={language}")
        assert page.status_code == 200
        assert f'lang="{language}"' in page.text


async def test_a_new_citizen_is_found_behind_a_sectors_id(karim, hall, cases):
    """The index of a sector is read once, then only what is new."""
    await karim.get("/demandes")
    newcomer = await hall.register("Nouvelle Venue", mail("neuve@courriel.example"))
    hall.registry.citizens[-1] = hall.registry.citizens[-1].model_copy(update={"since": month_of(hall.clock.now)})
    await hall.open_case("new", subject="Bonjour", citizen=newcomer)
    assert "Nouvelle Venue" in (await karim.get("/demandes")).text


async def test_a_registered_citizen_is_found_under_the_id_they_had_before(karim, hall, cases):
    before = await hall.register("Avant", mail("avant@courriel.example"))
    case = await hall.open_case("former", subject="Bonjour", citizen=before)
    after = await hall.register("Après Enregistrement")
    old = next(citizen for citizen in hall.registry.citizens if citizen.citizen_id == before)
    hall.registry.citizens.remove(old)
    hall.registry.citizens[-1] = hall.registry.citizens[-1].model_copy(update={"formerly": (before,)})
    assert after != before
    assert "Après Enregistrement" in (await karim.get(f"/demandes/{case.reference}")).text


@pytest.mark.parametrize(
    ("channel", "state", "code", "language", "says"),
    [
        ("sms", "failed", "unsubscribed", "fr", "Échec de l’envoi\xa0: l’usager a répondu STOP<"),
        ("sms", "failed", "unsubscribed", "en", "Sending failed: the citizen answered STOP<"),
        ("email", "failed", "gave-up", "fr", "Échec de l’envoi\xa0: aucune tentative n’a abouti<"),
        (
            "email",
            "failed",
            "unknown-address",
            "fr",
            "Échec de l’envoi\xa0: le courriel est revenu, cette adresse n’existe pas<",
        ),
        (
            "email",
            "failed",
            "mailbox-full",
            "en",
            "Sending failed: the mail came back, the recipient’s mailbox is full<",
        ),
        ("sms", "failed", "twilio-99999", "fr", "Échec de l’envoi<"),
        ("sms", "failed", None, "fr", "Échec de l’envoi<"),
        ("sms", "failed", "country-not-allowed", "fr", "Échec de l’envoi\xa0: la mairie n’envoie pas vers les numéros"),
        ("sms", "delivered", None, "fr", "Remis<"),
    ],
)
async def test_an_agent_reads_why_an_answer_failed(karim, hall, cases, channel, state, code, language, says):
    case = await hall.open_case("failing", channel=channel, sender=(phone("+33639981234"),))
    answer = await hall.send(case, "Oui", purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-12")
    about = {"case_id": case.case_id, "at": ARRIVED, "message_id": answer}
    sent = HistoryEntry(version=3, type="DeliveryRecorded", state="sent", **about)
    last = HistoryEntry(version=4, type="DeliveryRecorded", state=state, code=code, **about)
    hall.happened(case, HistoryEntry(version=2, type="ReplyRequested", by="agent-12", **about), sent, last)
    page = (await karim.get(f"/demandes/{case.reference}?langue={language}")).text
    assert f'class="delivery delivery-{state}">{says}' in page


async def test_r9_of_a_receipt_that_came_back_the_agent_reads_why_and_finds_the_case_among_those_to_mend(
    karim, hall, cases
):
    """R9 (docs/law.md 51)."""
    case = await hall.open_case("bounced", sender=(mail("zoe@exemple.test"),))
    receipt = await hall.send(case, "Reçu", purpose=Purpose.AEE, at=ARRIVED + timedelta(minutes=5))
    told = {"case_id": case.case_id, "at": ARRIVED, "message_id": receipt, "type": "DeliveryRecorded"}
    failed = HistoryEntry(version=3, state="failed", code="unknown-address", **told)
    hall.happened(case, HistoryEntry(version=2, state="sent", **told), failed)
    says = "Échec de l’envoi\xa0: le courriel est revenu, cette adresse n’existe pas<"
    assert f'class="delivery delivery-failed">{says}' in (await karim.get(f"/demandes/{case.reference}")).text
    hall.cases.put(case.model_copy(update={"unsent": (receipt,)}))  # as the router notes it of what failed
    assert case.reference in (await karim.get("/demandes?vue=envoi-en-echec")).text


async def test_an_agent_reads_why_no_receipt_left_for_a_letter_that_came(karim, hall, cases):
    case = await hall.open_case("withheld", channel="letter", sender=(phone("+33639981234"),))
    receipt = await hall.send(case, "Reçu", purpose=Purpose.AEE, at=ARRIVED + timedelta(minutes=5))
    told = {"case_id": case.case_id, "at": ARRIVED, "message_id": receipt, "type": "DeliveryRecorded"}
    hall.happened(case, HistoryEntry(version=3, state="withheld", code="not-electronic", **told))
    says = "Volontairement non envoyé\xa0: ce canal ne permet pas de répondre par voie électronique<"
    assert f'class="delivery delivery-withheld">{says}' in (await karim.get(f"/demandes/{case.reference}")).text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ([("pending", "cap-reached")], "Envoi en attente\xa0: le plafond de dépense de ce canal est atteint"),
        ([("pending", "cap-reached"), ("sent", None)], 'delivery-sent">Envoyé</p>'),
        ([("pending", "mail-instead"), ("sent", None)], "Par courriel, à une adresse d’où l’usager a déjà écrit"),
        (
            [("sent", "by-template"), ("delivered", None)],
            "l’usager a reçu un message type, avec la référence et le lien",
        ),
        ([("pending", "another-way")], "l’envoi précédent n’est pas arrivé"),
        ([("pending", "another-way"), ("sent", None)], "Par un autre moyen, à une adresse d’où l’usager a déjà écrit"),
    ],
)
async def test_an_agent_reads_why_a_letter_waits_and_which_way_it_went(karim, hall, cases, told, says):
    case = await hall.open_case("capped", channel="sms", sender=(phone("+33639981234"),))
    receipt = await hall.send(case, "Reçu", purpose=Purpose.AEE, at=ARRIVED + timedelta(minutes=5))
    about = {"case_id": case.case_id, "at": ARRIVED, "message_id": receipt}
    entries = [
        HistoryEntry(version=nth, type="DeliveryRecorded", state=state, code=code, **about)
        for nth, (state, code) in enumerate(told, start=2)
    ]
    hall.happened(case, *entries)
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert says in page
    assert ("Par courriel, à une adresse" in page) is (told[0][1] == "mail-instead")


@pytest.mark.parametrize(("language", "says"), [("fr", "Accusé de réception"), ("en", "Acknowledgement (ARE)")])
async def test_an_agent_reads_the_acknowledgement_that_was_sent(karim, hall, cases, language, says):
    await hall.send(cases["hole"], "Réputée rejetée le 2 décembre.", purpose=Purpose.ARE, at=ARRIVED)
    said = (await karim.get(f"/demandes/{cases['hole'].reference}?langue={language}")).text
    assert says in said
    assert "Réputée rejetée le 2" in said


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("+33639981234", None),
        (
            "+14155550100",
            "Aucune réponse ne part d’ici\xa0:</strong> la mairie n’envoie pas vers les numéros de ce pays.",
        ),
        ("+33899123456", "Aucune réponse ne part d’ici\xa0:</strong> la mairie n’envoie ni aux numéros spéciaux"),
    ],
)
async def test_an_agent_is_told_before_writing_that_no_answer_goes_to_a_number(karim, hall, number, says):
    case = await hall.open_case("abroad", channel="sms", sender=(phone(number),))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert ("Envoyer la réponse" in page) is (says is None)
    assert says is None or says in page


@pytest.fixture
def pigeons(hall):
    """Switch on a channel that no code of the desk has heard of."""
    facts = ChannelFacts(
        name="pigeon", title=Words(fr="Pigeon voyageur", en="Carrier pigeon"), icon="M1 1l14 7-14 7z", provider="loft",
        topic="inbound-social", answered_on="pigeon", form=Form.SHORT, longest=160,
        kind=AddressKind(name="pigeon", title=Words(fr="Bague", en="Ring"), pattern="ring-[0-9]+", example="ring-7"),
    )  # fmt: skip
    hall.town = replace(hall.town, facts=KnownChannels({**FACTS, "pigeon": facts}))


async def test_a_channel_that_the_desk_never_heard_of_is_shown_as_its_file_says(pigeons, hall, sign_in):
    jeanne = await hall.register("Jeanne", Identifier(kind="pigeon", value="ring-7"))
    case = await hall.open_case("flown", channel="pigeon", citizen=jeanne)
    page = (await (await sign_in("karim.haddad")).get(f"/demandes/{case.reference}")).text
    assert '<symbol id="c-pigeon" viewBox="0 0 16 16"><path d="M1 1l14 7-14 7z"/></symbol>' in page
    assert '<use href="#c-pigeon"/></svg>Pigeon voyageur' in page
    assert "envoi par\xa0: Pigeon voyageur" in page
    assert "<li>Bague ring-7" in page
    assert "Un nouveau message de l’usager ouvrira une autre demande." in page


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("erased", "les données de l’usager ont été effacées"),
        ("too-long", "en mots du canal"),
        ("gone", "en mots du canal"),
    ],
)
def test_what_guichet_decides_no_channel_renames(code, says):
    words = {"fr": "en mots du canal", "en": "in the channel's words"}
    facts = FACTS["sms"].model_copy(update={"failures": {code: Words.model_validate(words)}})
    page = Templates(HERE, town_name="", channels=KnownChannels({"sms": facts}))
    said = page._environments["fr"].from_string(
        '{% import "words.html" as words with context %}{{ words.failure_reason("sms", code) }}'
    )
    assert said.render(code=code).strip() == says


@pytest.fixture
def closed(hall, request):
    """Switch a channel off."""
    left = {name: policy for name, policy in hall.town.channels.items() if name != request.param}
    hall.town = replace(hall.town, channels=left)


@pytest.mark.parametrize(("closed", "told"), [("sms", True), ("whatsapp", False)], indirect=["closed"])
async def test_an_agent_is_told_that_the_town_closed_the_channel(closed, hall, sign_in, told):
    case = await hall.open_case("closed", channel="sms", sender=(phone("+33639981234"),))
    karim = await sign_in("karim.haddad")
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert ("La ville a fermé ce canal" in page) is told
