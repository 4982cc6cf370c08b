"""Wording of a plan's options: buttons that put one into its next state."""

from domain.actor import Translator
from domain.page import Button
from domain.plans import InviteeOnly, Newcomers, Plan, SingleUse


def option_words(t: Translator, name: str, value: int) -> str:
    """An option and its state, for a button that goes round."""
    words: dict[str, dict[int, str]] = {
        "recurring": {0: t("Renews: when the member pays again"), 1: t("Renews: by itself")},
        "newcomers": {
            Newcomers.ANYONE: t("For: newcomers and old members"),
            Newcomers.ONLY_NEW: t("For: newcomers only"),
            Newcomers.ONLY_RETURNING: t("For: old members only"),
        },
        "singleuse": {
            SingleUse.ANY_TIMES: t("Bought: any number of times"),
            SingleUse.ONCE: t("Bought: once per person"),
            SingleUse.HOLDERS: t("Bought: during a membership"),
            SingleUse.FORMER: t("Bought: after a membership"),
        },
        "invitee_only": {
            InviteeOnly.ANYONE: t("Invited by a friend: does not matter"),
            InviteeOnly.INVITED: t("Invited by a friend: required"),
            InviteeOnly.NOT_INVITED: t("Invited by a friend: excluded"),
        },
        "token_only": {0: t("Access token: not needed"), 1: t("Access token: required")},
        "is_hidden": {0: t("In the list: shown"), 1: t("In the list: hidden")},
    }
    return words[name][value]


def option_rows(t: Translator, plan: Plan, prefix: str) -> list[list[Button]]:
    """Buttons that put a plan's options into their next state."""
    options = plan.options
    states = {
        "recurring": options.recurring, "newcomers": options.newcomers, "singleuse": options.singleuse,
        "invitee_only": options.invitee_only, "token_only": options.token_only,
        "is_hidden": options.is_hidden,
    }  # fmt: skip
    return [
        [Button(option_words(t, name, int(value)), action=f"{prefix}:{name}")]
        for name, value in states.items()
    ]
