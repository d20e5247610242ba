"""An agent finds a message by its words moments after it came, and a colleague of another sector does not."""

import pytest

from guichet_local.stack import LocalStack
from guichet_testing.town.desk_client import DeskClient, signed_in
from guichet_testing.until import until

pytestmark = [pytest.mark.story, pytest.mark.real]

SUBJECT = "Nid-de-poule et ralentisseur avenue Haute"


async def looked_for(desk: DeskClient, typed: str) -> str:
    fields = await desk.hidden_fields("/recherche")
    there = await desk.post("/recherche", {"form_token": fields["form_token"], "q": typed})
    _, page = await desk.read(there.headers["location"])
    return page


async def test_a_message_is_found_by_its_words_within_moments(guichet: LocalStack, sandbox) -> None:
    await sandbox.send_mail("amina-benali", SUBJECT, "Bonjour, le coussin berlinois s’est détaché, au 3 rue des Lilas.")
    async with signed_in(guichet, "karim.haddad") as karim, signed_in(guichet, "fatou.diallo") as fatou:

        async def is_found() -> bool:
            return "ralentisseur avenue Haute" in await looked_for(karim, "coussins berlinois de:amina")

        await until(is_found, "the message is found")
        page = await looked_for(karim, "objet:ralentisseurs")
        assert "<mark>ralentisseur</mark> avenue Haute" in page
        assert "se reconstruit" not in page
        assert "ralentisseur avenue Haute" in await looked_for(karim, 'lieu:"rue des lil" canal:email')
        assert "coussin" not in await looked_for(fatou, "berlinois")
        assert "coussin" not in await looked_for(fatou, "lieu:lilas")
        assert "avenue Haute" not in await looked_for(fatou, "ralentisseur")
