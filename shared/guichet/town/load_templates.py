"""Read the town's templates and prove each by rendering it: what would fail a citizen fails the start instead."""

from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2 import meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from guichet.contracts.channels import KnownChannels
from guichet.errors import SettingsError
from guichet.french.basic_letters import in_basic_letters
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.french.prepositions import of_town
from guichet.ids import ProcedureId
from guichet.town.mentions import missing_mentions, says_too_much
from guichet.town.template_files import beneath, file_of, own_files, places, translations
from guichet.town.texts import (
    TEMPLATES,
    AbuseValues,
    AcknowledgementValues,
    GatheredAcknowledgements,
    GatheredValues,
    ReceiptValues,
    ReplyValues,
    Texts,
    TextTemplate,
    V,
    Values,
    named,
)
from guichet.town.town_texts import Place, TownTexts

_DIGITS: Final = 8  # of a version: a town's texts change some hundred times at most
_OF_EACH: Final = ("reference", "received_time")

_OF_NOTICES: Final = {
    "closed_mail": ("reopens_until",),
    "closing_mail": ("reopens_until",),
    "new_link_mail": ("follow_url",),
    "new_link_short": ("follow_url",),
    "question_mail": ("question_url", "until_on"),
    "question_short": ("question_url",),
}


def load_texts(
    folder: Path, samples: Mapping[str, Sequence[Any]], channels: KnownChannels, procedures: Collection[ProcedureId]
) -> TownTexts:
    """Read every template and render it with each of the samples, which go by what a template's name begins with.

    Raises SettingsError naming file and line for a syntax error or an unknown variable, naming what is left out for a
    receipt that would not say what it must, and for words that no letter would take.
    """
    own, reader = own_files(folder, channels, procedures), _TemplateReader(folder, samples)
    read = {path: reader.read(path) for files in own.values() for path in files.values()}
    base = {name: reader.read(file_of(folder, name)) for name in TEMPLATES}
    whole: dict[Place, Texts] = {}
    for place in places(own):
        layers = [{name: read[path] for name, path in own.get(below, {}).items()} for below in beneath(place)]
        whole[place] = Texts(**{name: template for layer in (base, *layers) for name, template in layer.items()})
    return TownTexts(Texts(**base), whole)


class _TemplateReader:
    """Plain text in a sandbox: a citizen reads “l'école”, not “l&#39;école”, and a template runs no code.

    A mail has the spaces of French print, at which no line ends before a colon. A short message has neither these nor
    curved apostrophes: an SMS would cost twice as much.
    """

    def __init__(self, folder: Path, samples: Mapping[str, Sequence[Any]]) -> None:
        self._folder, self._samples = folder, samples
        self._of_mails, self._of_short = _environment(of_town), _environment(_of_town_in_basic_letters)

    def read(self, path: Path) -> TextTemplate[Any]:
        """Return a template with its translations, which lie beside it; of these, what must be said is in French."""
        name, others = path.stem, translations(path)
        samples = self._samples[name.rpartition("_")[0]]
        translated = [self._compile(each, name, is_french=False) for each in others]
        template = self._compile(path, name, translated)
        for sample in samples:
            _prove(template, sample, name)
            for each in translated:
                _rendered(each, sample)
        return template

    def _compile(
        self, path: Path, name: str, translated: Sequence[TextTemplate[Any]] = (), *, is_french: bool = True
    ) -> TextTemplate[Any]:
        environment = self._of_short if name.endswith("_short") else self._of_mails
        try:
            text = path.read_text(encoding="utf-8")
            tree = environment.parse(with_no_break_spaces(text) if is_french and name.endswith("_mail") else text)
            names = meta.find_undeclared_variables(tree)
            code = environment.compile(tree, filename=str(path))
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(f"{path}: this template cannot be read ({exc}).") from exc
        except jinja2.TemplateSyntaxError as exc:
            raise SettingsError(f"{path}:{exc.lineno}: {exc.message}.") from exc
        compiled = jinja2.Template.from_code(environment, code, environment.make_globals(None))
        return TextTemplate(
            path, compiled, names, translated, name=self._name(path), version=_version(text, translated)
        )

    def _name(self, path: Path) -> str:
        inside = path.relative_to(self._folder) if path.is_relative_to(self._folder) else Path(path.name)
        return inside.with_suffix("").as_posix()


