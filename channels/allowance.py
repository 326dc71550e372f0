"""How many messages somebody may still get where a platform drops or refuses what is too much for one person."""

from __future__ import annotations

from collections import deque

_MOST_PEOPLE = 10_000
_MINUTE, _HOUR = 60.0, 3600.0


class Allowance:
    """So many messages a minute and an hour for each person. Pure: `now` is any monotonic clock in seconds, and nothing sleeps here.

    Times are kept for an hour and for people who got something in it; of two who both may get a message, neither waits for the other.
    In the minute after `began` it is half as many, since nobody knows what the process before us sent just then.
    """

    def __init__(self, per_minute: int, per_hour: int, *, began: float = -_MINUTE) -> None:
        self._per_minute, self._per_hour, self._cautious_until = per_minute, per_hour, began + _MINUTE
        self._times: dict[str, deque[float]] = {}
        self._held: dict[str, float] = {}
        self._most = _MOST_PEOPLE

    def wait(self, who: str, now: float, messages: int = 1) -> float:
        """Seconds until this person may get that many messages at once; 0 is now. What is more than a minute holds needs an empty one."""
        self._forget(who, now)
        times = self._times.get(who, ())
        per_minute = self._per_minute if now >= self._cautious_until else max(1, self._per_minute // 2)
        limits = ((_MINUTE, per_minute), (_HOUR, self._per_hour))
        full = [(seconds, max(1, most - messages + 1)) for seconds, most in limits]
        waits = [times[-at] + seconds - now for seconds, at in full if len(times) >= at]
        return max(0.0, self._held.get(who, now) - now, *waits)

    def take(self, who: str, now: float) -> None:
        """A message goes to this person now."""
        self._forget(who, now)
        self._times.setdefault(who, deque()).append(now)
        if len(self._times) > self._most:
            self._sweep(now)

    def hold(self, who: str, seconds: float, now: float) -> None:
        """The platform says that it was too much already: nothing more to this person for that long."""
        self._held[who] = max(self._held.get(who, now), now + seconds)

    @property
    def people(self) -> int:
        """How many people's messages are kept in mind."""
        return len(self._times)

    def _forget(self, who: str, now: float) -> None:
        times = self._times.get(who)
        while times and times[0] + _HOUR <= now:
            times.popleft()
        if times is not None and not times:
            del self._times[who]
        if self._held.get(who, now) <= now:
            self._held.pop(who, None)

    def _sweep(self, now: float) -> None:
        """Forgets everybody who got nothing in the last hour; the next sweep comes when half as many again have come."""
        for who in list(self._times):
            self._forget(who, now)
        for who in list(self._held):
            self._forget(who, now)
        self._most = max(_MOST_PEOPLE, len(self._times) * 3 // 2)
