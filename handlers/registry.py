"""Every command and every conversation of several messages, in one table; adding one is one line here."""

from __future__ import annotations

from collections.abc import Mapping

from handlers import (
    answering,
    exempting,
    feedback,
    figures,
    granting,
    helping,
    invitations,
    managing,
    materials,
    missing,
    pushing,
    record,
    roster_import,
    why,
)
from handlers.commands import Command, Conversation

COMMANDS: tuple[Command, ...] = (
    Command("today", "quiz.answer", answering.today),
    Command("record", "record.read", record.mine),
    Command("materials", "material.read", materials.newest),
    Command("material", "material.read", materials.read),
    Command("why", "why.read", why.why),
    Command("report_question", "question.report", feedback.report_question),
    Command("complaint", "complaint.write", feedback.complaint),
    Command("language", "settings.change", helping.language),
    Command("help", "help.read", helping.help_),
    Command("figures", "figures.read", figures.figures),
    Command("picture", "figures.read", figures.picture),
    Command("trend", "figures.read", figures.trend),
    Command("missing", "missing.count", missing.missing),
    Command("nudge", "missing.nudge", missing.nudge),
    Command("rounds", "round.manage", managing.rounds_now),
    Command("open_round", "round.manage", managing.open_round),
    Command("close_round", "round.manage", managing.close_round),
    Command("roster", "roster.import", roster_import.how),
    Command("confirm_roster", "roster.import", roster_import.confirm),
    Command("invite", "invitation.make", invitations.invite),
    Command("invite_sheet", "invitation.make", invitations.sheet),
    Command("push", "material.push", pushing.push),
    Command("confirm_push", "material.push", pushing.confirm),
    Command("exempt", "exemption.decide", exempting.exempt),
    Command("leave", "exemption.decide", exempting.leave),
    Command("grant", "role.grant", granting.grant),
    Command("cancel", "help.read", helping.cancel),
)

TOPICS: Mapping[str, Conversation] = {}
