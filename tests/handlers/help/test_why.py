from __future__ import annotations

from handlers.help import why
from storage import deliveries, materials, pushes
from storage.database import Store
from storage.pushes import MATERIAL, NOTICE, Audience
from tests.builders import NOW, District, district, mark, turn


def asks(store: Store, d: District, name: str, said: str = "为什么给我发这个", channel: str = "wecom") -> str:
    [reply] = why.why(turn(store, d, name, said, channel=channel), store)
    return reply.text


def carded(store: Store) -> District:
    d = district(store)
    deliveries.plan(
        store, f"round:{d.round_id}:card:1", d.accounts["张三", "wecom"], "card", {"paper": 1}, NOW, round_id=d.round_id
    )
    return d


def test_a_card_is_explained_by_its_round_and_ones_own_line_in_it(store: Store) -> None:
    d = carded(store)
    assert asks(store, d, "张三") == (
        "这是 12月4日 10:00 发的「宪法宣传周学法考试」题卡。\n"
        "为什么有您：本期对象是全体人员，开考时您在住建局，列入应考名册。\n"
        "依据：城南普法〔2026〕3号。\n"
        "频率：每周最多7条，答完就不再提醒。\n"
        "暂停：外出或休假可输入「申请请假」，批准后期间不发练习和提醒。\n"
        "觉得不该收到，请点「投诉建议」，会有答复。"
    )


def test_a_narrower_audience_and_a_line_that_does_not_count_are_said(store: Store) -> None:
    d = carded(store)
    mark(store, d, d.round_id, "张三", counted=False)
    audience = '{"units": ["住建局"], "categories": null, "ranks": null, "enforcement": true}'
    store.plain(f"UPDATE round SET audience = '{audience}', counts = 'practice'")
    text = asks(store, d, "张三")
    assert "本期对象是符合条件的人员（住建局、执法人员），您可以参加，但不计入应考。" in text
    assert "本期为练习，不作为考核依据。" in text


def test_a_reminder_after_the_card_is_the_one_explained(store: Store) -> None:
    d = carded(store)
    deliveries.plan(
        store, "nudge:1", d.accounts["张三", "wecom"], "reminder", {"enrolment": 1}, NOW, round_id=d.round_id
    )
    assert asks(store, d, "张三").startswith("这是 12月4日 10:00 发的提醒：「宪法宣传周学法考试」您当时还没有答完。")


def test_a_push_is_explained_by_who_sent_it_to_whom(store: Store) -> None:
    d = district(store)
    shown = materials.add_pushed(store, "讲座", NOW)
    number = pushes.add(
        store, Audience(units=(d.units["住建局"],)), d.people["王敏"], NOW, material_id=shown.id, people=6, reachable=5
    )
    deliveries.plan(
        store, pushes.key(number, d.people["张三"]), d.accounts["张三", "wecom"], MATERIAL, {"text": ""}, NOW
    )
    assert "推送的学习资料「讲座」。\n为什么有您：由王敏推送，对象是您所在的单位（住建局）。" in asks(store, d, "张三")
    text = asks(store, d, "张三", channel="telegram")
    assert "王敏" not in text
    assert "由管理员推送" in text


def test_a_push_to_a_list_or_to_those_missing_says_so(store: Store) -> None:
    d = district(store)
    for to in (Audience(people=(d.people["张三"],)), Audience(missing_in=d.round_id), Audience(everybody=True)):
        number = pushes.add(store, to, d.people["王敏"], NOW, text="开会", people=1, reachable=1)
        deliveries.plan(
            store, pushes.key(number, d.people["张三"]), d.accounts["张三", "wecom"], NOTICE, {"text": ""}, NOW
        )
    said = [
        line
        for number in (1, 2, 3)
        for line in asks(store, d, "张三", f"为什么 {number}").splitlines()
        if "为什么有您" in line
    ]
    assert [line.rpartition("对象是")[2] for line in said] == ["按名单。", "当时未参考的人。", "全体人员。"]


def test_quiet_hours_are_shown_to_whom_they_belong(store: Store) -> None:
    d = carded(store)
    store.plain(f"UPDATE person SET quiet_from = 22, quiet_to = 7 WHERE id = {d.people['张三']}")
    assert "您的免打扰时间：22点到7点。" in asks(store, d, "张三")


def test_nobody_is_told_of_anothers_message(store: Store) -> None:
    d = carded(store)
    assert asks(store, d, "吴九", "为什么 1") == "最近没有给您发过消息。"


def test_a_cancelled_message_was_never_sent(store: Store) -> None:
    d = carded(store)
    store.plain("UPDATE delivery SET state = 'cancelled'")
    assert asks(store, d, "张三") == "最近没有给您发过消息。"
