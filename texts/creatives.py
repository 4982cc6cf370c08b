"""What owners write to be sent: the button to have no more of it, and what is wrong with it."""

from domain.actor import Translator
from domain.errors import GatehouseError
from texts.errors import REASONS


def unsubscribe(t: Translator) -> str:
    """The button that stops a campaign's messages."""
    return t("🔕 Unsubscribe")


def _place(error: GatehouseError) -> dict[str, object]:
    return {"line": error.details.get("line"), "column": error.details.get("column")}


def _open(t: Translator, error: GatehouseError) -> str:
    return t(
        "The {sign} in line {line}, position {column} is never closed. Close it, or put a backslash (\\) "
        "before it to show it as it is.",
        sign=error.details.get("sign"),
        **_place(error),
    )


def _link(t: Translator, error: GatehouseError) -> str:
    return t(
        "The link in line {line}, position {column} has no address Telegram would open. Write it like "
        "[text](https://example.com).",
        **_place(error),
    )


REASONS["markdown_open"] = _open
REASONS["markdown_link"] = _link
REASONS["button_link"] = lambda t, e: t(
    "A button needs a web address, such as https://example.com/?click={macro}.", macro="{click}"
)
REASONS["macro_in_host"] = lambda t, e: t(
    "The name of the server may hold no placeholder. Put it after the slash, such as "
    "https://example.com/{macro}.",
    macro="{click}",
)
REASONS["cost"] = lambda t, e: t("Send the cost as a number, such as 120.50.")
