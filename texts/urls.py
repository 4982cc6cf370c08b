"""What to say about URLs that people send, and about servers that do not answer."""

from domain.actor import Translator
from domain.urls import LONGEST_URL
from texts.errors import REASONS

REASONS |= {
    "url_missing": lambda t, e: t("Send the full address, as in https://example.org/hook"),
    "url_too_long": lambda t, e: t(
        "This address is too long: it may have {most} characters at most.", most=LONGEST_URL
    ),
    "url_malformed": lambda t, e: t(
        "This is not an address I can call. Send the full one, as in https://example.org/hook"
    ),
    "url_not_https": lambda t, e: t("The address has to begin with https:// Please send it again."),
    "url_credentials": lambda t, e: t(
        "Leave the name and the password out of the address. What I send is signed instead."
    ),
    "url_fragment": lambda t, e: t("Leave out the # and what follows it: servers never see that part."),
    "url_port": lambda t, e: t("Use port 443, 80, or one from 1024 to 65535."),
}


def no_answer(t: Translator, why: str) -> str:
    """Why a server did not answer (`domain.urls.NoAnswer.reason`), in a few words."""
    match why:
        case "denied":
            return t("its address is in a private network, which I do not call")
        case "timeout":
            return t("it did not answer in time")
        case "unreachable":
            return t("there is no such server, or it does not take connections")
        case "tls":
            return t("its certificate is not valid")
        case _:
            return t("the connection broke")
