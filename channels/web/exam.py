"""The exam page: begin, answer in any order, look at the sheet, hand in, see the result. Saved at each answer; the gate is the house's."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from channels.web.incoming import Press, inbox_key
from channels.web.pages import Pages, wants_fragment
from channels.web.sessions import address
from handlers.messages import PAGE, Answered, Viewer, answer_action

NAVIGATION = ("back", "forth", "flag", "sheet", "hand_in", "save")
LETTERS = "ABCDEFGHIJ"
TOO_LATE = 410


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an answer, as HTTP says it. `given`: how often the question was answered since; `trouble`: why it was not saved."""

    status: int
    given: int = 0
    trouble: str = ""


class Exam:
    def __init__(self, pages: Pages, press: Press) -> None:
        self.pages = pages
        self._press = press
        self._view = pages.house.view

    async def overview(self, request: Request, viewer: Viewer) -> Response:
        """The exams there are for me; the browser gets the mark by which the house knows it again."""
        page = self.pages.html(request, "exams.html", **await self._view("exams", viewer, {}))
        self.pages.sessions.mark(request, page)
        return page

    async def look(self, request: Request, viewer: Viewer) -> Response:
        """Has the house look for exams of a later joiner, and shows what there is."""
        await self._say(request, "/exam")
        return RedirectResponse("/exam", 303)

    async def begin(self, request: Request, viewer: Viewer) -> Response:
        """The one tap that begins; the page of the first question, or why not."""
        answered = await self._say(request, f"/begin_exam {request.path_params['paper']}")
        if answered is None:
            return self.pages.refusal(request, 503, "not_recorded")
        mine = (await self._view("exams", viewer, {}))["open"]
        going = next((each for each in mine if each["state"] == "under_way"), None)
        if going is None:
            return self.pages.notice(request, 422, _text(answered))
        return RedirectResponse(f"/exam/{going['paper']}/{going['place']}", 303, background=self._shown(answered))

    async def question(self, request: Request, viewer: Viewer) -> Response:
        """One question, with what was answered before."""
        return await self._question(request, viewer)

    async def answer(self, request: Request, viewer: Viewer) -> Response:
        """Saves what the form holds, whatever button was pressed, and goes where the button says. What came too late goes to the
        result, which says so."""
        form = await request.form(max_files=0, max_fields=30)
        before = await self._view("exam_question", viewer, self._asked(request))
        if wants_fragment(request):
            return await self._to_the_script(request, viewer, before, form)
        saved = await self._save(request, viewer, before, form)
        if saved.status == TOO_LATE:
            return RedirectResponse(_late(before), 303)
        if saved.trouble:
            return await self._question(request, viewer, saved, _given(before["kind"], form))
        go = str(form.get("go", "save"))
        if go == "flag":
            await self._say(request, f"/exam_flag {before['number']}", form)
        return RedirectResponse(_where(before, go if go in NAVIGATION else "save"), 303)

    async def _to_the_script(
        self, request: Request, viewer: Viewer, before: dict[str, Any], form: FormData
    ) -> Response:
        """What our script is told: `given`, how often the question was answered; `trouble`, why this was not saved; `over`, where to
        go when nothing is taken any more. A choice made before the newest that is saved (a request that got stuck on its way) is
        refused with 409, and the script sends what stands on the page now."""
        known = str(form.get("given", ""))
        if before["state"] == "under_way" and known and known != str(before["given"]):
            return JSONResponse({"given": before["given"]}, 409)
        saved = await self._save(request, viewer, before, form)
        over = _late(before) if saved.status == TOO_LATE else ""
        return JSONResponse({"given": saved.given, "trouble": saved.trouble, "over": over}, saved.status)

    async def _save(self, request: Request, viewer: Viewer, before: dict[str, Any], form: FormData) -> Saved:
        """Submits the answer of the form if it is another than the one that is saved."""
        if before["state"] != "under_way":
            return Saved(TOO_LATE)
        said, given = _given(before["kind"], form), before["given"]
        if not said or said in (before["chosen"], before["text"]):
            return Saved(200, given)
        answered = await self._say(request, answer_action(before["token"], said), form, str(given))
        if answered is None:
            return Saved(503, given, self.pages.renderer.say(viewer.language, "not_recorded"))
        after = await self._view("exam_question", viewer, self._asked(request))
        if after["state"] != "under_way":
            return Saved(TOO_LATE)
        kept = after["given"] > given or said == after["chosen"] or (given and _plain(said) == _plain(after["text"]))
        return Saved(200, after["given"]) if kept else Saved(422, after["given"], _text(answered))

    async def sheet(self, request: Request, viewer: Viewer) -> Response:
        """答题卡."""
        return await self._overall(request, viewer, "exam_sheet.html")

    async def ask_hand_in(self, request: Request, viewer: Viewer) -> Response:
        """What is open and flagged, before 交卷."""
        return await self._overall(request, viewer, "exam_hand_in.html")

    async def _overall(self, request: Request, viewer: Viewer, template: str) -> Response:
        sheet = await self._view("exam_sheet", viewer, {"paper": str(request.path_params["paper"])})
        if sheet["state"] != "under_way":
            return RedirectResponse(f"/exam/{sheet['paper']}", 303)
        return self.pages.html(request, template, sheet=sheet)

    async def hand_in(self, request: Request, viewer: Viewer) -> Response:
        """交卷. A shared device is signed out by it, so what was said is shown at once."""
        answered = await self._say(request, f"/confirm_hand_in {request.path_params['paper']}", origin=None)
        if answered is None:
            return self.pages.refusal(request, 503, "not_recorded")
        secret = self.pages.sessions.secret(request)
        if secret and await self.pages.house.who(secret) is None:  # a device that several people use
            request.state.viewer = None
            page = self.pages.html(
                request, "exam_over.html", sentence=_text(answered), background=self._shown(answered)
            )
            self.pages.sessions.forget(page)
            return page
        paper = str(request.path_params["paper"])
        if (await self._view("exam_result", viewer, {"paper": paper}))["state"] == "under_way":
            return self.pages.notice(request, 422, _text(answered))
        return RedirectResponse(f"/exam/{request.path_params['paper']}", 303, background=self._shown(answered))

    async def result(self, request: Request, viewer: Viewer) -> Response:
        """How it went, or the way to go on."""
        paper = str(request.path_params["paper"])
        found = await self._view("exam_result", viewer, {"paper": paper})
        if found["state"] == "under_way":
            return RedirectResponse(f"/exam/{paper}/sheet", 303)
        return self.pages.html(request, "exam_result.html", exam=found, late="late" in request.query_params)

    async def review(self, request: Request, viewer: Viewer) -> Response:
        """The paper after its release."""
        page = request.query_params.get("page", "1")
        asked = {
            "paper": str(request.path_params["paper"]),
            "part": page if page.isdecimal() and len(page) < 4 else "1",
        }
        return self.pages.html(request, "exam_review.html", review=await self._view("exam_review", viewer, asked))

    # ---

    async def _question(self, request: Request, viewer: Viewer, saved: Saved | None = None, said: str = "") -> Response:
        """The page of a question; where something was not `saved`, with what was `said` and why."""
        found = await self._view("exam_question", viewer, self._asked(request))
        if found["state"] != "under_way":
            return RedirectResponse(_late(found) if saved else f"/exam/{found['paper']}", 303)
        if saved:
            found |= {"text": said} if found["kind"] == "blank" else {"chosen": said}
        status, trouble = (saved.status, saved.trouble) if saved else (200, "")
        return self.pages.html(request, "exam_question.html", status=status, exam=found, trouble=trouble)

    def _asked(self, request: Request) -> dict[str, str]:
        return {"paper": str(request.path_params["paper"]), "number": str(request.path_params["number"])}

    async def _say(
        self, request: Request, action: str, form: FormData | None = None, *more: str, origin: str | None = PAGE
    ) -> Answered | None:
        """Submits an action under the form's key, so that a form sent twice does one thing; `more`: what else tells one sending
        from another (a choice taken back and made again is a new one)."""
        form = form if form is not None else await request.form(max_files=0, max_fields=30)
        secret = self.pages.sessions.secret(request) or ""
        account, key = address(secret), str(form.get("key", "")) or self.pages.sessions.fresh()
        key, device = inbox_key(account, key, action, *more), self.pages.sessions.device(request)
        return await self._press.submit(account, key, action=action, origin=origin, device=device)

    def _shown(self, answered: Answered) -> BackgroundTask:
        return BackgroundTask(self.pages.house.shown, [answered.key])


def _given(kind: str, form: FormData) -> str:
    """The letters chosen, in order, or the text of a blank; "" for nothing."""
    if kind == "blank":
        return str(form.get("text", "")).strip()[:500]
    return "".join(sorted({str(each) for each in form.getlist("pick") if str(each) in LETTERS and len(str(each)) == 1}))


def _where(exam: dict[str, Any], go: str) -> str:
    base, number = f"/exam/{exam['paper']}", exam["number"]
    if go in ("sheet", "hand_in"):
        return f"{base}/{go.replace('_', '-')}"
    step = {"back": -1, "forth": 1}.get(go, 0)
    if number + step > exam["total"]:
        return f"{base}/sheet"
    return f"{base}/{max(number + step, 1)}"


def _late(exam: dict[str, Any]) -> str:
    """The result, with a word about what came too late."""
    return f"/exam/{exam['paper']}?late=1"


def _plain(text: str) -> str:
    """As far as two fillings of a blank are the same to the house: width, blanks and invisible characters do not count."""
    return "".join(each for each in unicodedata.normalize("NFKC", text) if each.isprintable() and not each.isspace())


def _text(answered: Answered) -> str:
    return "\n".join(reply.text for reply in answered.replies if reply.text)
