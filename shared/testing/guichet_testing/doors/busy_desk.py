"""A town hall in the middle of a morning: cases of several departments, channels and states."""

from datetime import timedelta
from functools import partial

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState, RoutingReason
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, DepartmentId, MessageId, derive_id
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.registry.citizens import CitizenState
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import KEY, mail, phone


async def a_busy_morning(hall: TownHall) -> dict[str, CaseRecord]:
    """Fill a town hall with cases of several departments, channels and states; return them by name."""
    jeanne = await hall.register("Jeanne Moreau", mail("jeanne.moreau@courriel.example"), phone("+33639981234"))
    amadou = await hall.register("Amadou Sarr", phone("+33639981111"), state=CitizenState.PROVISIONAL)
    leon = await hall.register("Léon Petit", mail("famille.petit@courriel.example"))
    rose = await hall.register("Rose Petit", mail("famille.petit@courriel.example"))
    streets = hall.town.sector_of(DepartmentId("voirie"))
    hole = await hall.open_case(
        "hole",
        subject="Nid-de-poule devant l’école Jules-Ferry",
        text="Bonjour,\n\nUn trou d’au moins vingt centimètres s’est ouvert devant l’école, côté portail. Ma fille est "
        "tombée à vélo ce matin. Pouvez-vous le signaler en attendant la réparation ?\n\nMerci,\nJeanne Moreau",
        citizen=jeanne,
        sender=(mail("jeanne.moreau@courriel.example"),),
        files={"nid-de-poule.jpg": b"\xff\xd8\xff" + b"j" * 48_000, "plan du quartier.pdf": b"%PDF-1.7"},
        state=CaseState.IN_PROGRESS,
        minutes=-60 * 50,
    )
    hole = await _answered(hall, hole)
    lamp = await hall.open_case(
        "lamp",
        text="Le lampadaire du 12 rue Pasteur clignote depuis lundi.",
        citizen=amadou,
        sender=(phone("+33639981111"),),
        channel="sms",
        minutes=95,
    )
    shared = await hall.open_case(
        "shared",
        subject="Sens de circulation rue des Lilas",
        text="Bonjour, le sens unique sera-t-il maintenu après les travaux ?",
        sender=(mail("famille.petit@courriel.example"),),
        candidates=tuple(sector_citizen_id(KEY, streets, person) for person in (leon, rose)),
        linked_to=(hole.case_id,),
        minutes=120,
    )
    machine = await hall.open_case(
        "machine",
        subject="Absence du bureau : Re: travaux",
        text="Je suis absent jusqu’au 30.",
        sender=(mail("absent@entreprise.example"),),
        automatic="auto-submitted",
        minutes=150,
    )
    closed = await hall.open_case(
        "closed", subject="Bordure cassée", citizen=jeanne, state=CaseState.CLOSED, minutes=-60 * 24 * 9
    )
    social = await hall.open_case(
        "social", "ccas", subject="Demande d’aide au loyer", text="Je ne peux plus payer.", citizen=jeanne, minutes=30
    )
    trees = await hall.open_case("trees", "espaces-verts", subject="Branche menaçante", citizen=jeanne, minutes=45)
    return {
        "hole": hole,
        "lamp": lamp,
        "shared": shared,
        "machine": machine,
        "closed": closed,
        "social": social,
        "trees": trees,
    }


async def _answered(hall: TownHall, case: CaseRecord) -> CaseRecord:
    start, karim = case.received_at, AgentId("agent-12")
    receipt = await hall.send(
        case, "Nous avons bien reçu votre message.", purpose=Purpose.AEE, at=start + timedelta(seconds=8)
    )
    answer = await hall.send(
        case,
        "Bonjour Madame,\n\nUne équipe passe demain matin pour baliser puis reboucher. De quel côté du portail "
        "est-ce ?\n\nKarim Haddad, service voirie",
        purpose=Purpose.REPLY,
        at=start + timedelta(hours=20),
        author=karim,
    )
    back = MessageId(derive_id("test-message", "back", case.case_id))
    at = start + timedelta(hours=22)
    content = InboundContent(
        sender=(mail("jeanne.moreau@courriel.example"),),
        display_name="Jeanne Moreau",
        subject="Re: Nid-de-poule devant l’école Jules-Ferry",
        text="À gauche en sortant, juste avant le passage piéton.",
    )
    await hall.receive(case, content, message_id=back, at=at)
    reason = await hall.seal_reason(case, "command-1", "La chaussée relève de la voirie.")
    entry = partial(HistoryEntry, case_id=case.case_id)
    history = (
        entry(
            version=2,
            type="CaseRerouted",
            at=start + timedelta(minutes=40),
            by=AgentId("agent-11"),
            from_department=DepartmentId("accueil"),
            department=DepartmentId("voirie"),
            reason=reason,
            reason_field="command-1",
        ),
        entry(version=3, type="ReplyRequested", at=start + timedelta(hours=20), by=karim, message_id=answer),
        entry(version=4, type="CaseMoved", at=start + timedelta(hours=20), by=karim, state="waiting_for_citizen"),
        entry(version=5, type="MessageFiled", at=at, message_id=back),
        entry(version=6, type="CaseMoved", at=at, state="in_progress"),
        entry(version=7, type="CommandRefused", at=at, by=karim, state="same-department"),
    )
    noted = {
        "deliveries": {receipt: "delivered", answer: "sent"},
        "routing": RoutingReason(rule="fallback", kind="fallback"),
        "taken_up_by": (AgentId("agent-11"), karim),
    }
    return hall.happened(case, *history, **noted)
