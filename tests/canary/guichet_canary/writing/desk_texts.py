"""What agents write down beside answers: notes, drafts with files, models of answers, lists by name, and letters."""

import re
from datetime import UTC, datetime
from typing import Final

from guichet.law.calendar import paris_date
from guichet_canary.writing.cast import Person
from guichet_canary.writing.desk import Desk
from guichet_canary.writing.planting import Cast
from guichet_testing.town.desk_client import DeskClient, hidden_in
from guichet_testing.town.scans import scan_saying
from guichet_testing.until import until

ANSWERS, VIEWS, AWAY, ON_CALL = "/reponses-types", "/vues", "/absences", "/astreinte"
COLLEAGUE_S_NAME: Final = "claire.dumas"
COLLEAGUE: Final = f"@{COLLEAGUE_S_NAME}"  # whom a note speaks to: `agent_news` holds that, and none of its words
PDF: Final = b"%PDF-1.7\n"  # what a file begins with that is one by its name


async def write_notes(desk: Desk, who: Person, path: str) -> None:
    """Speak to a colleague of a call that is owed, and say what came of it."""
    await desk.send(path, "notes", note=f"{COLLEAGUE} {who.text.value}", call="asked")
    await desk.send(path, "notes", note=who.subject.value, call="no-answer")


async def draft_with_a_file(desk: Desk, who: Person, path: str) -> None:
    """Begin an answer with a file, and leave it there."""
    await desk.attach(path, who.file_name.value, PDF + who.file_text.value.encode(), text=who.text.value)


async def keep_models(desk: Desk, who: Person) -> None:
    """Keep a model of an answer and a list, each in place of one of before, and one more that is thrown away."""
    _, page = await desk.read(f"{ANSWERS}/nouvelle")
    first = {"title": who.name.value, "text": who.subject.value, "whose": "-"}
    await _taken(desk, f"{ANSWERS}/nouvelle", hidden_in(page) | first)
    _, page = await desk.read(ANSWERS)
    [here] = re.findall(rf'href="({ANSWERS}/[0-9a-f]{{32}})"', page)
    _, page = await desk.read(here)
    await _taken(desk, here, hidden_in(page) | first | {"text": who.text.value})
    for name in (who.address.value, who.address.value, who.phone.value):
        await _taken(desk, VIEWS, await desk.hidden_fields("/saisie") | {"name": name, "whose": "-", "etat": "closed"})
    _, page = await desk.read(VIEWS)
    gone = re.search(rf'action="({VIEWS}/[0-9a-f]{{32}}/retrait)".*: {re.escape(who.phone.value)}<', page)
    assert gone is not None, "the list is not kept"
    await _taken(desk, gone[1], await desk.hidden_fields("/saisie"))


async def type_what_no_field_is_for(desk: Desk, who: Person) -> None:
    """Give a person's name where a colleague's id is asked: the page says it again, and no line of a log does."""
    form = await desk.hidden_fields(AWAY) | {"first": "2030-01-01", "last": "2030-01-02", "stand_in": who.email.value}
    assert (await desk.post(AWAY, form)).status_code == 422


async def say_who_is_on_call(desk: Desk, who: Person) -> None:
    """Let a colleague be on call for a day, and give a person's name where a colleague's id is asked."""
    day = paris_date(datetime.now(UTC)).isoformat()
    form = await desk.hidden_fields(f"{ON_CALL}?service=voirie") | {"service": "voirie", "first": day, "last": day}
    assert (await desk.post(ON_CALL, form | {"agent": who.email.value})).status_code == 422
    await _taken(desk, ON_CALL, form | {"agent": "agent-12"})


async def ask_for_mails(colleague: DeskClient) -> None:
    """Want a mail when somebody speaks to them."""
    form = await colleague.hidden_fields("/preferences") | {"mails": "soon"}
    assert (await colleague.post("/preferences", form)).status_code == 303


async def take_letters_down(desk: Desk, who: Cast) -> None:
    """Bring two scanned letters, file one of them, and leave the other where it waits."""
    typed, waiting, stamp = who["letter"], who["waiting letter"], paris_date(datetime.now(UTC)).isoformat()
    for each in (waiting, typed):
        scan = scan_saying(each.file_text.value)
        here = await desk.bring_letter(scan, department="voirie", stamp=stamp, kept_at=each.address.value)
        _, page = await desk.read(here)
        assert each.address.value in page
        desk.led_to.append(here)
    await desk.file_letter(
        here,
        name=typed.name.value,
        address=typed.email.value,
        subject=typed.subject.value,
        text=typed.text.value,
        represented_by=typed.phone.value,
        kept_at=typed.address.value,
        received=stamp,
        procedure="signalement-voirie",
    )


async def seen_of_texts(desk: Desk, who: Cast, draft: str, letter: str) -> set[str]:
    """Return the labels of what the pages show again. draft, letter: the cases' paths."""
    _, page = await desk.read(draft)
    [file] = re.findall(rf'href="({re.escape(draft)}/pieces-jointes/[^"/]+)"', page)
    shown = page.encode() + (await desk.http.get(file)).content
    for path in (ANSWERS, VIEWS, letter):
        shown += (await desk.read(path))[1].encode()
    shown += b"".join(await desk.read_files(letter))
    theirs = (each for place in ("note", "draft", "models", "letter") for each in who[place].canaries)
    return {each.label for each in theirs if each.value.encode() in shown}


async def case_of_letter(desk: Desk, who: Person) -> str:
    """Return the case that a letter opened."""
    return await until(lambda: desk.case_of(who.subject.value), "the case of the letter")


async def _taken(desk: Desk, path: str, form: dict[str, str]) -> None:
    answer = await desk.post(path, form)
    assert answer.status_code == 303, (path, answer.status_code)
    desk.led_to.append(answer.headers["Location"])
