"""What owners have written, made ready for one person: macros filled in, one button, a way to say no."""

from collections.abc import Mapping

from domain import markdown
from domain.actor import Translator
from domain.creatives import LONGEST_BUTTON, Creative, MediaType
from domain.errors import Invalid
from domain.macros import check_button_link, fill_url
from domain.page import Button, Page, page
from texts import creatives as wording

OFF = "broadcasts:off:{campaign}"  # the action of the unsubscribe button


def check(creative: Creative) -> None:
    """Raise `Invalid` (text, button, link) unless Telegram will take the creative, whatever the values are.

    An empty one is fine here: whether something must be said is for the caller to know.
    """
    markdown.check(creative.text, caption=creative.media_type is not MediaType.NONE)
    if len(creative.button) > LONGEST_BUTTON:
        raise Invalid("button", "too_long", length=len(creative.button), limit=LONGEST_BUTTON)
    if creative.link:
        check_button_link(creative.link)


def compose(
    creative: Creative,
    values: Mapping[str, str],
    t: Translator,
    *,
    fallback_link: str = "",
    unsubscribe: int | None = None,
) -> Page:
    """The message as this person gets it; media travel beside it (`services.media`).

    `fallback_link` is where the button leads when the creative names nothing. `unsubscribe` is the campaign
    whose messages the person can stop with a button on its own row.
    """
    link = fill_url(creative.link, values) if creative.link else fallback_link
    rows: list[list[Button]] = []
    if creative.button and link:
        rows.append([Button(creative.button, url=link)])
    if unsubscribe is not None:
        rows.append([Button(wording.unsubscribe(t), action=OFF.format(campaign=unsubscribe))])
    return page(markdown.to_html(creative.text, values), *rows)
