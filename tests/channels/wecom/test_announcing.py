"""A word to departments and tags: shown with its numbers, then sent to all of them in one call, bound or not."""

from types import SimpleNamespace

import pytest

from channels.wecom.announcing import Wanted, announce, audience, send
from handlers.messages import BotError
from tests.channels.wecom.running import opened, simulated
from tests.fakes.hours import told


def district(sim):
    """住建局 (2) with 质监站 (3) below it, 财政局 (4), and the tag 新任干部."""
    sim.department(2, "住建局")
    sim.department(3, "质监站", parent=2)
    sim.department(4, "财政局")
    for userid, name, department in (("zhang", "张三", 2), ("li", "李四", 3), ("wang", "王五", 4)):
        sim.user(userid, name, [department])
    sim.tag(7, "新任干部", users=["wang"])


@told
async def test_it_is_shown_to_how_many_it_goes_and_nothing_is_sent():
    async with simulated() as sim, opened(sim) as api:
        district(sim)
        found = await audience(api, Wanted(["住建局"], ["新任干部"]))
        assert found.lines == (("住建局", 2), ("新任干部", 1))
        assert (found.to.departments, found.to.tags) == ((2,), (7,))
        assert not [call for call in sim.journal if call.path.endswith("/message/send")]


@told
async def test_one_call_reaches_departments_and_tags_and_nobody_else():
    async with simulated() as sim, opened(sim) as api:
        district(sim)
        found = await audience(api, Wanted(["质监站"], ["新任干部"]))
        await send(api, found.to, "学法答题已经开通。")
        assert len([call for call in sim.journal if call.path.endswith("/message/send")]) == 1
        assert (
            [each.text for each in sim.inbox("li")]
            == [each.text for each in sim.inbox("wang")]
            == ["学法答题已经开通。"]
        )
        assert sim.inbox("zhang") == []
        assert not sim.problems


@told
async def test_everybody_is_everybody_in_the_visible_range():
    async with simulated() as sim, opened(sim) as api:
        district(sim)
        found = await audience(api, Wanted(everybody=True))
        assert found.lines == (("@all", 3),)
        await send(api, found.to, "大家好")
        assert all(len(sim.inbox(user)) == 1 for user in ("zhang", "li", "wang"))


@told
async def test_a_name_that_is_none_or_several_is_refused_with_those_there_are():
    async with simulated() as sim, opened(sim) as api:
        district(sim)
        sim.department(5, "财政局", parent=2)
        for wanted in (Wanted(["住建厅"]), Wanted(["财政局"]), Wanted(tags=["老干部"])):
            with pytest.raises(BotError) as refused:
                await audience(api, wanted)
            assert refused.value.code == "terminal.announce_unknown"
        assert refused.value.values["known"] == "新任干部"


@told
async def test_a_long_text_goes_in_several_messages_with_nothing_cut_off():
    async with simulated() as sim, opened(sim) as api:
        district(sim)
        text = "\n".join(f"第{number}段" + "学法" * 60 for number in range(12))
        await send(api, (await audience(api, Wanted(["财政局"]))).to, text)
        said = "".join("".join(each.text.split()) for each in sim.inbox("wang"))
        assert said == "".join(text.split())


def test_what_wecom_refuses_is_said_to_the_officer():
    settings = SimpleNamespace(
        wecom_corp_id="ww",
        wecom_agent_id=1,
        wecom_api_base="http://127.0.0.1:9",
        wecom_ca_bundle=None,
        hidden=lambda _: "secret",
    )
    with pytest.raises(BotError) as refused:
        announce(settings, "大家好", Wanted(everybody=True), really=True)
    assert refused.value.code == "terminal.wecom_trouble"
    assert "secret" not in str(refused.value.values)
