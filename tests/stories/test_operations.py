"""Operations: what waits is seen, what fails is put aside, told, mended and played again."""

import asyncio
import re
import subprocess
import sys

import httpx
import pytest
from playwright.async_api import expect

from guichet_testing.real.kafka_tools import describe_group_command, lags_in
from guichet_testing.town import commands
from guichet_testing.until import PATIENCE_S, until

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)]
ON_CALL = "astreinte@mairie.example"


async def standing(guichet, topic: str) -> dict:
    async with httpx.AsyncClient(trust_env=False) as http:
        overview = (await http.get(f"{guichet.addresses['ops-console']}/api/overview")).json()
    return next(each for each in overview["topics"] if each["topic"] == topic)


async def lag_of_the_router(guichet, topic: str) -> dict:
    return next(group for group in (await standing(guichet, topic))["groups"] if group["group"] == "case-router")


async def test_fifty_messages_wait_for_a_stopped_router_and_everybody_says_so(
    sandbox, guichet, new_page, kafka_installation
):
    guichet.stop("case-router")
    await asyncio.gather(
        *(sandbox.send_sms("amina-benali", f"/nouvelle Un caniveau bouché, le {n}") for n in range(50))
    )

    async def fifty_wait() -> dict | None:
        lag = await lag_of_the_router(guichet, "inbound-sms")
        return lag if lag["lag_records"] == 50 else None

    seen = await until(fifty_wait, "fifty wait")
    async with httpx.AsyncClient(trust_env=False) as http:
        metrics = (await http.get(f"{guichet.addresses['ops-console-health']}/metrics")).text
    assert re.search(r'guichet_lag_records{group="case-router",topic="inbound-sms"} 50\.0', metrics)
    assert re.search(r"case-router\D+50\b", commands.guichet(guichet, "top", "--once"))

    servers, signs_in = (
        guichet.kafka_admin.kafka_bootstrap_servers,
        guichet.folder / "secrets" / "kafka-admin.properties",
    )
    judge = describe_group_command(kafka_installation, servers, "case-router", signs_in)
    report = subprocess.run(judge, capture_output=True, text=True, check=True).stdout
    assert sum(lag for (topic, _), lag in lags_in(report).items() if topic == "inbound-sms") == 50

    page = await new_page()
    await page.goto(guichet.addresses["ops-console"])
    await expect(page.get_by_role("row").filter(has_text="inbound-sms").first).to_contain_text("50")

    async def they_grow_older() -> bool:
        older = await lag_of_the_router(guichet, "inbound-sms")
        return bool(older["oldest_unhandled_s"] > seen["oldest_unhandled_s"])

    await until(they_grow_older, "they grow older")  # the console looks every two seconds

    guichet.start("case-router")

    async def none_waits() -> bool:
        return (await lag_of_the_router(guichet, "inbound-sms"))["lag_records"] == 0

    await until(none_waits, "none waits")

    async def each_has_its_receipt() -> bool:
        seen = await sandbox.entries("amina-benali")
        return len([each for each in seen if (each.direction, each.channel) == ("received", "sms")]) == 50

    await until(each_has_its_receipt, "each has its receipt")  # ten a second, as the town's number may


async def test_a_poison_message_is_put_aside_told_mended_and_becomes_one_case(sandbox, guichet, sign_in, tmp_path):
    guichet.stop("case-router")
    buggy = subprocess.Popen(
        [sys.executable, "-m", "guichet_testing.town.misbehaving.stumbling_router", "trottinette"],
        env=guichet.environment_of("case-router"),
        stderr=(tmp_path / "buggy.log").open("wb"),
    )
    try:
        await sandbox.send_mail("amina-benali", "Trottoir", "Une trottinette encombre le trottoir.")
        await sandbox.send_mail("thomas-lefevre", "Chaussée", "Un trou dans la chaussée.")
        healthy = await sandbox.wait_for_mail("thomas-lefevre")  # the others go on
        assert healthy.header("Auto-Submitted") == "auto-replied"

        async def one_dead_letter() -> list | None:
            return (await standing(guichet, "inbound-email"))["dead_letters"] or None

        [letter] = await until(one_dead_letter, "one dead letter")
        assert (letter["group"], letter["reason"], letter["count"]) == ("case-router", "bug", 1)
        # That the router is gone they are told as well.
        notice = await sandbox.wait_for_mail(address=ON_CALL, containing="inbound-email")
        assert "trottinette" not in notice.text
        assert b"trottinette" not in (tmp_path / "buggy.log").read_bytes()
    finally:
        buggy.terminate()
        ended = buggy.wait(PATIENCE_S)
        guichet.start("case-router")  # the fix is deployed
    assert ended == 0
    assert "bug" in commands.guichet(guichet, "dead-letters", "list")
    told = commands.guichet(guichet, "dead-letters", "replay", "--all", "--reason", "mended in 1.2.3")
    assert "replayed to case-router" in told

    await sandbox.wait_for_mail("amina-benali")
    desk = await sign_in("karim.haddad")
    await expect(desk.get_by_role("row").filter(has_text="Amina Benali").filter(has_text="Trottoir")).to_have_count(1)

    async def none_is_open() -> bool:
        return not (await standing(guichet, "inbound-email"))["dead_letters"]

    await until(none_is_open, "none is open")
    assert "No dead letter waits" in commands.guichet(guichet, "dead-letters", "list")
