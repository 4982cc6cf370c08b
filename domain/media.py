"""Pictures and videos owners put into their messages: what they are is read off their content."""

from dataclasses import dataclass

from domain.creatives import MediaType
from domain.errors import Invalid

MEGABYTE = 1024 * 1024
# Photos as https://core.telegram.org/bots/api#sending-files has it; videos as much as a bot can download.
LIMITS = {MediaType.PHOTO: 10 * MEGABYTE, MediaType.VIDEO: 20 * MEGABYTE}
LARGEST = max(LIMITS.values())
LONGEST_NAME = 128

_EXTENSIONS = {MediaType.PHOTO: "jpg", MediaType.VIDEO: "mp4"}
_STILL = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ")


@dataclass(frozen=True, slots=True)
class Media:
    """A stored file by its `ref`."""

    ref: str
    type: MediaType


def type_of(content: bytes) -> MediaType:
    """A photo (JPEG, PNG, WebP) or a video (MPEG-4, QuickTime).

    Raises `Invalid` (file) with the reason `media_kind` for anything else, or `media_big` (`limit` in MB).
    """
    found = _recognised(content)
    if found is None:
        raise Invalid("file", "media_kind")
    if len(content) > LIMITS[found]:
        raise Invalid("file", "media_big", limit=LIMITS[found] // MEGABYTE)
    return found


def _recognised(content: bytes) -> MediaType | None:
    head = content[:12]
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return MediaType.PHOTO
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.PHOTO
    if head[4:8] == b"ftyp" and head[8:12] not in _STILL:
        return MediaType.VIDEO
    return None


def file_name(kind: MediaType) -> str:
    """The name a file travels to Telegram under: the owner's own name of it is nobody's business."""
    return f"file.{_EXTENSIONS[kind]}"
