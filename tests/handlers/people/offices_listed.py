"""An office on WeCom: the directory comes in each night, a worker compares it, and the officer 王敏 reads and answers."""

from __future__ import annotations

from sqlalchemy import select

from handlers.jobs import run_next
from handlers.messages import Member
from handlers.people import directory
from handlers.registry import COMMANDS, JOBS
from storage import accounts, tables
from tests.builders import HOUSE, NOW, PEOPLE, district, turn

TOP = "城南区政府"
RUN = {command.key: command.run for command in COMMANDS}
WORDS = {
    "通讯录比对": "directory",
    "确认绑定": "confirm_binding",
    "确认通讯录": "confirm_directory",
    "取消比对": "cancel_directory",
}


def member(name, *units, address=""):
    return Member(address or f"wecom-{name}", name, (TOP, *units))


EVERYBODY = tuple(member(name, *dict.fromkeys((bureau, unit))) for name, unit, bureau, *_ in PEOPLE)
"""All ten of the district, each in their unit."""


def without(*names):
    return [each for each in EVERYBODY if each.name not in names]


class Office:
    """`now` moves only when told to."""

    def __init__(self, database, house=HOUSE):
        self.database, self.house, self.now = database, house, NOW
        with database.writing() as store:
            self.d = district(store)

    def write(self, run):
        with self.database.writing() as store:
            return run(store)

    def read(self, run):
        with self.database.reading() as store:
            return run(store)

    def pulls(self, members):
        """A night: the number of the job, or None."""
        number = self.write(lambda store: directory.pulled(store, "wecom", members, self.house, self.now))
        self.works()
        return number

    def works(self):
        while run_next(self.database, self.write, JOBS, self.house, self.now):
            pass

    def told(self, name="王敏", kind="report"):
        """The bodies of what was owed to somebody, oldest first."""
        which = tables.delivery.c.person_id == self.d.people[name], tables.delivery.c.kind == kind
        return [
            row.body
            for row in self.read(
                lambda store: store.rows(select(tables.delivery.c.body).where(*which).order_by(tables.delivery.c.id))
            )
        ]

    def says(self, said, *, name="王敏", channel="wecom"):
        run = RUN[WORDS[said.split(" ")[0]]]
        [reply] = self.write(
            lambda store: run(turn(store, self.d, name, said, channel=channel, now=self.now, house=self.house), store)
        )
        self.works()
        return reply

    def accounts(self, name):
        found = self.read(lambda store: accounts.of_person(store, self.d.people[name]))
        return {each.channel: (each.address, each.unreachable) for each in found}
