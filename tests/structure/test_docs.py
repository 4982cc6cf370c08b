"""The documents keep up with the code: what there is stands in them, and what stands in them is there."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

import run
from api.systems import SYSTEMS
from bot.build import build_routes
from bot.settings import Settings
from handlers.routing import Audience, Where
from texts import catalogues

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
SETTINGS = {f"GATEHOUSE_{name.upper()}" for name in Settings.model_fields}
OF_THE_TESTS = {"GATEHOUSE_TEST_POSTGRES"}

WHERE = {Where.PRIVATE: "private", Where.GROUPS: "groups", Where.EVERYWHERE: "everywhere"}
WHO = {
    Audience.EVERYONE: "everyone",
    Audience.ADMINS: "administrators",
    Audience.OWNER: "owner",
    Audience.SERVICE: "service bot",
    Audience.ACCOUNT: "owner, service bot",
}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(
        r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    )


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    )


def section(page: Path, heading: str) -> str:
    """What stands below a heading, up to the next of its level."""
    found = re.search(
        rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", page.read_text(), re.DOTALL | re.MULTILINE
    )
    return found[1] if found else ""


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_is_explained(setting: str) -> None:
    explained = section(DOCS / "settings.md", setting)
    for word in ("- Default: ", "- Example: ", "- Wrong: "):
        assert word in explained, f"docs/settings.md, {setting}: a line “{word}…” is missing"
    table = (DOCS / "settings.md").read_text().partition("\n## ")[0]
    assert f"[`{setting}`](#{setting.lower()})" in table, (
        f"{setting} is missing in the table of docs/settings.md"
    )


def test_the_example_file_names_every_setting_once() -> None:
    named = re.findall(r"^(?:# )?(GATEHOUSE_\w+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert sorted(named) == sorted(SETTINGS)


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "deploy").iterdir())], ids=name)
def test_no_page_names_a_setting_that_is_none(page: Path) -> None:
    named = set(re.findall(r"GATEHOUSE_[A-Z_]*[A-Z]", page.read_text()))
    assert named <= SETTINGS | OF_THE_TESTS


def test_the_table_of_commands_is_the_table_of_routes() -> None:
    rows = re.findall(
        r"^\| `/(\w+)[^`]*` \| ([^|]+) \| ([^|]+) \|", (DOCS / "commands.md").read_text(), re.MULTILINE
    )
    documented = {command: (where.strip(), who.strip()) for command, where, who in rows}
    served = {
        command.name: (WHERE[command.where], WHO[command.audience])
        for command in build_routes().commands.values()
    }
    assert len(rows) == len(documented), "a command stands in docs/commands.md twice"
    assert documented == served


def test_every_deep_link_is_explained() -> None:
    page = (DOCS / "commands.md").read_text()
    missing = [prefix for prefix in build_routes().links if f"`{prefix}" not in page]
    assert not missing, f"not in docs/commands.md: {missing}"


def test_every_endpoint_is_explained() -> None:
    page = (DOCS / "guide-developer.md").read_text()
    rows = [f"`{endpoint.method} {endpoint.path}`" for api in SYSTEMS for endpoint in api.endpoints]
    missing = [row for row in rows if row not in page]
    assert rows
    assert not missing, f"not in docs/guide-developer.md: {missing}"
    documented = re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) /[^`]+)`", page, re.MULTILINE)
    gone = [row for row in documented if f"`{row}`" not in rows]
    assert not gone, f"documented in docs/guide-developer.md, but not served: {gone}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "deploy").iterdir())], ids=name)
def test_no_page_names_somebody_s_machine(page: Path) -> None:
    assert not re.findall(r"(?<![\w.~-])/(?:work|root|home|Users|tmp)/[\w.-]+", page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_of_the_shell_exist(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    quoted = re.findall(r"`(?:[^`\n]*&& )?make ([a-z]+)[^`\n]*`|^make ([a-z]+)", text, re.MULTILINE)
    assert {a or b for a, b in quoted} <= targets
    assert set(re.findall(r"run\.py ([a-z]+)\b", text)) <= set(run._COMMANDS)


def test_buttons_are_called_what_they_are() -> None:
    captions = {message.id for message in catalogues.template() if isinstance(message.id, str)}
    for page in sorted(DOCS.glob("guide-*.md")):
        bold = re.findall(r"\*\*([^*]+)\*\*", page.read_text())
        # What begins with a picture is a button.
        quoted = [words for words in bold if not words[0].isascii() and not words[0].isalnum()]
        gone = [caption for caption in quoted if caption not in captions]
        assert not gone, f"{name(page)} names buttons that are not there: {gone}"


def test_every_folder_of_tests_is_explained() -> None:
    page = (DOCS / "tests.md").read_text()
    folders = [folder.parent.name for folder in sorted((ROOT / "tests").glob("*/__init__.py"))]
    assert not [folder for folder in folders if f"`tests/{folder}/`" not in page]


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (DOCS / "decisions" / "README.md").read_text())
    assert sorted(listed) == sorted(page.name for page in (DOCS / "decisions").glob("[0-9]*.md"))


def test_every_page_is_reached_from_the_front_door() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)", prose(page))
        waiting += [(page.parent / link).resolve() for link in links if not link.startswith("http")]
    assert not [name(page) for page in PAGES if page not in reached]


def test_the_image_holds_every_package_it_serves_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["importlinter"]["root_packages"]) - {"sandbox"}
    copied = re.findall(r"^COPY (\w+) \1$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert set(copied) == packages | {"locales"}
    let_in = re.findall(
        r"^!([\w.]+)$", (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(), re.MULTILINE
    )
    assert set(let_in) >= set(copied) | {"run.py", "pyproject.toml", "requirements.lock"}
