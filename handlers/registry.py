"""Every command and every conversation of several messages, in one table; adding one is one line here."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.commands import Command, Conversation
from handlers.help import feedback, helping, why
from handlers.jobs import Worker
from handlers.people import binding, exempting, granting, invitations, roster_import, seating
from handlers.reach import missing, missing_sheet, nudging
from handlers.reports import drawing, figures
from handlers.rounds import halls, makeups, managing
from handlers.sitting import answering, exam, record, reviewing, sheet, under_way
from handlers.study import materials, push_sending, pushing

COMMANDS: tuple[Command, ...] = (
    Command("today", "quiz.answer", answering.today),
    Command("again", "quiz.answer", answering.again),
    Command("exam", "quiz.answer", exam.exam),
    Command("begin_exam", "quiz.answer", exam.begin),
    Command("exam_question", "quiz.answer", under_way.go_to),
    Command("exam_flag", "quiz.answer", under_way.flag),
    Command("exam_sheet", "quiz.answer", sheet.sheet),
    Command("hand_in", "quiz.answer", under_way.hand_in),
    Command("confirm_hand_in", "quiz.answer", under_way.confirm_hand_in),
    Command("exam_review", "quiz.answer", reviewing.review),
    Command("record", "record.read", record.mine),
    Command("materials", "material.read", materials.newest),
    Command("material", "material.read", materials.read),
    Command("why", "why.read", why.why),
    Command("report_question", "question.report", feedback.report_question),
    Command("complaint", "complaint.write", feedback.complaint),
    Command("language", "settings.change", helping.language),
    Command("web_login", "settings.change", binding.web_login),
    Command("unbind", "settings.change", binding.unbind),
    Command("help", "help.read", helping.help_),
    Command("cancel", "help.read", helping.cancel),
    Command("figures", "figures.read", figures.figures),
    Command("picture", "figures.read", figures.picture),
    Command("trend", "figures.read", figures.trend),
    Command("missing", "missing.count", missing.missing),
    Command("missing_sheet", "missing.names", missing.export),
    Command("hall", "round.manage", halls.hall),
    Command("start_hall", "round.manage", halls.start_hall),
    Command("end_hall", "round.manage", halls.end_hall),
    Command("hall_seats", "round.manage", halls.hall_seats),
    Command("one_device", "round.manage", halls.one_device),
    Command("exam_code", "settings.change", seating.exam_code),
    Command("nudge", "missing.nudge", nudging.nudge),
    Command("confirm_nudge", "missing.nudge", nudging.confirm),
    Command("rounds", "round.manage", managing.rounds_now),
    Command("open_round", "round.manage", managing.open_round),
    Command("close_round", "round.manage", managing.close_round),
    Command("makeup", "round.manage", makeups.makeup),
    Command("cancel_makeup", "round.manage", makeups.cancel),
    Command("roster", "roster.import", roster_import.how),
    Command("confirm_roster", "roster.import", roster_import.confirm),
    Command("cancel_roster", "roster.import", roster_import.cancel),
    Command("invite", "invitation.make", invitations.invite),
    Command("invite_sheet", "invitation.make", invitations.sheet),
    Command("push", "material.push", pushing.push),
    Command("push_to", "material.push", pushing.to_whom),
    Command("confirm_push", "material.push", pushing.confirm),
    Command("push_state", "delivery.read", push_sending.state),
    Command("exempt", "exemption.decide", exempting.exempt),
    Command("leave", "exemption.decide", exempting.leave),
    Command("grant", "role.grant", granting.grant),
    Command("revoke", "role.grant", granting.revoke),
    Command("feedback", "feedback.read", feedback.waiting),
    Command("answer_feedback", "feedback.read", feedback.answer),
)

TOPICS: Mapping[str, Conversation] = {
    binding.TOPIC: binding.confirm,
    pushing.TOPIC: pushing.to_whom,
    feedback.QUESTION_TOPIC: feedback.said,
    feedback.COMPLAINT_TOPIC: feedback.said,
}
"""What a text that is no command continues, by the topic of the conversation."""

JOBS: Mapping[str, Worker] = {
    "roster": roster_import.read_and_compare,
    "invite_sheet": invitations.print_sheet,
    "figures_picture": drawing.draw,
    "missing_sheet": missing_sheet.write,
    halls.JOB: halls.open_hall,
    "push": push_sending.send,
}
