"""Pages in French and in English: Jinja templates written in French, and a catalogue that translates their words.

A service has `templates/` and `catalogue/en.yaml` (French → English) beside its code. French needs no catalogue, and a
word that nobody has translated is shown in French; a test of each service finds it (`untranslated`). A word that the
catalogue translates twice is a SettingsError.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.visitor import NodeTransformer
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.french.phone_numbers import spaced_number
from guichet.town.long_dates import long_date, weekday_and_date
from guichet.town.yaml_file import read_yaml
from guichet.web.local_time import clock_time, short_age, short_date
from guichet.web.static_files import TYPEFACE, find_static, static_names

FRENCH, ENGLISH = "fr", "en"
LANGUAGES: Mapping[str, str] = {FRENCH: "Français", ENGLISH: "English"}
_SINGULAR: Mapping[str, Collection[int]] = {FRENCH: (0, 1), ENGLISH: (1,)}
LANGUAGE_COOKIE = "langue"
_A_YEAR_S = 365 * 24 * 3600


class _Compiled(jinja2.BytecodeCache):
    """What a process has compiled of one language."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Let Jinja skip the compiling, where that was done."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja compiled."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED = {language: _Compiled() for language in LANGUAGES}
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class _AtTheMargin(Extension):
    """Templates are indented for who reads them; what is indented on no screen need not be sent."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  Jinja's
        """Return a template whose lines begin at the margin."""
        return _INDENTATION.sub("", source)


class _InWords(NodeTransformer):
    """Puts words without variables into the code, as they are said in one language: a page says hundreds of them."""

    def __init__(self, gettext: Callable[[str], str]) -> None:
        self._gettext = gettext

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  Jinja's
        """Return what a call of `_` says, where nothing of it is known only later."""
        self.generic_visit(node)
        match node.node, node.args, (node.kwargs, node.dyn_args, node.dyn_kwargs):
            case nodes.Name(name="_"), [nodes.Const(value=str(words))], ([], None, None):
                return nodes.MarkSafe(nodes.Const(self._gettext(words) % {}))
        return node


class _Environment(jinja2.Environment):
    """The templates in one language."""

    def __init__(self, gettext: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)
        self._words = _InWords(gettext)

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        """Return a template's code. Jinja documents it as a hook."""
        return super()._generate(self._words.visit(source), *args, **kwargs)


class Templates:
    """The templates of one service. `folder` holds templates/, catalogue/ and static/."""

    def __init__(self, folder: Path, **everywhere: Any) -> None:
        """everywhere: values that every page may use, such as the town's name."""
        self._folder = folder
        self._environments = {language: self._environment(language, everywhere) for language in LANGUAGES}

    def render(self, template: str, language: str = FRENCH, **values: Any) -> str:
        """Return a page. A variable that the template names and nobody gave is an error, never a blank."""
        return self._environments[language].get_template(template).render(**values)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page in the language that its reader chose, who is remembered to have chosen it."""
        response = HTMLResponse(self.render(template, language_of(request), **values), status)
        remember_language(request, response)
        return response

    def untranslated(self) -> set[str]:
        """Return the words in templates that the English catalogue lacks."""
        environment, known = self._environments[FRENCH], _catalogue(self._folder, ENGLISH)
        found: set[str] = set()
        for path in sorted((self._folder / "templates").rglob("*.html")):
            for _line, _function, words in environment.extract_translations(path.read_text("utf-8")):  # type: ignore[attr-defined]
                found |= {word for word in (words if isinstance(words, tuple) else (words,)) if word}
        return found - set(known)

    def _environment(self, language: str, everywhere: Mapping[str, Any]) -> jinja2.Environment:
        words = _catalogue(self._folder, language)

        def gettext(message: str) -> str:
            said = words.get(message, message)
            return with_no_break_spaces(said) if language == FRENCH else said

        def ngettext(one: str, many: str, count: int) -> str:
            return gettext(one if count in _SINGULAR[language] else many)

        environment = _Environment(
            gettext,
            loader=jinja2.FileSystemLoader(self._folder / "templates"),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", _AtTheMargin],
            bytecode_cache=_COMPILED[language],
            auto_reload=False,  # a page takes thirty templates; to ask of each whether it changed takes a millisecond
        )
        environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        environment.filters |= {
            "short_date": short_date,
            "clock_time": clock_time,
            "long_date": lambda at: long_date(at, language),
            "weekday_date": lambda day: weekday_and_date(day, language),
            "spaced_number": spaced_number,
            "age": lambda at, now: short_age(at, now, language),
            "minute": lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}",  # as an attribute tells a time, in few bytes
        }
        environment.globals |= {
            "asset": self.asset,
            "version": self.version,
            "typeface": f"/static/{TYPEFACE}",
            "language": language,
            "languages": LANGUAGES,
            **everywhere,
        }
        return environment

    def asset(self, name: str) -> str:
        """Return the address of a static file; it changes with the content, so that browsers may keep it for good."""
        return _address(self._folder, name)

    @property
    def version(self) -> str:
        """Return what changes with any static file: by it an open page knows that it is of another version."""
        return _version(self._folder)


@cache
def _catalogue(folder: Path, language: str) -> Mapping[str, str]:
    path = folder / "catalogue" / f"{language}.yaml"
    return read_yaml(path).content if path.exists() else {}


@cache
def _address(folder: Path, name: str) -> str:
    digest = hashlib.sha256(find_static(folder, name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@cache
def _version(folder: Path) -> str:
    addresses = [_address(folder, name) for name in static_names(folder)]
    return hashlib.sha256(" ".join(addresses).encode()).hexdigest()[:12]


def language_of(request: Request) -> str:
    """Return the language the reader chose (`?langue=en`, then a cookie); French unless they chose."""
    asked = request.query_params.get("langue") or request.cookies.get(LANGUAGE_COOKIE, "")
    return asked if asked in LANGUAGES else FRENCH


def remember_language(request: Request, response: Response) -> None:
    """Keep a choice made by `?langue=` for later pages."""
    asked = request.query_params.get("langue", "")
    if asked in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, asked, max_age=_A_YEAR_S, httponly=True, samesite="lax")
