"""The least a callback can cost: a server that proves and opens it, says yes, and records nothing. `python -m tests.bench.wecom_plain`."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.wecom.envelopes import sealed
from channels.wecom.secrecy import Secrecy


def application(secrecy: Secrecy) -> Starlette:
    """One route, as the program has it."""

    async def take(request: Request) -> Response:
        query = request.query_params
        secrecy.open(query["msg_signature"], query["timestamp"], query["nonce"], sealed(await request.body()))
        return Response()

    return Starlette(routes=[Route("/wecom/callback", take, methods=["POST"])])


if __name__ == "__main__":
    port, token, aes_key, corp = sys.argv[1:5]
    uvicorn.run(application(Secrecy(token, aes_key, corp)), host="127.0.0.1", port=int(port), log_level="warning")
