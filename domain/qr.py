"""Links as pictures."""

from io import BytesIO

import segno

_SCALE = 8  # pixels per module


def qr_png(link: str) -> bytes:
    """The link as a QR code, in PNG."""
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="png", scale=_SCALE, border=4)
    return out.getvalue()
