"""Pictures and videos for messages."""

import msgspec

from api.inputs import SentFile
from api.table import Endpoint, Scope
from domain.actor import Actor
from domain.creatives import MediaType
from domain.media import LARGEST, LIMITS, MEGABYTE
from services.house import House


class UploadedMedia(msgspec.Struct):
    """A stored file: `type` is 1 for a photo, 2 for a video."""

    media: str
    type: int


async def upload(house: House, actor: Actor, file: SentFile) -> UploadedMedia:
    """Keep a file."""
    kept = await house.media.upload(actor, file.name, file.content)
    return UploadedMedia(kept.ref, int(kept.type))


MEDIA = (
    Endpoint(
        "POST", "/api/media/upload.json", Scope.ACCOUNT, upload,
        "Upload a photo or video", largest_file=LARGEST, result=UploadedMedia, section="Broadcasts",
        details=f"A photo (JPEG, PNG, WebP) of at most {LIMITS[MediaType.PHOTO] // MEGABYTE} MB or a video "
        f"(MP4) of at most {LIMITS[MediaType.VIDEO] // MEGABYTE} MB, as the field `file` of a multipart "
        "form. What it is is read off its content. The same content has the same ref.",
        example=UploadedMedia("q3Zx0c9vT1mJ4bYw5nKd2A", 1),
        errors={"access": "This account may not own bots here."},
    ),
)  # fmt: skip
