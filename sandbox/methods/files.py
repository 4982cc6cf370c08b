"""getFile; the bytes come from ``/file/bot<TOKEN>/<path>``."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.model import Json
from sandbox.params import Call, method

DOWNLOAD_LIMIT = 20 * 1024 * 1024


@method("getFile")
def get_file(call: Call) -> Json:
    file = call.world.files.get(call.params.text("file_id") or "")
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        "file_path": file.path,
    }
