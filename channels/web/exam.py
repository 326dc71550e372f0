"""The exam page: begin, answer in any order, look at the sheet, hand in, see the result. Saved at each answer; the gate is the house's."""

from __future__ import annotations

from typing import Any

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from channels.web.incoming import Press, inbox_key
from channels.web.pages import Pages, wants_fragment
from channels.web.sessions import address
from handlers.messages import Answered, Viewer, answer_action

NAVIGATION = ("back", "forth", "flag", "sheet", "hand_in", "save")
LETTERS = "ABCDEFGHIJ"


class Exam:
    def __init__(self, pages: Pages, press: Press) -> None:
        self.pages = pages
        self._press = press
        self._view = pages.house.view

    async def overview(self, request: Request, viewer: Viewer) -> Response:
        """The exams there are for me; the browser gets the mark by which the house knows it again."""
        page = self.pages.html(request, "exams.html", exams=await self._view("exams", viewer, {}))
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
        going = next((each for each in await self._view("exams", viewer, {}) if each["state"] == "under_way"), None)
        if going is None:
            return self.pages.notice(request, 422, _text(answered))
        return RedirectResponse(f"/exam/{going['paper']}/{going['place']}", 303, background=self._shown(answered))

    async def question(self, request: Request, viewer: Viewer) -> Response:
        """One question, with what was answered before."""
        return await self._question(request, viewer)

    async def answer(self, request: Request, viewer: Viewer) -> Response:
        """Saves what the form holds, whatever button was pressed, and goes where the button says."""
        form = await request.form(max_files=0, max_fields=30)
        before = await self._view("exam_question", viewer, self._asked(request))
        if before["state"] != "under_way":
            return RedirectResponse(f"/exam/{before['paper']}", 303)
        trouble = await self._save(request, viewer, before, form)
        if wants_fragment(request):
            return PlainTextResponse(trouble, 422 if trouble else 200)
        if trouble:
            return await self._question(request, viewer, trouble=trouble)
        go = str(form.get("go", "save"))
        if go == "flag":
            await self._say(request, f"/exam_flag {before['number']}", form)
        return RedirectResponse(_where(before, go if go in NAVIGATION else "save"), 303)

    async def _save(self, request: Request, viewer: Viewer, before: dict[str, Any], form: FormData) -> str:
        """Submits the answer of the form if it is another than the one that is saved; why it was not saved, or ""."""
        said = _given(before["kind"], form)
        if not said or said in (before["chosen"], before["text"]):
            return ""
        answered = await self._say(request, answer_action(before["token"], said), form)
        if answered is None:
            return self.pages.renderer.say(viewer.language, "not_recorded")
        after = await self._view("exam_question", viewer, self._asked(request))
        saved = after["state"] == "under_way" and (
            after["chosen"] == said or (before["kind"] == "blank" and after["text"] != "")
        )
        return "" if saved else _text(answered)

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
        answered = await self._say(request, f"/confirm_hand_in {request.path_params['paper']}")
        if answered is None:
            return self.pages.refusal(request, 503, "not_recorded")
        secret = self.pages.sessions.secret(request)
        if secret and await self.pages.house.who(secret) is None:
            request.state.viewer = None
            page = self.pages.html(
                request, "exam_over.html", sentence=_text(answered), background=self._shown(answered)
            )
            self.pages.sessions.forget(page)
            return page
        return RedirectResponse(f"/exam/{request.path_params['paper']}", 303, background=self._shown(answered))

    async def result(self, request: Request, viewer: Viewer) -> Response:
        """How it went, or the way to go on."""
        paper = str(request.path_params["paper"])
        found = await self._view("exam_result", viewer, {"paper": paper})
        if found["state"] == "under_way":
            return RedirectResponse(f"/exam/{paper}/sheet", 303)
        return self.pages.html(request, "exam_result.html", exam=found)

    async def review(self, request: Request, viewer: Viewer) -> Response:
        """The paper after its release."""
        page = request.query_params.get("page", "1")
        asked = {
            "paper": str(request.path_params["paper"]),
            "part": page if page.isdecimal() and len(page) < 4 else "1",
        }
        return self.pages.html(request, "exam_review.html", review=await self._view("exam_review", viewer, asked))

    # ---

    async def _question(self, request: Request, viewer: Viewer, *, trouble: str = "") -> Response:
        found = await self._view("exam_question", viewer, self._asked(request))
        if found["state"] != "under_way":
            return RedirectResponse(f"/exam/{found['paper']}", 303)
        return self.pages.html(
            request, "exam_question.html", status=422 if trouble else 200, exam=found, trouble=trouble
        )

    def _asked(self, request: Request) -> dict[str, str]:
        return {"paper": str(request.path_params["paper"]), "number": str(request.path_params["number"])}

    async def _say(self, request: Request, action: str, form: FormData | None = None) -> Answered | None:
        """Submits an action under the form's key, so that a form sent twice does one thing."""
        form = form if form is not None else await request.form(max_files=0, max_fields=30)
        secret = self.pages.sessions.secret(request) or ""
        account, key = address(secret), str(form.get("key", "")) or self.pages.sessions.fresh()
        device = self.pages.sessions.device(request)
        return await self._press.submit(account, inbox_key(account, key, action), action=action, device=device)

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


def _text(answered: Answered) -> str:
    return "\n".join(reply.text for reply in answered.replies if reply.text)
