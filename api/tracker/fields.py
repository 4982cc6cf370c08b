"""Kinds of values that several calls of the tracker take or show."""

from typing import Annotated

import msgspec

LARGEST_MOMENT = 253_402_300_799  # the last second of the year 9999

Moment = Annotated[int, msgspec.Meta(description="Unix seconds; 0: unbounded.", ge=0, le=LARGEST_MOMENT)]
Status = Annotated[
    int,
    msgspec.Meta(
        description="0 wait · 1 hold · 2 approve · 3 cancel · 4 trash.",
        extra_json_schema={"enum": [0, 1, 2, 3, 4]},
    ),
]
GivenStatus = Annotated[Status, msgspec.Meta(ge=0, le=4, examples=[2])]
