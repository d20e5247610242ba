"""Files go with what is submitted, and who signs sees what they sign."""

import re
from dataclasses import replace

import pytest

from guichet.store.audit.trail import Act
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.answers_to_sign import (
    DRAFTER,
    SHOWN,
    SIGNER,
    TEXT,
    draft_in,
    here,
)
from guichet_testing.doors.desk_on_twins import TownHall


class TestFilesOfWhatWaits:
    """Files go with what is submitted, and who signs sees what they sign."""

    @pytest.fixture
    def pdf(self, drafter, lamp, fields):
        async def attach() -> str:
            """Attach a file to the drafter's answer; return where its page leads to see it."""
            form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
            files = [("files", ("plan <a>.pdf", b"%PDF the plan"))]
            assert (await drafter.post(here(lamp, "pieces-jointes"), data=form, files=files)).status_code == 303
            [at] = re.findall(r'href="([^"]*/pieces-jointes/[^"]*)"', (await drafter.get(here(lamp))).text)
            return at

        return attach

    async def test_its_author_and_who_signs_look_at_it_and_nobody_else(
        self, drafter, signer, sign_in, hall, cases, lamp, submit, pdf
    ):
        at = await pdf()
        assert (await drafter.get(at)).content == b"%PDF the plan"
        assert (await signer.get(at)).status_code == 404, "nobody has submitted it"
        await submit()
        assert f'href="{at}"' in (await signer.get(here(lamp))).text
        got = await signer.get(at)
        assert (got.content, got.headers["content-type"]) == (b"%PDF the plan", "application/pdf")
        assert "plan%20" in got.headers["content-disposition"]
        file_id = at.rpartition("/")[2]
        reads = [each for each in hall.audit.entries if each.act is Act.READ and file_id in each.things]
        assert [(each.agent, each.things[0]) for each in reads] == [(DRAFTER, lamp.case_id), (SIGNER, lamp.case_id)]
        for name, status in (("signs-unwritten", 403), ("reads-alone", 403)):
            assert (await (await sign_in(name)).get(at)).status_code == status
        assert (await signer.get(here(lamp, "pieces-jointes", "0" * 32))).status_code == 404
        assert (await signer.get(here(cases["hole"], "pieces-jointes", file_id))).status_code == 404


class TestInASensitiveService:
    @pytest.fixture
    def hall(self) -> TownHall:
        town = profiled_town()
        sensitive = {name: each.model_copy(update={"sensitive": True}) for name, each in town.sectors.items()}
        return TownHall(town=replace(town, sectors=sensitive))

    async def test_nothing_with_a_file_is_submitted_that_its_channel_carries_not(
        self, drafter, hall, lamp, fields, submit
    ):
        """As where the case has gone to such a service since the file was attached."""
        form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
        await drafter.post(here(lamp, "pieces-jointes"), data=form, files=[("files", ("plan.png", b"PNG"))])
        _, answer = await submit()
        assert (answer.status_code, draft_in(hall, lamp).to_sign) == (422, None)
        assert "ce canal ne porte aucun fichier" in answer.text
        assert SHOWN in answer.text
