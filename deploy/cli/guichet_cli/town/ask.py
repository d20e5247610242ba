"""Ask a person at a terminal, one thing at a time, until what they type is an answer."""

import typer

from guichet.contracts.channels import Words
from guichet_cli.console.language import Language, words
from guichet_cli.console.prompt import prompt
from guichet_cli.town.answers import Answers
from guichet_cli.town.questions.question import Question, RefusedError

BACK = "<"


class Asker:
    """Speaks one language."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang

    def begin(self, answers: Answers) -> None:
        """Say how it goes, and what was found of before."""
        self._say(
            "Une question à la fois ; Entrée prend la réponse entre crochets, « < » revient à la question précédente. "
            f"Chaque réponse est gardée aussitôt dans {answers.file} : vous pouvez vous arrêter (Ctrl-C) et reprendre.",
            "One question at a time; Enter takes the answer in brackets, `<` goes back to the question before. "
            f"Each answer is kept at once in {answers.file}: you may stop (Ctrl-C) and go on later.",
        )
        if found := len(answers.given):
            self._say(
                f"{found} réponses de la dernière fois y sont : on reprend où elles s’arrêtent.",
                f"{found} answers of last time are there: it goes on where they end.",
            )

    def ask(self, question: Question, *, may_go_back: bool) -> str | None:
        """Return the answer, in the form in which it is kept; None: back to the question before."""
        while True:
            typed = self._typed(question)
            if typed == BACK and may_go_back:
                return None
            try:
                return question.read(typed) if typed or question.is_optional else _missing()
            except RefusedError as refused:
                typer.echo(f"  {self._lang.of(refused.words)}", err=True)

    def stop(self, answers: Answers) -> None:
        """Say that nothing is lost."""
        typer.echo()
        self._say(
            f"Vos réponses sont gardées dans {answers.file}. La même commande reprend où vous en êtes.",
            f"Your answers are kept in {answers.file}. The same command goes on where you are.",
        )

    def _typed(self, question: Question) -> str:
        hint = _hint(question)
        asked = f"\n{self._lang.of(question.asks)}{f' [{self._lang.of(hint)}]' if hint else ''}"
        is_secret = question.variable is not None
        typed = prompt(
            asked, default=question.default or "", show_default=False, hide_input=is_secret, prompt_suffix=" : "
        )
        return typed.strip() if is_secret else " ".join(typed.split())

    def _say(self, fr: str, en: str) -> None:
        typer.echo(self._lang.of(words(fr, en)))


def _hint(question: Question) -> Words | None:
    """What Enter means; None: nothing, an answer is needed."""
    if question.variable is not None and question.default is None:
        return words("invisible ; Entrée : plus tard", "not shown; Enter: later")
    if question.variable is not None:
        return words("invisible ; Entrée : un mot tiré au hasard", "not shown; Enter: one that is made up")
    if question.default == "":
        return words("rien", "nothing")
    return Words(fr=question.default, en=question.default) if question.default else None


def _missing() -> str:
    raise RefusedError("Il faut une réponse ici.", "An answer is needed here.")
