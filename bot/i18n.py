"""Languages: gettext catalogues read from `locales/<language>/LC_MESSAGES/gatehouse.po`.

The `.po` files are compiled in memory when a language is first used, so there is no build step to forget.
"""

import gettext
import io
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent.parent / "locales"
SOURCE = "en"


class CatalogueTranslator:
    """One language (`domain.actor.Translator`)."""

    def __init__(self, locale: str, catalogue: gettext.NullTranslations) -> None:
        self.locale, self._catalogue = locale, catalogue

    def __call__(self, message: str, /, **values: object) -> str:
        text = self._catalogue.gettext(message)
        return text.format(**values) if values else text

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        return self._catalogue.ngettext(singular, plural, n).format(n=n, **values)


@lru_cache
def _load(locale: str) -> CatalogueTranslator:
    path = LOCALES / locale / "LC_MESSAGES" / "gatehouse.po"
    if locale == SOURCE or not path.exists():
        return CatalogueTranslator(locale, gettext.NullTranslations())
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return CatalogueTranslator(locale, gettext.GNUTranslations(compiled))


def available() -> list[str]:
    """Languages that have a catalogue, English first."""
    return [SOURCE, *sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/gatehouse.po"))]


class Languages:
    """The languages this installation speaks."""

    def __init__(self, wanted: Iterable[str] = ("en", "ru")) -> None:
        self.codes = [code for code in dict.fromkeys((SOURCE, *wanted)) if code in available()]

    def translator(self, *preferences: str | None) -> CatalogueTranslator:
        """The first preferred language we speak (`pt-br` finds `pt_BR`, `de-AT` finds `de`), else English."""
        for preference in preferences:
            if preference and (code := self._match(preference)):
                return _load(code)
        return _load(SOURCE)

    def spoken(self) -> dict[str, CatalogueTranslator]:
        """All languages: code → translator."""
        return {code: self.translator(code) for code in self.codes}

    def own_name(self, code: str) -> str:
        """A language's name in itself, for the choice of languages."""
        try:
            return (Locale.parse(code).get_display_name(code) or code).capitalize()
        except (UnknownLocaleError, ValueError):
            return code

    def _match(self, preference: str) -> str | None:
        wanted = preference.replace("-", "_").lower()
        exact = {code.lower(): code for code in self.codes}
        if wanted in exact:
            return exact[wanted]
        language = wanted.split("_")[0]
        return exact.get(language) or next(
            (c for c in self.codes if c.lower().split("_")[0] == language), None
        )
