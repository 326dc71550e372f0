"""What the README promises of its first command, checked with the standard library alone: the demo prints a cadre's link, the link
signs in, and today's quiz is answered with a click. Run by .ci/run with the environment that command made."""

from __future__ import annotations

import html
import http.cookiejar
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

WITHIN = 60.0
ROOT = Path(__file__).resolve().parent.parent


def forms(page: str, action: str) -> list[dict[str, str]]:
    """The fields of each form that posts to `action`, its buttons' names and values included."""
    found = []
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL):
        if f'action="{action}"' in attributes:
            tags = re.findall(r"<(?:input|button)[^>]*>", inside)
            fields = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
            found.append({name[1]: html.unescape(value[1]) for name, value in fields if name and value})
    return found


def main() -> int:
    started = time.monotonic()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "bot.py", "demo", "--port", str(port)]
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert program.stdout
        link = next(found[0] for line in program.stdout if (found := re.search(r"http://\S+/enter/\S+", line)))
        ready = time.monotonic() - started
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        base = link.split("/enter/")[0]

        def post(path: str, fields: dict[str, str]) -> str:
            sent = urllib.request.Request(base + path, urllib.parse.urlencode(fields).encode(), {"Origin": base})
            return browser.open(sent, timeout=10).read().decode()

        browser.open(link, timeout=10).read()
        post("/enter/" + link.rpartition("/")[2], {})
        page = post("/say", {"text": "今日答题"})
        cards = [fields for fields in forms(page, "/say") if fields.get("action", "").startswith("=")]
        assert cards, "no card to press"
        page = post("/say", cards[-1])
        assert "已记录" in page, "the answer was not recorded"
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=15) == 0, "the demo did not stop cleanly"
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
    print(f"the demo was ready in {ready:.1f} s and today's quiz was answered with a click")
    return 0 if ready < WITHIN else 1


if __name__ == "__main__":
    sys.exit(main())
