"""The body of a platform's request, counted while it comes in."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request


async def body_of(request: Request, most: int) -> bytes | None:
    """The body, or None once it is longer than `most` bytes, whatever its headers claim; one cut off midway is empty."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
