"""Every problem with the settings is a sentence that names the setting."""

import os
import stat
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load, require_bot

TOKEN = "1234567890:AAFakeFakeFakeFakeFakeFakeFakeFake123"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("GATEHOUSE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BOT_TOKEN", "hello", "is not a token from BotFather"),
        ("PUBLIC_URL", "example.com", "must start with https://"),
        ("PUBLIC_URL", "http://example.com", "must start with https://"),
        ("PUBLIC_URL", "ftp://127.0.0.1", "must start with https://"),
        ("PUBLIC_URL", "https://example.com/?x=1", "must be a plain address"),
        ("TELEGRAM_API", "api.telegram.org", "must be an address such as https://api.telegram.org"),
        ("DATABASE_URL", "nonsense", "must look like postgresql://"),
        ("DATABASE_URL", "mysql://x/y", "must be a postgresql:// or sqlite:/// address"),
        ("PORT", "http", "must be a whole number"),
        ("PORT", "65536", "must be a port number"),
        ("PORT", "-1", "must be a port number"),
        ("SECRET_KEY", "short", "must be 64 hexadecimal digits"),
        ("OWNER_IDS", "@olga", "must be Telegram user ids"),
        ("OWNER_IDS", "-100", "must be Telegram user ids"),
        ("OWNER_IDS", "0", "must be Telegram user ids"),
        ("ALLOW_PRIVATE_URLS", "perhaps", "must be true or false"),
        ("LOG_FORMAT", "xml", "must be console or json"),
        ("SPAMMER_LISTS", "https://example.com/a, http://example.com/b", "must be https:// addresses"),
        ("SPAMMER_LISTS", "nonsense", "must be https:// addresses"),
        ("LLM_URL", "localhost:11434", "must be an address such as https://"),
    ],
)
def test_a_problem_in_plain_words(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(f"GATEHOUSE_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load()
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"GATEHOUSE_{name} ")
    assert words in line
    assert line.endswith(".")
    assert "pydantic" not in line
    if name in ("BOT_TOKEN", "SECRET_KEY"):
        assert value not in line, "a secret is not repeated, not even a wrong one"


def test_a_language_model_needs_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_LLM_URL", "http://127.0.0.1:11434/v1/")
    with pytest.raises(SettingsError, match=r"^GATEHOUSE_LLM_MODEL is missing: "):
        load()
    monkeypatch.setenv("GATEHOUSE_LLM_MODEL", "small")
    assert load().llm_url == "http://127.0.0.1:11434/v1"


def test_lists_of_spammers_can_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().spammer_lists == ("https://api.cas.chat/export.csv",)
    monkeypatch.setenv("GATEHOUSE_SPAMMER_LISTS", "")
    assert load().spammer_lists == ()


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_PORT", "x")
    monkeypatch.setenv("GATEHOUSE_PUBLIC_URL", "x")
    with pytest.raises(SettingsError) as caught:
        load()
    assert len(str(caught.value).splitlines()) == 2


def test_what_is_missing_to_serve() -> None:
    with pytest.raises(SettingsError, match="GATEHOUSE_BOT_TOKEN is missing: send /newbot"):
        require_bot(load())
    require_bot(load(bot_token=TOKEN))


def test_values_as_people_write_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"GATEHOUSE_BOT_TOKEN={TOKEN}\nGATEHOUSE_OWNER_IDS=1, 2 3,\nGATEHOUSE_PUBLIC_URL=https://x.example/\n"
        "GATEHOUSE_DATABASE_URL=postgres://u:p%40ss@host/name\nGATEHOUSE_LANGUAGES=ru,en, de\n"
        "GATEHOUSE_UNKNOWN=ignored\n"
    )
    settings = load()
    assert settings.owner_ids == (1, 2, 3)
    assert settings.public_url == "https://x.example"
    assert settings.database == "postgresql+asyncpg://u:p%40ss@host/name"
    assert settings.languages == ("en", "ru", "de")
    monkeypatch.setenv("GATEHOUSE_PUBLIC_URL", "http://127.0.0.1:8080")
    assert load().public_url == "http://127.0.0.1:8080", "the environment wins, and loopback needs no https"


def test_secrets_do_not_show() -> None:
    settings = load(bot_token=TOKEN, secret_key="ab" * 32)
    assert TOKEN not in repr(settings)
    assert "abab" not in repr(settings)


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    key = settings.key()
    assert len(key) == 32
    assert settings.key() == key
    path = tmp_path / "data" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("damaged")
    with pytest.raises(SettingsError, match="is damaged: restore it from a backup"):
        settings.key()
    assert load(secret_key="ab" * 32).key() == b"\xab" * 32


def test_the_database_is_a_file_unless_told(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path).database == f"sqlite+aiosqlite:///{tmp_path}/gatehouse.db"
