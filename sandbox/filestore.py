"""Files: what people and bots upload, and what Telegram says about them."""

from __future__ import annotations

import mimetypes
import secrets
import struct
import zlib
from urllib.parse import urlsplit

from sandbox.errors import bad_request
from sandbox.model import Json, StoredFile
from sandbox.params import Params, Upload
from sandbox.world import World

_FOLDERS = {
    "photo": "photos",
    "video": "videos",
    "animation": "animations",
    "document": "documents",
    "audio": "music",
    "voice": "voice",
    "sticker": "stickers",
    "video_note": "video_notes",
}
_PREFIXES = {"photo": "AgACAgI", "video": "BAACAgI", "document": "BQACAgI", "animation": "CgACAgI"}
_PNG = b"\x89PNG\r\n\x1a\n"


def tiny_png(width: int = 320, height: int = 200, color: tuple[int, int, int] = (90, 140, 200)) -> bytes:
    """A one-colour picture, for stories in which somebody sends a photo."""
    row = b"\x00" + bytes(color) * width

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")


def store(world: World, kind: str, upload: Upload) -> StoredFile:
    """Keep a file and give it the ids Telegram would."""
    unique = secrets.token_urlsafe(11)
    number = len(world.files)
    extension = (upload.name.rpartition(".")[2] or "bin") if "." in upload.name else "jpg"
    file = StoredFile(
        file_id=f"{_PREFIXES.get(kind, 'CQACAgI')}{secrets.token_urlsafe(42)}",
        unique_id=f"AQAD{unique}",
        path=f"{_FOLDERS.get(kind, 'documents')}/file_{number}.{extension}",
        name=upload.name,
        mime=upload.mime or mimetypes.guess_type(upload.name)[0] or "application/octet-stream",
        data=upload.data,
        kind=kind,
    )
    file.info = _info(kind, file)
    world.files[file.file_id] = file
    return file


def media_json(file: StoredFile) -> Json | list[Json]:
    """The value of a message's media field (a list of sizes for photos)."""
    body = {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        **file.info,
    }
    return [body] if file.kind == "photo" else body


def _info(kind: str, file: StoredFile) -> Json:
    width, height = _picture_size(file.data)
    if kind == "photo":
        return {"width": width, "height": height}
    named: Json = {"file_name": file.name, "mime_type": file.mime}
    if kind == "document":
        return named
    if kind in ("video", "animation"):
        return {**named, "width": 640, "height": 360, "duration": 5}
    if kind == "audio":
        return {**named, "duration": 5}
    if kind == "video_note":
        return {"length": 240, "duration": 5}
    if kind == "sticker":
        return {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "🙂",
        }
    return {"duration": 5, "mime_type": "audio/ogg"}


def _picture_size(data: bytes) -> tuple[int, int]:
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    return 800, 600


def input_file(world: World, params: Params, kind: str, value: object, field: str) -> StoredFile:
    """The file an ``InputFile or String`` parameter means: upload, ``file_id`` or web address.

    Web addresses are not fetched (there is no internet here): an empty file stands for them.
    """
    if isinstance(value, str) and value.startswith("attach://"):
        field, value = value.removeprefix("attach://"), None
        if field not in params.files:
            raise bad_request(f'there is no attached file "{field}"')
    if value is None:
        upload = params.files.get(field)
        if upload is None:
            raise bad_request(f"there is no {kind} in the request")
        if not upload.data:
            raise bad_request("file must be non-empty")
        return store(world, kind, upload)
    known = world.files.get(str(value))
    if known is not None:
        if (known.kind == "photo") != (kind == "photo"):
            raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
        return known
    if str(value).startswith(("http://", "https://")):
        name = urlsplit(str(value)).path.rpartition("/")[2] or "file"
        return store(world, kind, Upload(name, mimetypes.guess_type(name)[0] or "", b""))
    raise bad_request("wrong file identifier/HTTP URL specified")
