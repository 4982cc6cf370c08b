"""What can be set about an auto-reply, as the document describes it."""

from typing import Annotated, Literal

from msgspec import Meta

from api.automation.rows import SentMedia, Words
from domain.autoreply_fields import LONGEST_COOLDOWN, LONGEST_STAY, MOST_PLACES
from domain.matching import MatchMode

NO_HOURS = "always"

Keyword = Annotated[
    Words,
    Meta(description="What is looked for; several are alternatives, in a string one a line.",
         examples=["hello"]),
]  # fmt: skip
Response = Annotated[
    Words,
    Meta(
        description="The answer, Telegram HTML with placeholders such as `{{name}}`; of several one is "
        "picked at random. An empty list: the picture alone.",
        examples=["Hi there!"],
    ),
]
Mode = Annotated[MatchMode, Meta(description="How a keyword is looked for.")]
Cooldown = Annotated[
    int,
    Meta(description="Seconds until the rule answers the same person in the same chat again; 0: at once.",
         ge=0, le=LONGEST_COOLDOWN, examples=[60]),
]  # fmt: skip
DeleteAfter = Annotated[
    int, Meta(description="Seconds until the answer is deleted; 0: it stays.", ge=0, le=LONGEST_STAY)
]
Hours = Annotated[
    str,
    Meta(description=f"When the rule answers, as `09:00-18:30 Europe/Berlin`; `{NO_HOURS}`: at all hours.",
         examples=[NO_HOURS]),
]  # fmt: skip
Enabled = Annotated[bool, Meta(description="Whether the rule answers at all.")]
Reply = Annotated[bool, Meta(description="Answer in reply to the message.")]
Picture = Annotated[
    SentMedia | Literal["none"], Meta(description="A picture or film above the answer, or `none`.")
]
Places = Annotated[
    list[Annotated[int, Meta(ge=-(2**53), le=-1)] | Annotated[str, Meta(pattern="^-[0-9]{1,15}$")]],
    Meta(
        description="Where a rule of all groups (`group_id` `_default`) answers; an empty list: everywhere.",
        max_length=MOST_PLACES, examples=[[]],
    ),
]  # fmt: skip
DeleteTrigger = Annotated[bool, Meta(description="Delete the message that was answered.")]
