"""What an agent does with the citizens' cases: reads all of it, answers, hands over, and types where one should not."""

import re
from typing import Final

from guichet_canary.writing import desk_texts, questions
from guichet_canary.writing.desk import Desk
from guichet_canary.writing.planting import CASES, Cast
from guichet_testing.town.misbehaving.stumbling_notifier import CRASH, STUMBLE
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S, until

AGENT: Final = "helene.vasseur"
_WITH_SUBJECT: Final = frozenset({"mail", "form", "notifier", "crash", "refused", "registry"})


async def work_at_the_desk(desk: Desk, sandbox: SandboxClient, who: Cast) -> set[str]:
    """Do it, and return the labels of the canaries that were seen to arrive, in clear, with whom they were for."""
    paths = {place: await _path_of(desk, who, place) for place in CASES}
    seen: set[str] = set()
    for place, path in paths.items():
        _, page = await desk.read(path)
        shown = page.encode() + b"".join(await desk.read_files(path))
        seen |= {each.label for each in who[place].canaries if each.value.encode() in shown}
    seen |= await _look_at_suspended_mail(desk, who)
    await _decide(desk, who, paths)
    asked, phone = who["question"], who["registry 2"].phone.value
    seen |= await questions.ask_and_be_answered(desk, sandbox, asked, paths["registry 2"], phone)
    stranger = who["stranger"]
    await desk.look_for([stranger.phone.value, stranger.name.value, stranger.email.value])
    letter = await desk_texts.case_of_letter(desk, who["letter"])
    seen |= await desk_texts.seen_of_texts(desk, who, paths["registry"], letter)
    return seen | await _answers_that_came(desk, sandbox, who, paths)


async def _look_at_suspended_mail(desk: Desk, who: Cast) -> set[str]:
    """Open what a filter held back, with its files, and confirm that it is spam."""

    async def path() -> str | None:
        _, page = await desk.read("/courriels-suspendus")
        found = re.search(r'href="(/courriels-suspendus/[0-9a-f]{32})"', page)
        return found[1] if found and who["suspended"].subject.value in page else None

    there = await until(path, "the suspended mail")
    _, page = await desk.read(there)
    shown = page.encode() + b"".join(await desk.read_files(there))
    await desk.send(there, "indesirable")
    return {each.label for each in who["suspended"].canaries if each.value.encode() in shown}


async def _decide(desk: Desk, who: Cast, paths: dict[str, str]) -> None:
    answer = who["answer"]
    await desk_texts.take_letters_down(desk, who)
    text = f"{answer.text.value} {answer.name.value} {answer.phone.value}"
    await desk.attach(paths["form"], answer.file_name.value, desk_texts.PDF + answer.file_text.value.encode(), text)
    await desk.send(paths["form"], "reponse", text=text)
    await desk.send(paths["sms"], "reponse", text=answer.subject.value)
    await desk.send(paths["notifier"], "reponse", text=f"{who['notifier'].address.value} {STUMBLE}")
    await desk.send(paths["crash"], "reponse", text=f"{who['crash'].address.value} {CRASH}")
    why = f"{answer.subject.value} {who['mail'].name.value}"
    await desk.send(paths["mail"], "abus", ground="repeated", abuse_reason=why, sure="oui")
    await desk.send(paths["mail"], "notes", note=answer.email.value)
    await desk_texts.write_notes(desk, who["note"], paths["registry"])
    await desk_texts.draft_with_a_file(desk, who["draft"], paths["registry"])
    await desk_texts.keep_models(desk, who["models"])
    await desk_texts.type_what_no_field_is_for(desk, who["models"])
    await desk_texts.say_who_is_on_call(desk, who["models"])
    await desk.send(paths["mail"], "brouillon", text=f"{answer.name.value} {answer.email.value}")
    many = await desk.take_many((paths["form"], paths["sms"]), f"{answer.name.value} {answer.phone.value}")

    async def is_done() -> bool:
        _, page = await desk.read(many)
        return "Terminé" in page

    await until(is_done, "what is done with many cases")
    await desk.send(paths["mail"], "transmission", department="voirie", reason=answer.address.value)


async def _answers_that_came(desk: Desk, sandbox: SandboxClient, who: Cast, paths: dict[str, str]) -> set[str]:
    answer = who["answer"]
    to_a_colleague = f"{desk_texts.COLLEAGUE_S_NAME}@mairie.example"
    await sandbox.wait_for_mail(address=to_a_colleague, timeout=PATIENCE_S)  # of the note that speaks to them
    mail = await sandbox.wait_for_mail(
        address=who["form"].email.value, containing=answer.text.value, timeout=PATIENCE_S
    )
    sms = await sandbox.wait_for_sms(
        address=who["sms"].phone.value, containing=answer.subject.value, timeout=PATIENCE_S
    )

    async def reason() -> str | None:
        _, page = await desk.read(paths["mail"])
        return page if answer.address.value in page and answer.email.value in page else None

    words = mail.text + sms.text + await until(reason, "the note and the reason of the handing-over")
    shown = "".join((words, *(file.name for file in mail.attachments))).encode()
    shown += b"".join(await desk.read_files(paths["form"]))
    return {each.label for each in answer.canaries if each.value.encode() in shown}


async def _path_of(desk: Desk, who: Cast, place: str) -> str:
    """Find a case in the list by its subject, or by its first words where the channel has none."""
    words = who[place].subject.value if place in _WITH_SUBJECT else who[place].text.value
    return await until(lambda: desk.case_of(words), f"the case of {place}")
