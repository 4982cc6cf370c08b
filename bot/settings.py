"""Settings: the environment or `.env`, prefix `GATEHOUSE_`, checked as a whole before anything starts."""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.errors import Invalid
from domain.urls import check_url
from storage.database import normalise_url

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TOKEN = re.compile(r"\d{5,16}:[A-Za-z0-9_-]{30,64}")


class SettingsError(RuntimeError):
    """Something is wrong with the settings; the message says what, one sentence a line."""


class Settings(BaseSettings):
    """Everything the installation can be told. `docs/settings.md` explains each for its reader."""

    model_config = SettingsConfigDict(
        env_prefix="GATEHOUSE_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    bot_token: SecretStr = SecretStr("")
    public_url: str = ""
    telegram_api: str = "https://api.telegram.org"
    database_url: str = ""
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8080
    secret_key: SecretStr = SecretStr("")
    owner_ids: Annotated[tuple[int, ...], NoDecode] = ()
    allow_private_urls: bool = False
    api_key_in_url: bool = False
    spammer_lists: Annotated[tuple[str, ...], NoDecode] = ("https://api.cas.chat/export.csv",)
    llm_url: str = ""
    llm_key: SecretStr = SecretStr("")
    llm_model: str = Field(default="", validate_default=True)
    log_format: Literal["console", "json"] = "console"
    languages: Annotated[tuple[str, ...], NoDecode] = ("en", "ru")

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError(
                "is not a token from BotFather, which looks like 1234567890:AAbbCC… (35 characters)"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        value = value.rstrip("/")
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme == "http" and parts.hostname in LOOPBACK:
            return value
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("must start with https:// (Telegram sends webhooks to nothing else)")
        if parts.query or parts.fragment:
            raise ValueError("must be a plain address without ? and #")
        return value

    @field_validator("telegram_api")
    @classmethod
    def _telegram_api(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must be an address such as https://api.telegram.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str) -> str:
        if not value:
            return value
        return normalise_url(value)

    @field_validator("port")
    @classmethod
    def _port(cls, value: int) -> int:
        if not 0 <= value <= 65535:
            raise ValueError("must be a port number from 1 to 65535")
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.fullmatch(r"[0-9a-f]{64}", value.get_secret_value()):
            raise ValueError("must be 64 hexadecimal digits: leave it out and Gatehouse makes one")
        return value

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _owner_ids(cls, value: object) -> object:
        if isinstance(value, str):
            words = [word for word in re.split(r"[,\s]+", value) if word]
            if not all(re.fullmatch(r"[1-9]\d{0,19}", word) for word in words):
                raise ValueError("must be Telegram user ids, as in 123456789,987654321")
            return tuple(dict.fromkeys(map(int, words)))
        return value

    @field_validator("spammer_lists", mode="before")
    @classmethod
    def _spammer_lists(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        urls = dict.fromkeys(filter(None, re.split(r"[,\s]+", value)))
        try:
            return tuple(check_url(url, private=info.data.get("allow_private_urls") is True) for url in urls)
        except Invalid:
            raise ValueError("must be https:// addresses, separated by commas; empty for no lists") from None

    @field_validator("llm_url")
    @classmethod
    def _llm_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
            raise ValueError("must be an address such as https://api.openai.com/v1")
        return value.rstrip("/")

    @field_validator("llm_model")
    @classmethod
    def _llm_model(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("llm_url") and not value.strip():
            raise ValueError("is missing: GATEHOUSE_LLM_URL needs the name of a model there")
        return value.strip()

    @field_validator("languages", mode="before")
    @classmethod
    def _languages(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(dict.fromkeys(("en", *(word for word in re.split(r"[,\s]+", value) if word))))
        return value

    @property
    def database(self) -> str:
        """The SQLAlchemy address: PostgreSQL where told, else a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'gatehouse.db'}"

    def key(self) -> bytes:
        """The 32 bytes that seal tokens; made on first use and kept in `data_dir` with mode 600."""
        if given := self.secret_key.get_secret_value():
            return bytes.fromhex(given)
        path = self.data_dir / "secret_key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            text = path.read_text().strip()
            if not re.fullmatch(r"[0-9a-f]{64}", text):
                raise SettingsError(f"{path} is damaged: restore it from a backup.") from None
            return bytes.fromhex(text)
        with os.fdopen(handle, "w") as file:
            key = secrets.token_bytes(32)
            file.write(key.hex() + "\n")
        return key


def load(**overrides: object) -> Settings:
    """Read and check the settings. Raises `SettingsError` with a plain sentence for each problem."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(one) for one in error.errors())) from None


def _sentence(problem: object) -> str:
    details = dict(problem)  # type: ignore[call-overload]
    name = "GATEHOUSE_" + "_".join(str(part) for part in details["loc"][:1]).upper()
    words = str(details["msg"]).removeprefix("Value error, ")
    if details["type"] != "value_error":
        words = {
            "int_parsing": "must be a whole number",
            "bool_parsing": "must be true or false",
            "literal_error": "must be console or json",
        }.get(details["type"], words)
    return f"{name} {words}."


def require_bot(settings: Settings) -> None:
    """Raise `SettingsError` when there is no service bot to run."""
    if not settings.bot_token.get_secret_value():
        raise SettingsError(
            "GATEHOUSE_BOT_TOKEN is missing: send /newbot to @BotFather in Telegram and put the token "
            "it shows into .env."
        )
