"""What WeCom would know: the directory, tokens, files, messages, limits; and what it would refuse."""

import hashlib
import itertools
import secrets
import time
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass

from tests.fakes.wecom.seen import Message

TOKEN_SECONDS, MEDIA_SECONDS, CODE_SECONDS = 7200, 3 * 86_400, 72 * 3600
_FORGETFUL = 2_000
"""With `remember` off: so many calls of the journal are kept."""


class Refused(Exception):
    """An error answer: its code, its words, and what else the answer holds."""

    def __init__(self, code, text="refused", **more):
        super().__init__(f"{code} {text}")
        self.code, self.text, self.more = code, text, more


@dataclass
class User:
    userid: str
    name: str
    departments: list
    visible: bool = True
    licensed: bool = True
    status: int = 1
    position: str = ""
    leader: bool = False

    @property
    def reachable(self):
        return self.visible and self.status not in (2, 5)


@dataclass
class Department:
    id: int
    name: str
    parent: int
    visible: bool = True


@dataclass
class Limits:
    """Which limits hold, and how high they are."""

    per_member: bool = True
    per_path: bool = True
    daily: bool = True
    member_minute: int = 30
    member_hour: int = 1000
    path_minute: int = 10_000
    path_hour: int = 150_000


class World:
    """State behind one app of one corp. `remember=False` keeps no inbox, only counts (`delivered`), for long loads."""

    def __init__(
        self, corp_id="wwcorp", agent_id=1000002, secret="app-secret", now=time.time, ceiling=10_000, *, remember=True
    ):
        self.corp_id, self.agent_id, self.secret, self.ceiling = corp_id, agent_id, secret, ceiling
        self._now, self.offset_seconds, self.remember = now, 0.0, remember
        self.users, self.departments, self.tags = {}, {}, {}
        self.department(1, "区直机关", parent=0)
        self.tokens, self.media, self.codes, self.entries = {}, {}, OrderedDict(), {}
        self.messages, self.inboxes = OrderedDict(), defaultdict(list)
        self.tasks, self.repeats, self.menu, self.allowed = OrderedDict(), {}, None, None
        self.delivered, self.dropped = Counter(), Counter()
        self.journal = [] if remember else deque(maxlen=_FORGETFUL)
        self.problems, self.faults = [], []
        self.limits, self.trusted_ips, self.disabled = Limits(), None, False
        self.trusted_domain, self.browser_user = None, None
        self.address = None
        self.numbers = itertools.count(1)
        self._member, self._paths, self._day, self._blocked = defaultdict(deque), {}, ("", 0), 0.0

    def now(self):
        """Seconds: the clock it was given, plus what was advanced."""
        return self._now() + self.offset_seconds

    def advance(self, seconds):
        """Moves the clock."""
        self.offset_seconds += seconds

    def problem(self, text):
        if len(self.problems) < 1000:
            self.problems.append(text)

    # --- the directory ------------------------------------------------------------------------------------------------

    def department(self, number, name, parent=1, *, visible=True):
        """A department; `visible`: in the app's range (可见范围)."""
        self.departments[number] = Department(number, name, parent, visible)

    def user(self, userid, name, departments=(1,), *, visible=True, licensed=True, status=1, position="", leader=False):
        """A member; the first department is the main one. Status: 1 active, 2 disabled, 4 not activated, 5 left."""
        known = User(userid, name, list(departments), visible, licensed, status, position, leader)
        self.users[userid.lower()] = known

    def tag(self, number, name, users=(), parties=()):
        """A tag with members and departments."""
        self.tags[number] = {"name": name, "users": list(users), "parties": list(parties)}

    def remove(self, userid):
        """The member left the corp."""
        del self.users[userid.lower()]

    def below(self, number):
        """The numbers of a department and all below it."""
        found, grown = {number}, True
        while grown:
            more = {each.id for each in self.departments.values() if each.parent in found} - found
            grown = bool(more)
            found |= more
        return found

    def members(self, number, *, deep=False):
        """The lower-case userids of a department's visible members."""
        within = self.below(number) if deep else {number}
        return [key for key, user in self.users.items() if user.visible and within.intersection(user.departments)]

    def open_userid(self, userid):
        """The id under which others (a bot whose maker is no super administrator) know this member."""
        return "wo" + hashlib.sha1(f"{self.corp_id}/{userid.lower()}".encode()).hexdigest()[:30]

    # --- tokens and files ---------------------------------------------------------------------------------------------

    def token(self):
        """The token in force: the same while it is valid."""
        for token, until in self.tokens.items():
            if until > self.now():
                return token, int(until - self.now())
        token = secrets.token_urlsafe(160)
        self.tokens[token] = self.now() + TOKEN_SECONDS
        return token, TOKEN_SECONDS

    def revoke_token(self):
        """WeCom forgets the tokens before their time: 40014 for whoever still uses one."""
        self.tokens.clear()

    def keep_media(self, kind, name, content):
        """A temporary file: its media_id."""
        media_id = f"3{secrets.token_urlsafe(30)}"
        self.media[media_id] = {"type": kind, "name": name, "content": content, "until": self.now() + MEDIA_SECONDS}
        return media_id

    def file(self, media_id, *, gone=40145):
        """The temporary file; raises Refused."""
        kept = self.media.get(media_id)
        if kept is None:
            raise Refused(40007, "invalid media_id")
        if kept["until"] <= self.now():
            raise Refused(gone, "media_id expired")
        return kept

    def expire_media(self):
        """Three days pass for every file there is."""
        for kept in self.media.values():
            kept["until"] = self.now()

    # --- messages -----------------------------------------------------------------------------------------------------

    def deliver(self, kind, body, recipients, *, file=None, counted=True):
        """Lays a message into the inboxes of those whose limit allows it; the others' silently vanishes."""
        message = Message(
            str(next(self.numbers)).zfill(8) + secrets.token_hex(8), kind, body, self.now(), recipients, file
        )
        if counted and self.limits.per_member:
            reached = [userid for userid in recipients if self._allows(userid, message.at)]
        else:
            reached = list(recipients)
        self.delivered.update(reached)
        if self.remember:
            for userid in reached:
                self.inboxes[userid].append(message)
            self.messages[message.id] = message
        return message

    def _allows(self, userid, now):
        times, limits = self._member[userid], self.limits
        while times and times[0] <= now - 3600:
            times.popleft()
        minute = len(times) >= limits.member_minute and times[-limits.member_minute] > now - 60
        if minute or len(times) >= limits.member_hour:
            self.dropped[userid] += 1
            return False
        times.append(now)
        return True

    def inbox(self, userid):
        """What the member's client shows, oldest first."""
        return [message.sent(userid.lower()) for message in self.inboxes.get(userid.lower(), ())]

    def claim(self, task):
        """A task_id can be used once by an app."""
        if task is not None:
            self.tasks[task] = None
        while not self.remember and len(self.tasks) > 50_000:
            self.tasks.popitem(last=False)

    def new_code(self, message):
        """A response_code with which this message's card may be updated once."""
        code = secrets.token_urlsafe(48)
        self.codes[code] = (message, self.now() + CODE_SECONDS)
        while not self.remember and len(self.codes) > 50_000:
            self.codes.popitem(last=False)
        return code

    # --- ceilings -----------------------------------------------------------------------------------------------------

    def spend(self, sends):
        """Counts person-sends against the day's ceiling; raises Refused."""
        day = time.strftime("%Y-%m-%d", time.gmtime(self.now() + 8 * 3600))
        used = self._day[1] if self._day[0] == day else 0
        if self.limits.daily and used + sends > self.ceiling * 200:
            self._day = (day, self.ceiling * 200)
            raise Refused(45009, "api freq out of limit: messages of today")
        self._day = (day, used + sends)

    def count_call(self, path):
        """Counts a call against the limits of its path; raises Refused until the window is over."""
        if not self.limits.per_path or path == "/cgi-bin/message/send":
            return
        for seconds, most in ((60, self.limits.path_minute), (3600, self.limits.path_hour)):
            window = self._paths.get((path, seconds))
            if window is None or window[0] <= self.now() - seconds:
                window = self._paths[path, seconds] = [self.now(), 0]
            window[1] += 1
            if window[1] == most + 1:
                window[0] = self.now()
            if window[1] > most:
                raise Refused(45009, "api freq out of limit")
