"""Gathers all texts from the code into the catalogues of `locales/` (`make translations`)."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "locales"
DOMAIN = "gatehouse"
# What a translator's two ways of being called look like in the code.
KEYWORDS = {"t": None, "plural": (1, 2), "N_": None}
SOURCES = ("texts", "handlers", "services", "bot", "domain")


def template() -> Catalog:
    """All texts of the code as they are now."""
    catalogue = Catalog(project="Gatehouse", charset="utf-8", creation_date=datetime(2026, 1, 1, tzinfo=UTC))
    for folder in SOURCES:
        found = extract_from_dir(
            str(ROOT / folder), [("**.py", "python")], keywords=KEYWORDS, comment_tags=("i18n:",)
        )
        for filename, _, message, comments, context in found:
            catalogue.add(
                message, locations=[(f"{folder}/{filename}", 0)], auto_comments=comments, context=context
            )
    return catalogue


def path(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages() -> list[str]:
    """Languages with a catalogue."""
    return sorted(file.parent.parent.name for file in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    with path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def merged(language: str) -> Catalog:
    """The catalogue of a language with the texts of the code; what nobody says any more is dropped."""
    catalogue = read(language) if path(language).exists() else Catalog(locale=language, domain=DOMAIN)
    # A similar text is not the same text: a guessed translation would reach people unread.
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = (
        f"# Gatehouse in {catalogue.locale.english_name if catalogue.locale else language}."
    )
    catalogue.project, catalogue.version = "Gatehouse", "1"
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    return catalogue


def as_file(catalogue: Catalog) -> bytes:
    """The catalogue as a .po file, stable from run to run."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith('"PO-Revision-Date')).encode()


def gather(wanted: list[str]) -> None:
    """Bring the catalogues up to date and say what is left to translate."""
    for language in wanted:
        catalogue = merged(language)
        path(language).parent.mkdir(parents=True, exist_ok=True)
        path(language).write_bytes(as_file(catalogue))
        left = [m for m in catalogue if m.id and not _complete(m.string)]
        print(f"{language}: {len(catalogue)} texts, {len(left)} to translate")  # noqa: T201 - a command


def _complete(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(translation) if isinstance(translation, tuple | list) else bool(translation)


if __name__ == "__main__":
    gather(sys.argv[1:] or languages())
