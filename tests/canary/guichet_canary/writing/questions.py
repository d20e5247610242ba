"""An agent asks by a form; whoever has the link answers, wrongly first, and once too often."""

from guichet_canary.writing.cast import Person
from guichet_canary.writing.desk import Desk
from guichet_canary.writing.mails import file_of
from guichet_testing.town.asked_question import answer_by_form, ask_by_form
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S, until


async def ask_and_be_answered(desk: Desk, sandbox: SandboxClient, who: Person, path: str, phone: str) -> set[str]:
    """Do it in a case; return the labels of the canaries that the case then shows. phone: where the letter arrives."""
    await ask_by_form(desk, path, who.text.value, who.subject.value, own=who.name.value)
    letter = await sandbox.wait_for_sms(address=phone, containing="/question/", timeout=PATIENCE_S)
    link = next(each for each in letter.links if "/question/" in each)
    file = (who.file_name.value, file_of(who), "application/pdf")
    program = (f"{who.file_name.value}.exe", file_of(who), "application/pdf")
    sent = [
        (await answer_by_form(link, said, each, who.email.value)).status_code
        for said, each in ((who.address.value, program), (who.address.value, file), (who.chat.value, file))
    ]
    assert sent == [422, 303, 409], sent

    async def answered() -> str | None:
        _, page = await desk.read(path)
        return page if who.address.value in page else None

    shown = (await until(answered, "the answer to the question")).encode()
    shown += b"".join(await desk.read_files(path))
    return {each.label for each in who.canaries if each.value.encode() in shown}
