"""Pages one only reads: study materials, files, and whether the server is up."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from channels.web.pages import Pages
from channels.web.rendering import HERE, PICTURES, STATIC
from handlers.messages import File, Viewer

_HARMLESS = re.compile(
    r"(application/(pdf|zip|json|msword|vnd\.[a-z0-9.+-]+)|text/(plain|csv|calendar)|image/(png|jpeg|gif|webp))\Z"
)


class Reading:
    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self._view = pages.house.view

    async def materials(self, request: Request, viewer: Viewer) -> Response:
        return self.pages.html(request, "materials.html", materials=await self._view("materials", viewer, {}))

    async def material(self, request: Request, viewer: Viewer) -> Response:
        key = request.path_params["key"]
        return self.pages.html(request, "material.html", material=await self._view("material", viewer, {"key": key}))

    async def file(self, request: Request, viewer: Viewer) -> Response:
        file: File = await self._view("file", viewer, {"id": str(request.path_params["id"])})
        return Response(file.content, headers=file_headers(file))

    async def static(self, request: Request) -> Response:
        """Our sheet, script and mark; browsers keep them for good, since their address changes with their content."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise HTTPException(404)
        return FileResponse(HERE / "static" / name)

    async def missing(self, request: Request) -> Response:
        await self.pages.viewer(request)
        raise HTTPException(404)


async def healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


def file_headers(file: File) -> dict[str, str]:
    """Pictures may be shown in place; everything else is saved, and nothing of it may run (HTML and SVG lose their type)."""
    media_type = file.media_type if _HARMLESS.match(file.media_type) else "application/octet-stream"
    kind = "inline" if media_type in PICTURES else "attachment"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", file.name)[-80:] or "file"
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
