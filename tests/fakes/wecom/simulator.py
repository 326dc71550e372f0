"""A WeCom server on 127.0.0.1 with one corp, one app (自建应用) and its members, for tests in the same event loop.

    sim = Simulator()
    await sim.start()                                  # sim.base
    sim.user("zhangsan", "张三", [1])
    sim.callback(f"{bot}/wecom/callback", token="tok", aes_key="...")
    await sim.says("zhangsan", "今日答题")
    card = sim.inbox("zhangsan")[-1]
    await sim.clicks("zhangsan", card, card.buttons[0][1])

Every call is validated (`problems` should stay empty) and kept (`journal`). Its clock is the one given plus `advance()`; only the
waiting for callbacks (`patience`, `delay`, `retry_pause`) is real time.
"""

import time

from aiohttp import web

from tests.fakes.wecom import control, events, settings
from tests.fakes.wecom.callbacks import Address, Courier
from tests.fakes.wecom.cards import pressable
from tests.fakes.wecom.seen import Call, Delivery, Sent
from tests.fakes.wecom.server import Server
from tests.fakes.wecom.world import World

__all__ = ["Call", "Delivery", "Sent", "Simulator"]


class Simulator(World):
    """The world, its wire, and the hands of its members. `prefix`: a path before every address, as behind some proxies."""

    def __init__(
        self,
        corp_id="wwcorp",
        agent_id=1000002,
        secret="app-secret",
        now=time.time,
        ceiling=10_000,
        *,
        remember=True,
        prefix="",
    ):
        super().__init__(corp_id, agent_id, secret, now, ceiling, remember=remember)
        self.courier, self.base = Courier(self), ""
        login = web.get(prefix + "/connect/oauth2/authorize", settings.authorize)
        picture = web.get(prefix + "/pictures/{media_id}", settings.picture)
        self._server = Server(self, prefix=prefix, more=[login, picture, *control.routes()])

    async def start(self, port=0):
        """Serves; `base` is then the root of every address."""
        self.base = await self._server.start(port)
        await self.courier.open()

    async def stop(self):
        """Stops serving; hanging calls are cut."""
        await self._server.stop()
        await self.courier.close()

    # --- the console --------------------------------------------------------------------------------------------------

    def callback(self, url, token="", aes_key=""):
        """Sets where callbacks go (接收消息服务器URL); None takes it away, and cards are refused."""
        self.address = Address(url, token, aes_key) if url else None

    async def verify_url(self):
        """The check on saving that setting; `verify_problem` says why it failed."""
        return await self.courier.verify()

    @property
    def verify_problem(self):
        return self.courier.verify_problem

    def fault(self, path_prefix, code, times=1):
        """The next `times` calls of paths so beginning go wrong: an errcode, "500", "hang" (until the stop), "drop" (the connection is
        closed without an answer); "hang_after" and "drop_after" carry the call out first."""
        self.faults.append({"path": path_prefix, "code": code, "times": times})

    def lose_next_callbacks(self, count=1):
        """So many callbacks are never delivered."""
        self.courier.lost = count

    def lose_next_answers(self, count=1):
        """So many answers to callbacks are lost on their way, and the callback comes again."""
        self.courier.lost_answers = count

    # --- what members do ----------------------------------------------------------------------------------------------

    async def says(self, userid, text):
        """Writes to the app."""
        return await self._message(userid, "text", [("Content", text)])

    async def sends_image(self, userid, content, name="x.png"):
        """Sends a picture; the app fetches it by its MediaId."""
        media_id = self.keep_media("image", name, content)
        picture = f"{self.base}/pictures/{media_id}"
        return await self._message(userid, "image", [("PicUrl", picture), ("MediaId", media_id)])

    async def sends_voice(self, userid, content=b"#!AMR"):
        """Sends what the app cannot read."""
        return await self._message(
            userid, "voice", [("MediaId", self.keep_media("voice", "", content)), ("Format", "amr")]
        )

    async def enters(self, userid):
        """Opens the app's chat."""
        return await self._event(userid, "enter_agent", [("EventKey", "")])

    async def subscribes(self, userid):
        """Comes into the visible range."""
        self.users[userid.lower()].visible = True
        return await self._event(userid, "subscribe", [])

    async def unsubscribes(self, userid):
        """Leaves the visible range."""
        self.users[userid.lower()].visible = False
        return await self._event(userid, "unsubscribe", [])

    async def happens(self, userid, event, pairs=()):
        """Any event at all."""
        return await self._event(userid, event, list(pairs))

    async def menu_click(self, userid, key, *, forged=False):
        """Presses an entry of the menu, by its key or the address it opens."""
        found = [each for each in settings.menu_items(self) if key in (each.get("key"), each.get("url"))]
        assert found or forged, f"no {key} in the menu"
        kind = "view" if found and found[0]["type"] == "view" else "click"
        return await self._event(userid, kind, [("EventKey", key)])

    async def clicks(self, userid, card, key, picked=(), *, forged=False):
        """Presses a button (or the submit button) of a card, with these options ticked. AssertionError where the client would not let
        one; `forged` sends it all the same."""
        message = self._holds(userid, card.id)
        now = message.card(userid.lower()) if message and message.kind == "template_card" else None
        if not forged:
            assert now is not None, "no such card in the inbox"
            assert not message.sent(userid.lower()).greyed, "the card is greyed"
            assert key in _keys(now), f"no button {key} on the card"
        shown = now or card.replaced or card.body
        return await self._press(userid, message, shown, card.task_id, key, picked, forged=forged)

    async def _press(self, userid, message, shown, task, key, picked, *, forged):
        corner = key in {each["key"] for each in (shown.get("action_menu") or {"action_list": ()})["action_list"]}
        code = self.new_code(message) if message else "forged-code"
        pairs = [("EventKey", key), ("TaskId", task), ("CardType", shown.get("card_type", "")), ("ResponseCode", code)]
        if not corner:
            pairs += events.selected(shown, picked, forged=forged)
        event = "template_card_menu_event" if corner else "template_card_event"
        return await self._event(userid, event, pairs, message)

    def _holds(self, userid, number):
        return next((each for each in self.inboxes.get(userid.lower(), ()) if each.id == number), None)

    async def _message(self, userid, kind, pairs):
        number = 7_300_000_000_000_000_000 + next(self.numbers)
        return await self._deliver(userid, [("MsgType", kind), *pairs, ("MsgId", number)])

    async def _event(self, userid, event, pairs, message=None):
        return await self._deliver(userid, [("MsgType", "event"), ("Event", event), *pairs], message)

    async def _deliver(self, userid, pairs, message=None):
        return await self.courier.deliver(self.users[userid.lower()], pairs, message)


def _keys(card):
    """The keys that call back; buttons that open a page do not."""
    links = {button["url"] for button in card.get("button_list", ()) if button.get("type") == 1}
    corner = [each["key"] for each in (card.get("action_menu") or {"action_list": ()})["action_list"]]
    return ({key for _, key in pressable(card)} - links) | set(corner)


def _through(name):
    """A switch of the courier, on the simulator."""
    return property(lambda self: getattr(self.courier, name), lambda self, value: setattr(self.courier, name, value))


for _name in ("patience", "retry_pause", "delay", "duplicate_deliveries"):
    setattr(Simulator, _name, _through(_name))