def _version(text: str, translated: Sequence[TextTemplate[Any]]) -> str:
    """Return what stands for the words of a template, and of its translations."""
    whole = "\0".join((text, *(each.version for each in translated)))
    return sha256(whole.encode()).hexdigest()[:_DIGITS]


def _environment(before_a_town: Callable[[str], str]) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["of_town"] = before_a_town
    return environment


def _of_town_in_basic_letters(name: str) -> str:
    return in_basic_letters(of_town(name))


def _rendered(template: TextTemplate[V], sample: V) -> str:
    """Return the French of a template, or the text of a translation. Raises SettingsError."""
    path = template.path
    try:
        text = template.in_french(sample)
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as exc:
        known = ", ".join(sorted(named(sample)))
        raise SettingsError(f"{path}:{_line_of(exc, path)}: {exc}. Known: {known}.") from exc
    if not text:
        raise SettingsError(f"{path}:1: the text is blank.")
    return text


def _prove(template: TextTemplate[V], sample: V, name: str) -> None:
    path, text = template.path, _rendered(template, sample)
    if missing := _missing(name, text, sample):
        raise SettingsError(f"{path}:1: the text leaves out {', '.join(missing)}, which it must say.")
    if isinstance(sample, AcknowledgementValues) and says_too_much(text, sample):
        raise SettingsError(
            f"{path}:1: the text says what silence means where `silence` is blank, and nobody knows it."
        )


def _missing(name: str, text: str, sample: Values) -> Sequence[str]:
    """Return what a text leaves out; of an acknowledgement, what the law asks for (docs/law.md 11)."""
    if isinstance(sample, AcknowledgementValues) and not name.endswith("_subject"):
        return missing_mentions(text, sample, is_mail=name.endswith("_mail"))
    return [mention for mention in _mentions(name, sample) if not _says(text, sample, mention)]


def _mentions(name: str, sample: Values) -> tuple[str, ...]:
    """Return what this text may not leave out: an AEE says when, which, who, where to look, what becomes of data.

    One that stands for several says of each when and which. A decision says what, why, until when, and whom to ask.
    """
    if isinstance(sample, GatheredAcknowledgements):
        return () if name.endswith("_subject") else tuple(f"letters.{nth}" for nth in range(len(sample.letters)))
    if isinstance(sample, GatheredValues):
        of_each = [f"receipts.{nth}.{word}" for nth in range(len(sample.receipts)) for word in _OF_EACH]
        return () if name.endswith("_subject") else (*of_each, "received_on", "privacy_url")
    if name.endswith("_subject"):
        return ("reference",)
    if isinstance(sample, AbuseValues):
        return ("reference", "reason", "until_on", "department.name", "department.postal_address", "privacy_url")
    if isinstance(sample, ReplyValues):
        return ("text", "reference", "follow_url") if sample.is_cut else ("text", "reference")
    if not isinstance(sample, ReceiptValues):
        return _OF_NOTICES.get(name, ())
    return ("received_on", "reference", "department.name", "follow_url", "privacy_url")


def _says(text: str, sample: Values, mention: str) -> bool:
    if isinstance(sample, GatheredValues) and mention.startswith("receipts."):
        _, nth, word = mention.split(".")
        return str(getattr(sample.receipts[int(nth)], word)) in text
    if isinstance(sample, GatheredAcknowledgements):
        return sample.letters[int(mention.removeprefix("letters."))] in text
    return str(attrgetter(mention)(sample)) in text


def _line_of(error: BaseException, path: Path) -> int:
    """Return the template's line in the traceback: Jinja maps its frames back to the file that it compiled."""
    line, frame = 1, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line
