"""What a town's operator reads is French: every sentence of the town's files, of mail and of the accounts has its own."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from guichet_cli.console.french.catalogue import in_french
from guichet_cli.console.french.catalogue import sentences as known_sentences

ROOT: Final = Path(__file__).parents[4]
MAIL: Final = "shared/channels/mail/guichet_mail"
SAYING: Final = (
    *(
        f"shared/guichet/town/{name}"
        for name in ("yaml_file.py", "checks.py", "costs.py", "values.py", "organisation.py")
    ),
    *(f"shared/guichet/town/{name}" for name in ("opening_hours.py", "quiet_hours.py")),
    *(
        f"shared/guichet/town/{name}"
        for name in ("load_templates.py", "template_files.py", "third_parties.py", "own_accounts.py")
    ),
    *(f"{MAIL}/{name}" for name in ("mail_file.py", "account_values.py", "imap_secrets.py", "mailboxes_told.py")),
    *(f"{MAIL}/receive/imap/{name}.py" for name in ("connection/errors", "connection/session", "connection/mailbox")),
    *(f"{MAIL}/receive/imap/{name}.py" for name in ("connection/folder", "connection/trust", "oauth/token_endpoint")),
    *(f"{MAIL}/receive/imap/trial/{name}.py" for name in ("check", "due", "folders", "preview", "trial")),
    *(f"{MAIL}/send/check.py", "shared/channels/twilio/guichet_twilio/check.py"),
    "shared/channels/telegram/guichet_telegram/check.py",
)
# Parts of sentences, which stand there whole; and what is no sentence.
PARTS: Final = frozenset(
    {
        "« {} » is not let in {}",
        ": see user, password or token.",
        " and {} more",
        ", the oldest of {}, the newest of {}",
        "{}: {} mails since {} in {}, {}{}.",
        "{}: no mail since {} in {}.",
        "{}: the mailbox does not answer in time.{}",
        "{}: nothing came of it within {} s.{}",
        "leave, flag, { flag: \\Seen } or { move: Traités }",
        "its signature or its sender",
    }
)


def sentences(path: Path) -> Iterator[str]:
    """Yield each text of some words in a file's code, with places for what is put in; docstrings are none."""
    tree = ast.parse(path.read_text("utf-8"))
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in inner | alone:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if text.count(" ") >= 3 and any(letter.isalpha() for letter in text):
            yield text


@pytest.mark.parametrize("file", SAYING)
def test_every_sentence_has_its_french(file: str) -> None:
    known = {each.strip() for each in known_sentences()}
    assert [each for each in sentences(ROOT / file) if each.strip() not in known and each not in PARTS] == []


@pytest.mark.parametrize("english", known_sentences())
def test_a_sentence_is_found_again_with_what_it_names(english: str) -> None:
    names = [f"nom-{nth}" for nth in range(english.count("{}"))]
    said = english
    for name in names:
        said = said.replace("{}", name, 1)
    french = in_french(said)
    assert french != said
    assert all(name in french for name in names if "{0:.0}" not in known_sentences()[english])


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "town/mail.yaml:2: imap.contact.since: this field is missing: the first day whose mail is taken in, such as"
            " 2026-12-01.",
            "town/mail.yaml:2: imap.contact.since: ce champ manque : le premier jour dont les courriels sont repris,"
            " comme 2026-12-01.",
        ),
        (
            "contact: 127.0.0.1:993 takes no connection (Connection refused).",
            "contact: 127.0.0.1:993 ne prend pas la connexion (connexion refusée).",
        ),
        (
            "voirie: ok: imap.x:993, INBOX has 3 mails, since 2026-12-01: 2 mails, for a@x.example; afterwards they are"
            " left as they are.",
            "voirie: ok : imap.x:993, INBOX contient 3 courriels, depuis le 2026-12-01 : 2 courriels, pour a@x.example ;"
            " ensuite ils sont laissés tels quels.",
        ),
        (
            "contact: « c@x » is not let in (AUTHENTICATIONFAILED): see user, password or token. What opens it is the"
            " variable GUICHET_IMAP_CONTACT_PASSWORD.",
            "contact: « c@x » n’est pas admis (AUTHENTICATIONFAILED) : voyez user, mot de passe ou jeton. Ce qui l’ouvre"
            " est la variable GUICHET_IMAP_CONTACT_PASSWORD.",
        ),
        (
            "t/agents.yaml:3: agents.0.name: Input should be a valid string (found 7).",
            "t/agents.yaml:3: agents.0.name: un texte est attendu (trouvé : 7).",
        ),
        ("A pigeon has no feathers.", "A pigeon has no feathers."),
    ],
)
def test_where_and_whose_stay_before_it(english: str, french: str) -> None:
    assert in_french(english) == french
