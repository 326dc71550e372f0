"""What the 智能机器人's server allows: how many messages, which bodies, which uploads. Each rule gives an errcode, 0 for yes."""

import base64
import hashlib
import itertools
from collections import defaultdict, deque

from tests.fakes.wecom import cards

MOST_BYTES = 20480
MOST_CHUNK = 512 * 1024
KINDS = {"image": 10, "voice": 2, "video": 10, "file": 20}
SESSION, MEDIA = 30 * 60.0, 3 * 24 * 3600.0
ALLOWED = {
    "aibot_send_msg": {"markdown", "template_card", "file", "image", "voice", "video"},
    "aibot_respond_msg": {"stream", "markdown", "template_card", "file", "image", "voice", "video"},
    "aibot_respond_welcome_msg": {"text", "template_card"},
}


class Rates:
    """So many a minute and an hour, per key; a refused one does not count."""

    def __init__(self, now, per_minute=30, per_hour=1000):
        self._now, self._limits = now, ((60.0, per_minute), (3600.0, per_hour))
        self._times = defaultdict(deque)

    def take(self, key):
        now, times = self._now(), self._times[key]
        while times and times[0] <= now - 3600.0:
            times.popleft()
        if any(sum(at > now - seconds for at in times) >= most for seconds, most in self._limits):
            return 45009
        times.append(now)
        return 0


class Uploads:
    """Upload sessions and the media they end as."""

    def __init__(self, now):
        self._now, self._ids = now, itertools.count(1)
        self._rates = Rates(now)
        self.sessions, self.media, self.finished = {}, {}, 0

    def init(self, body):
        kind, name, size, chunks = (body.get(each) for each in ("type", "filename", "total_size", "total_chunks"))
        if kind not in KINDS:
            return 846697, {}
        if not isinstance(name, str) or not 0 < len(name.encode()) <= 256:
            return 40008, {}
        if not isinstance(size, int) or not 5 <= size <= KINDS[kind] * 1024 * 1024:
            return 846613, {}
        if not isinstance(chunks, int) or not 1 <= chunks <= 100:
            return 846612, {}
        if code := self._rates.take("bot"):
            return code, {}
        number = f"upload-{next(self._ids)}"
        self.sessions[number] = {**body, "at": self._now(), "parts": {}}
        return 0, {"upload_id": number}

    def chunk(self, body):
        session = self._session(body)
        if session is None:
            return 846611, {}
        index = body.get("chunk_index")
        if not isinstance(index, int) or not 0 <= index < session["total_chunks"]:
            return 846612, {}
        content = base64.b64decode(body.get("base64_data", ""), validate=True)
        if not 0 < len(content) <= MOST_CHUNK:
            return 846613, {}
        session["parts"].setdefault(index, content)
        return 0, {}

    def finish(self, body):
        session = self._session(body)
        if session is None:
            return 846611, {}
        content = b"".join(session["parts"].get(at, b"") for at in range(session["total_chunks"]))
        wrong = "md5" in session and session["md5"] != hashlib.md5(content, usedforsecurity=False).hexdigest()
        if len(session["parts"]) < session["total_chunks"] or len(content) != session["total_size"] or wrong:
            return 846616, {}
        del self.sessions[body["upload_id"]]
        number = f"media-{next(self._ids)}"
        self.media[number] = (session["type"], session["filename"], content, self._now())
        self.finished += 1
        return 0, {"type": session["type"], "media_id": number, "created_at": int(self._now())}

    def usable(self, kind, number):
        kept = self.media.get(number)
        if kept is None or kept[0] != kind:
            return 40007
        return 40145 if self._now() - kept[3] > MEDIA else 0

    def _session(self, body):
        session = self.sessions.get(body.get("upload_id"))
        return session if session and self._now() - session["at"] <= SESSION else None


def card_code(card, *, update=False):
    """The errcode of a card, 0 for none; one that takes another's place names its task too."""
    found = cards.refusal(card, cards.BOT, update=update)
    return found[0] if found else 0


def wrong(cmd, body, uploads, tasks):
    """The errcode of a body that is sent or answered with: its kind, its length, its card, its media."""
    kind = body.get("msgtype")
    part = body.get(kind) if isinstance(kind, str) else None
    if kind not in ALLOWED[cmd] or not isinstance(part, dict):
        return 40008
    if kind == "template_card":
        return card_code(part) or (846625 if part.get("task_id") in tasks else 0)
    if kind in KINDS:
        return uploads.usable(kind, part.get("media_id"))
    content = part.get("content")
    if not isinstance(content, str) or not content.strip():
        return 44004
    if kind == "stream" and not (isinstance(part.get("id"), str) and part["id"]):
        return 40008
    return 45002 if len(content.encode()) > MOST_BYTES else 0
