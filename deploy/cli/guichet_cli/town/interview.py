"""Go through the questions of a town: with a person who answers, or with a file that was written by hand."""

import os
from collections import deque
from collections.abc import Iterator
from itertools import takewhile

import typer

from guichet.contracts.channels import KnownChannels
from guichet.errors import SettingsError
from guichet.law.calendar import PARIS
from guichet_cli.console.command import operators_now
from guichet_cli.console.language import Language, words
from guichet_cli.town.answers import Answers
from guichet_cli.town.ask import Asker
from guichet_cli.town.questions.order import questions
from guichet_cli.town.questions.question import Question, RefusedError


class Interview:
    """One town's."""

    def __init__(self, answers: Answers, known: KnownChannels, lang: Language) -> None:
        self._answers = answers
        self._known = known
        self._lang = lang

    def order(self) -> Iterator[Question]:
        """Yield the questions; each must be answered before the next one is asked for."""
        return questions(self._answers.given, self._known, operators_now().astimezone(PARIS).date())

    def ask_all(self) -> None:
        """Ask what was not answered yet; each answer is kept at once."""
        asker = Asker(self._lang)
        asker.begin(self._answers)
        try:
            while (question := self._next()) is not None:
                before = self._before(question)
                answer = asker.ask(question, may_go_back=before is not None)
                if answer is not None:
                    self._answers.keep(question, answer)
                elif before is not None:
                    self._answers.forget(before)
        except (typer.Abort, EOFError):
            asker.stop(self._answers)
            raise typer.Exit(1) from None

    def read_all(self) -> None:
        """Take what the file says, and what counts unasked. Raises SettingsError with a line per mistake."""
        mistakes, asked = [], list[Question]()
        for question in self.order():
            asked.append(question)
            try:
                self._answers.take(question, self._said(question))
            except RefusedError as refused:
                mistakes.append(f"{self._answers.file}: {question.name}: {self._lang.of(refused.words)}")
                if question.default is None:
                    break  # what is asked next may depend on it
                self._answers.take(question, question.default)
        else:
            mistakes += map(self._no_such, self._answers.unknown(asked))
        if mistakes:
            raise SettingsError("\n".join(mistakes))

    def _next(self) -> Question | None:
        return next((each for each in self.order() if not self._answers.has(each)), None)

    def _before(self, question: Question) -> Question | None:
        """Return the question before, whether it was answered now or last time."""
        asked = takewhile(lambda each: each.name != question.name, self.order())
        return next(iter(deque(asked, maxlen=1)), None)

    def _said(self, question: Question) -> str:
        if question.variable is not None:
            known = self._answers.secrets.get(question.variable) or os.environ.get(question.variable)
            return known or question.default or ""
        said = self._answers.given.get(question.name) or question.default
        if said is None:
            raise RefusedError(
                f"« {question.asks.fr} » : il manque la réponse ; ajoutez la ligne « {question.name}: … ».",
                f"“{question.asks.en}”: the answer is missing; add the line `{question.name}: …`.",
            )
        return question.read(said)

    def _no_such(self, name: str) -> str:
        said = words(
            "aucune question n’a ce nom, ou elle n’est pas posée avec ces réponses ; corrigez-le ou ôtez la ligne.",
            "no question has this name, or none that is asked with these answers; correct it or take the line out.",
        )
        return f"{self._answers.file}: {name}: {self._lang.of(said)}"
