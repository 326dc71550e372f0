"""The directory as the app sees it: every member once, where they belong, and no more calls side by side than WeCom bears."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from channels.wecom.api import Credentials
from channels.wecom.refusals import NO_SUCH_PATH, NotSent, Refused
from channels.wecom.roll import AT_ONCE, members
from handlers.messages import Member
from tests.channels.wecom.running import opened, simulated
from tests.fakes.hours import told

SIMPLE, SLOW, NAME, PEOPLE = (
    "/cgi-bin/department/simplelist",
    "/cgi-bin/department/list",
    "/cgi-bin/department/get",
    "/cgi-bin/user/simplelist",
)
AGENT = "/cgi-bin/agent/get"


@asynccontextmanager
async def district():
    """区直机关 (1) with 住建局 (2), below it 质监站 (3), and 财政局 (4)."""
    async with simulated() as sim, opened(sim) as api:
        sim.department(2, "住建局")
        sim.department(3, "质监站", parent=2)
        sim.department(4, "财政局")
        yield sim, api
        assert sim.problems == []


def paths(sim):
    return [call.path for call in sim.journal if call.path != "/cgi-bin/gettoken"]


class Server:
    """Departments number -> (name, above), people number -> userlist, in the shape of an Api; `broken` paths raise."""

    credentials = Credentials("wwcorp", 1000002, "app-secret")

    def __init__(self, departments, people=None, broken=None):
        self.departments, self.people, self.broken = departments, people or {}, broken or {}
        self.asked, self.inside, self.most = [], 0, 0

    async def get(self, path, **query):
        self.asked.append(path)
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.inside -= 1
        if path in self.broken:
            raise self.broken[path]
        if path == SIMPLE:
            return {"department_id": [{"id": each, "parentid": above} for each, (_, above) in self.departments.items()]}
        if path == SLOW:
            rows = self.departments.items()
            return {"department": [{"id": each, "name": name, "parentid": above} for each, (name, above) in rows]}
        if path == NAME:
            return {"department": {"id": query["id"], "name": self.departments[query["id"]][0]}}
        if path == AGENT:
            return {}
        assert path == PEOPLE
        return {"userlist": self.people.get(query["department_id"], [])}


@told
async def test_everybody_is_there_once_in_their_department_from_the_top_down():
    async with district() as (sim, api):
        sim.user("ZhangSan", " 张三 ", [2])
        sim.user("lisi", "李四", [3])
        sim.user("boss", "局长", [1])
        assert await members(api) == [
            Member("boss", "局长", ()),
            Member("lisi", "李四", ("住建局", "质监站")),
            Member("zhangsan", "张三", ("住建局",)),
        ]


@told
async def test_whom_the_range_names_one_by_one_is_there_too_unless_they_are_gone():
    async with district() as (sim, api):
        sim.user("zhangsan", "张三", [2])
        sim.user("lisi", "李四", [9])  # of a department that the app may not read
        sim.allowed = {"users": [{"userid": "LiSi"}, {"userid": "zhangsan"}, {"userid": "gone"}]}
        assert await members(api) == [Member("lisi", "李四", ()), Member("zhangsan", "张三", ("住建局",))]


@told
async def test_only_ids_names_and_departments_are_asked_for():
    async with district() as (sim, api):
        sim.user("lisi", "李四", [3])
        await members(api)
        assert set(paths(sim)) == {SIMPLE, NAME, PEOPLE, AGENT}
        assert paths(sim).count(PEOPLE) == 4


@pytest.mark.parametrize("numbers", [[2, 3], [3, 2], [1, 3, 2], [4, 3]])
@told
async def test_who_is_in_several_departments_stands_in_the_deepest(numbers):
    async with district() as (sim, api):
        sim.user("lisi", "李四", numbers)
        assert await members(api) == [Member("lisi", "李四", ("住建局", "质监站"))]


@pytest.mark.parametrize("turned", [False, True])
@told
async def test_of_two_as_deep_it_is_always_the_same(turned):
    departments = {1: ("区直机关", 0), 7: ("教育局", 1), 4: ("财政局", 1)}
    shown = dict(reversed(departments.items())) if turned else departments
    people = {number: [{"userid": "lisi", "name": "李四"}] for number in (4, 7)}
    assert await members(Server(shown, people)) == [Member("lisi", "李四", ("财政局",))]


@told
async def test_nobody_that_the_app_does_not_see_is_there():
    async with district() as (sim, api):
        sim.user("lisi", "李四", [4], visible=False)
        sim.department(5, "保密局", visible=False)
        sim.user("secret", "某", [5])
        sim.allowed = {"users": []}
        assert await members(api) == []


@told
async def test_a_department_whose_upper_one_is_not_seen_is_the_top():
    people = {7: [{"userid": "lisi", "name": "李四"}]}
    assert await members(Server({6: ("住建局", 5), 7: ("质监站", 6)}, people)) == [
        Member("lisi", "李四", ("住建局", "质监站"))
    ]


@told
async def test_departments_in_a_circle_end_where_it_closes():
    people = {3: [{"userid": "lisi", "name": "李四"}]}
    assert await members(Server({2: ("甲", 3), 3: ("乙", 2)}, people)) == [Member("lisi", "李四", ("甲", "乙"))]


@told
async def test_never_more_than_four_are_asked_at_once_however_many_there_are():
    departments = {1: ("区直机关", 0)} | {number: (f"第{number}局", 1) for number in range(2, 60)}
    people = {number: [{"userid": f"U{number}-{each}", "name": "某"} for each in range(3)] for number in departments}
    server = Server(departments, people)
    found = await members(server)
    assert (server.most, AT_ONCE) == (4, 4)
    assert len(found) == 59 * 3
    assert len(server.asked) == 1 + 59 + 59 + 1
    assert found == sorted(found, key=lambda member: member.address)


@pytest.mark.parametrize("code", [NO_SUCH_PATH, 40066])
@told
async def test_a_server_without_the_quick_list_has_the_slow_one(code):
    people = {2: [{"userid": "LiSi", "name": "李四"}]}
    server = Server({1: ("区直机关", 0), 2: ("住建局", 1)}, people, {SIMPLE: Refused(code)})
    assert await members(server) == [Member("lisi", "李四", ("住建局",))]
    assert (server.asked.count(SLOW), server.asked.count(NAME)) == (1, 0)


@told
async def test_the_simulated_server_without_the_quick_list_has_the_slow_one():
    async with district() as (sim, api):
        sim.user("lisi", "李四", [3])
        sim.fault(SIMPLE, NO_SUCH_PATH)
        assert await members(api) == [Member("lisi", "李四", ("住建局", "质监站"))]
        assert NAME not in paths(sim)


@pytest.mark.parametrize("trouble", [Refused(48002), Refused(60020), Refused(60011), NotSent("no route")], ids=str)
@pytest.mark.parametrize("path", [SIMPLE, NAME, PEOPLE])
@told
async def test_half_a_directory_is_none(path, trouble):
    with pytest.raises(type(trouble)) as raised:
        await members(Server({1: ("区直机关", 0), 2: ("住建局", 1)}, {}, {path: trouble}))
    assert raised.value is trouble


@told
async def test_rows_without_an_id_are_passed_over():
    people = {1: [{"name": "无"}, "x", None, {"userid": "", "name": "空"}, {"userid": "lisi"}]}
    assert await members(Server({1: ("区直机关", 0)}, people)) == [Member("lisi", "", ())]
