"""A case's steps on a page of their own: how far it is, who does what, and tasks that agents mark."""

import re

import pytest

from guichet.case.record import CaseWorkflow, DoneTask
from guichet.contracts.case_commands import MarkTask
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.contracts.workflow import Condition, StepNotice, Workflow, WorkflowStep, WorkflowTask
from guichet.ids import AgentId, ProcedureId
from guichet.store.audit.trail import Act
from guichet_testing.builders.case import ARRIVED

STEPS = (
    WorkflowStep(name="look", label="Voir le lieu", tasks=(WorkflowTask(name="visit", label="Aller voir"),)),
    WorkflowStep(
        name="sign",
        label="Faire signer",
        label_en="Have it signed",
        tasks=(
            WorkflowTask(name="write", label="Rédiger l’arrêté", by="unit", unit="Police municipale"),
            WorkflowTask(name="send", label="Renvoyer le plan", by="citizen"),
        ),
    ),
    WorkflowStep(name="by-hand", label="Au guichet", ends_on=("answered",), when=Condition(by_hand=True)),
    WorkflowStep(
        name="end",
        label="Contrôler",
        ends_on=("decision-notified",),
        notice=StepNotice(fr="On contrôle.", en="We check."),
    ),
)
FLOW = Workflow.of(ProcedureId("p"), STEPS)


@pytest.fixture
def case(hall, cases):
    done = (DoneTask(task="visit", by=AgentId("karim.haddad"), at=ARRIVED),)
    run = CaseWorkflow(frozen=FLOW, step="sign", done=done)
    hall.cases.put(cases["hole"].model_copy(update={"workflow": run}))
    return hall.cases.cases[cases["hole"].case_id]


def path(case):
    return f"/demandes/{case.reference}/etapes"


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace("\u00a0", " ")


async def test_the_page_says_how_far_it_is_and_who_does_what(karim, case):
    page = await karim.get(path(case))
    assert page.status_code == 200
    said = plain(page)
    assert "Étape 2 sur 3" in said
    for words in ("Voir le lieu fait", "Faire signer en cours", "Contrôler à venir", "Au guichet sans objet"):
        assert words in said
    assert "Police municipale" in said
    assert "par l’usager" in said
    assert page.text.count('aria-current="step"') == 1
    assert "notée faite par" in said
    assert "la notification de la décision" in said
    assert "On contrôle." in said


async def test_the_page_of_the_case_leads_there_in_a_line(karim, case):
    page = await karim.get(f"/demandes/{case.reference}")
    assert "Étape 2 sur 3 : Faire signer" in plain(page)
    assert f'href="{path(case)}"' in page.text


async def test_a_case_without_steps_says_so_and_its_page_nothing(karim, cases):
    page = await karim.get(path(cases["lamp"]))
    assert "n’a pas d’étapes" in page.text
    assert "etapes" not in (await karim.get(f"/demandes/{cases['lamp'].reference}")).text


@pytest.mark.parametrize(("task", "done"), [("write", "1"), ("visit", "0")])
async def test_a_task_is_marked_by_a_button_once_however_often_it_is_pressed(karim, hall, case, fields, task, done):
    given = {**fields(await karim.get(path(case))), "workflow": FLOW.version, "task": task, "done": done}
    for _ in range(2):
        answer = await karim.post(path(case), data=given)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path(case)}?fait=tache")
    one, again = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(one, MarkTask)
    assert (one.task, one.is_done, one.workflow) == (task, done == "1", FLOW.version)
    assert one.event_id == again.event_id
    assert [each.act for each in hall.audit.entries].count(Act.TASK_MARKED) == 2
    assert "C’est noté." in (await karim.get(answer.headers["location"])).text


async def test_a_task_of_other_steps_is_asked_of_nobody(karim, hall, case, fields):
    given = {**fields(await karim.get(path(case))), "workflow": "another", "task": "write", "done": "1"}
    answer = await karim.post(path(case), data=given)
    assert answer.status_code == 422
    assert "ne sont plus celles de votre page" in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_what_the_router_refuses_is_said_on_the_page(karim, hall, case, fields):
    given = {**fields(await karim.get(path(case))), "workflow": FLOW.version, "task": "write", "done": "1"}
    hall.publisher.refuses = "same-task"
    answer = await karim.post(path(case), data=given)
    assert answer.status_code == 409
    assert "cette tâche était déjà notée ainsi" in answer.text


async def test_of_a_closed_case_the_steps_are_read_and_not_marked(karim, hall, case):
    hall.cases.put(case.model_copy(update={"state": CaseState.CLOSED}))
    page = await karim.get(path(case))
    assert "Étape 2 sur 3" in plain(page)
    assert "Noter comme fait" not in page.text


async def test_in_english_what_has_an_english_name_bears_it(karim, case):
    said = plain(await karim.get(f"{path(case)}?langue=en"))
    assert "Have it signed" in said
    assert "Voir le lieu" in said
    assert "We check." in said
