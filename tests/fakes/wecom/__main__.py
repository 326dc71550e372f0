"""The simulator as a process of its own: `python -m tests.fakes.wecom --people 1000` prints its address and serves until ended."""

import argparse
import asyncio
import contextlib

from tests.fakes.wecom.simulator import Simulator


async def serve(asked):
    sim = Simulator(asked.corp, asked.agent, asked.secret, ceiling=asked.ceiling, remember=not asked.forget)
    sim.department(2, "住建局")
    for number in range(1, asked.people + 1):
        sim.user(f"u{number}", f"人员{number}", [2])
    if asked.callback:
        sim.callback(asked.callback, asked.token, asked.aes_key)
    sim.retry_pause = asked.retry_pause
    await sim.start(asked.port)
    print(sim.base, flush=True)
    await asyncio.Event().wait()


def arguments(given=None):
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.wecom")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--people", type=int, default=0, help="members u1, u2, ... of department 2")
    parser.add_argument("--corp", default="wwcorp")
    parser.add_argument("--agent", type=int, default=1000002)
    parser.add_argument("--secret", default="app-secret")
    parser.add_argument("--ceiling", type=int, default=10_000, help="accounts of the corp: 200 sends a day for each")
    parser.add_argument("--callback", default="", help="where callbacks go")
    parser.add_argument("--token", default="")
    parser.add_argument("--aes-key", default="")
    parser.add_argument("--retry-pause", type=float, default=0.0, help="seconds between the tries of a callback")
    parser.add_argument("--forget", action="store_true", help="keep no inbox, only counts")
    return parser.parse_args(given)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments()))
