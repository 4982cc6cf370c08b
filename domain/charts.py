"""Charts as PNG pictures. Only digits are written into them: no font, and no script, to go wrong."""

import io
from collections.abc import Sequence
from decimal import Decimal

from PIL import Image, ImageDraw, ImageFont

from domain.join_report import Slot

WIDTH, HEIGHT = 1080, 540  # pixels; a phone shows it at full width
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 24, 28, 56  # margins
_PAPER, _INK, _GRID = (255, 255, 255), (70, 74, 82), (226, 229, 234)
_GAP = 0.25  # of a slot's width stays empty
_LABELS = 12  # at most, below the bars
_TICKS = 5

# The colours of the squares 🟦🟩🟨🟧🟪⬛ that explain them in the caption, in this order; 🟥 below the line.
SERIES = ((38, 132, 255), (46, 174, 82), (245, 190, 30), (245, 126, 32), (150, 90, 214), (45, 48, 54))
DOWN = (222, 62, 62)


def stacked_bars(slots: Sequence[Slot], decimals: int = 0) -> bytes:
    """Joins stacked by source above the zero line, leaves below it; one bar per slot.

    With `decimals` the numbers are minor units of that many digits (money), written as whole ones.
    """
    up = max((sum(slot.joined) for slot in slots), default=0)
    down = max((slot.left for slot in slots), default=0)
    step = _step(up + down)
    high, low = _ceil(up, step), -_ceil(down, step)
    if high == low:
        high = step
    picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(24)
    scale = (HEIGHT - _TOP - _BOTTOM) / (high - low)
    labels = {value: _label(abs(value), decimals) for value in range(low, high + 1, step)}
    widest = max(draw.textlength(label, font=font) for label in labels.values())
    left = max(_LEFT, int(widest) + 24)

    def y(value: float) -> float:
        return _TOP + (high - value) * scale

    for value, label in labels.items():
        draw.line([(left, y(value)), (WIDTH - _RIGHT, y(value))], fill=_GRID if value else _INK, width=2)
        draw.text((left - 12, y(value)), label, fill=_INK, font=font, anchor="rm")
    each = (WIDTH - left - _RIGHT) / max(len(slots), 1)
    every = -(-len(slots) // _LABELS)
    for number, slot in enumerate(slots):
        x0 = left + each * (number + _GAP / 2)
        x1 = x0 + each * (1 - _GAP)
        base = 0
        for colour, people in zip(SERIES, slot.joined, strict=False):
            if people:
                draw.rectangle([x0, y(base + people), x1, y(base)], fill=colour)
                base += people
        if slot.left:
            draw.rectangle([x0, y(0), x1, y(-slot.left)], fill=DOWN)
        if (len(slots) - 1 - number) % every == 0:
            place = ((x0 + x1) / 2, HEIGHT - _BOTTOM / 2)
            draw.text(place, slot.label, fill=_INK, font=font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _step(span: int) -> int:
    """A round distance between grid lines (1, 2 or 5 times a power of ten) for about `_TICKS` of them."""
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if span <= factor * unit * _TICKS:
                return factor * unit
        unit *= 10


def _label(value: int, decimals: int) -> str:
    """A number for the scale, with no more digits than it needs."""
    return f"{Decimal(value).scaleb(-decimals).normalize():f}"


def _ceil(value: int, step: int) -> int:
    return -(-value // step) * step
