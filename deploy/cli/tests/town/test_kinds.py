"""Kinds of answer: what is taken, in which form it is kept, and that a refusal says what to do."""

from collections.abc import Callable

import pytest

from guichet_cli.town.questions.kinds import (
    amount,
    day,
    host,
    mailbox,
    of_form,
    one_of,
    optional,
    port,
    public_address,
    several,
    telephone,
    yes_or_no,
)
from guichet_cli.town.questions.question import RefusedError, as_typed

departments = one_of(["État civil", "Voirie"])


@pytest.mark.parametrize(
    ("read", "typed", "kept"),
    [
        (mailbox, "Contact@Mairie.Example", "contact@mairie.example"),
        (telephone, "01 99 00 12 00", "01 99 00 12 00"),
        (yes_or_no, "O", "oui"),
        (yes_or_no, "no", "non"),
        (day, "1/12/2026", "2026-12-01"),
        (day, "2026-12-01", "2026-12-01"),
        (public_address, "https://guichet.mairie.example/", "https://guichet.mairie.example"),
        (public_address, "http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        (host, "IMAP.mairie.example", "imap.mairie.example"),
        (host, "2001:db8::1", "2001:db8::1"),
        (port, "587", "587"),
        (amount, "49,90", "49.90"),
        (optional(host), "", ""),
        (optional(host), "Aucun", ""),
        (departments, "etat CIVIL", "État civil"),
        (several(departments), "voirie ; état civil; Voirie", "Voirie; État civil"),
        (several(as_typed), "Sports, culture; Voirie", "Sports, culture; Voirie"),
        (several(as_typed), "Sports, culture;", "Sports, culture;"),
        (of_form(r"\+[1-9][0-9]{6,14}"), "+33 6.39-98 00 01", "+33639980001"),
    ],
)
def test_an_answer_is_kept_in_one_form(read: Callable[[str], str], typed: str, kept: str) -> None:
    assert read(typed) == kept


@pytest.mark.parametrize(
    ("read", "typed", "what_to_do"),
    [
        (mailbox, "contact at mairie", "écrivez-la comme contact@mairie.example"),
        (telephone, "douze", "écrivez-le comme 01 99 00 12 00"),
        (yes_or_no, "peut-être", "Répondez oui ou non"),
        (day, "demain", "écrivez-la comme 2026-12-01"),
        (day, "31/02/2026", "écrivez-la comme 2026-12-01"),
        (public_address, "http://guichet.mairie.example", "écrivez-la comme https://"),
        (public_address, "guichet", "écrivez-la comme https://"),
        (host, "imap mairie", "écrivez-le comme imap.mairie.example"),
        (port, "0", "de 1 à 65535"),
        (amount, "beaucoup", "écrivez-le comme 200 ou 49,90"),
        (departments, "Sports", "choisissez : État civil, Voirie"),
        (several(departments), " ; ", "au moins un"),
        (several(as_typed), "Accueil, CCAS, Voirie", "séparez-les par des points-virgules"),
        (several(mailbox), "a@mairie.example, b@mairie.example", "séparez-les par des points-virgules"),
        (of_form("AC[0-9a-f]{32}"), "AC12", "recopiez-le"),
    ],
)
def test_a_refusal_says_what_to_do(read: Callable[[str], str], typed: str, what_to_do: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(typed)
    assert what_to_do in refused.value.words.fr
    assert refused.value.words.en != refused.value.words.fr
