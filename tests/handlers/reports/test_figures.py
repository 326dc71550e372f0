from __future__ import annotations

from datetime import timedelta

from handlers.messages import Reply
from handlers.reports import figures
from quizzes.people import Person
from storage import figures as counts
from storage import people
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, enrol, grant, make_round, mark, sits, turn, works


def asks(store: Store, d: District, name: str, said: str = "参考率") -> list[Reply]:
    return figures.figures(turn(store, d, name, said), store)


def test_the_first_line_is_the_one_a_leader_can_read_out(store: Store) -> None:
    d = district(store)
    for name in ("张三", "李四", "李建国", "陈芳", "周杰", "刘洋", "王敏", "孙七"):
        sits(store, d, d.round_id, name)
    mark(store, d, d.round_id, "张三", passed=False)
    first = asks(store, d, "李建国")[0].text.splitlines()[0]
    assert first == "截至12月4日：应考10人，实考8人，参考率80.00%；合格7人，合格率87.50%；2人未参考。您本人：已合格。"


def test_absent_exists_only_after_the_close(store: Store) -> None:
    d = district(store)
    assert "缺考" not in asks(store, d, "李建国")[0].text
    store.plain("UPDATE round SET state = 'closed'")
    text = asks(store, d, "李建国")[0].text
    assert "10人缺考" in text
    assert "未参考" not in text
    assert "您本人：缺考。" in text


def test_who_is_due_for_the_make_up_is_said_beside_the_absent(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET state = 'closed'")
    make_up = make_round(store, plan="makeup", of=d.round_id)
    enrol(store, d, make_up, "张三", "住建局", "住建局")
    text = asks(store, d, "李建国")[0].text
    assert "10人缺考，其中1人待补考" in text
    assert "含补考：正考实考0人、合格0人；补考增加实考0人、合格0人。" in text


def test_hundred_percent_is_said_only_when_it_is_true(store: Store) -> None:
    d = district(store)
    for name in d.people:
        sits(store, d, d.round_id, name)
    text = asks(store, d, "李建国")[0].text
    assert "参考率100%" in text
    assert "全部已参考" in text


def test_leadership_comes_first_then_the_bureaux_with_every_fraction(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三", 9500)
    sits(store, d, d.round_id, "李四", 3000)
    text = asks(store, d, "李建国")[-1].text
    assert (
        text.index("班子成员（应考2）")
        < text.index("政府办（应考2）")
        < text.index("住建局（应考6）")
        < text.index("档案馆（应考0）")
    )
    assert "参考率 33.33%（2/6）　合格率 50.00%（1/2）\n应考合格率 16.66%（1/6）　优秀率 50.00%（1/2）" in text


def test_exemptions_are_printed_beside_the_roster_without_a_reason(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "赵六", counted=False, exempt=True)
    text = asks(store, d, "李建国")[0].text
    assert "名册10人，免考1人。" in text
    assert "住建局（名册6，免考1，应考5）" in text


def test_a_leader_of_one_bureau_reads_only_that(store: Store) -> None:
    d = district(store)
    text = "".join(reply.text for reply in asks(store, d, "陈芳"))
    assert "应考6人" in text
    assert "住建局（应考6）" in text
    assert "司法局" not in text
    assert "政府办" not in text


def test_practice_is_marked_as_no_basis_for_appraisal(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET counts = 'practice', notice = ''")
    assert "本期为练习，不作为考核依据。" in asks(store, d, "李建国")[0].text


def test_no_name_and_no_reachability_is_in_the_figures(store: Store) -> None:
    d = district(store)
    text = "".join(reply.text for reply in asks(store, d, "李建国"))
    assert not any(name in text for name in d.people)
    assert "未绑定" not in text
    assert "送达" not in text


def test_a_round_can_be_named_and_an_unknown_one_is_said(store: Store) -> None:
    d = district(store)
    daily = make_round(store, plan="daily", title="每日一题", counts="practice", opened=timedelta(hours=-1))
    assert "每日一题" in asks(store, d, "李建国", f"参考率 {daily}")[0].text
    assert "没有找到" in asks(store, d, "李建国", "参考率 999")[0].text


def test_many_bureaux_come_in_several_messages_with_the_buttons_under_the_last(store: Store) -> None:
    d = district(store)
    for number in range(40):
        people.add_unit(store, f"第{number}局", d.units["城南区"])
    replies = asks(store, d, "李建国")
    assert [bool(reply.choices) for reply in replies] == [False, False, True]
    assert [choice.label for choice in replies[-1].choices] == ["情况图", "近期趋势", "未参考"]


def test_the_trend_is_a_table_in_order_of_time(store: Store) -> None:
    d = district(store)
    assert "还没有结束的场次" in figures.trend(turn(store, d, "李建国", "趋势"), store)[0].text
    past = make_round(store, plan="old", state="closed", opened=timedelta(days=-30), closes=timedelta(days=-20))
    enrol(store, d, past, "张三", sat=True, passed=True)
    counts.store_sums(store, past, NOW)
    lines = figures.trend(turn(store, d, "李建国", "趋势"), store)[0].text.splitlines()
    assert lines == ["最近1期（计入考核），按时间先后：", "11月4日　应考1　实考1　参考率100%　合格率100%"]


def test_a_picture_is_a_job_and_arrives_as_a_png_of_the_askers_scope(store: Store) -> None:
    d = district(store)
    assert figures.picture(turn(store, d, "陈芳", "情况图"), store)[0].text == "正在画图，稍后发给您。"
    [reply] = works(store, d, "figures_picture")
    assert reply.text == "「宪法宣传周学法考试」情况图，截至12月4日 10:00。"
    assert reply.files[0].content.startswith(b"\x89PNG")
    assert reply.files[0].media_type == "image/png"


def test_the_report_to_a_leader_is_one_message_in_their_language(store: Store) -> None:
    d = district(store)
    leader = people.person_of(store, d.people["陈芳"])
    assert isinstance(leader, Person)
    text = figures.report(store, d.round_id, leader, HOUSE, NOW).text
    assert text.startswith("截至12月4日：应考6人")
    assert "住建局（应考6）" in text
    assert "司法局" not in text
    store.plain("UPDATE person SET language = 'en'")
    english = people.person_of(store, d.people["陈芳"])
    assert english is not None
    assert figures.report(store, d.round_id, english, HOUSE, NOW).text.startswith(
        "As of 12-04: 6 due, 0 sat, participation 0.00%"
    )


def test_an_aide_reads_what_the_leader_reads(store: Store) -> None:
    d = district(store)
    grant(store, d, "吴九", "aide", "住建局")
    assert "应考6人" in asks(store, d, "吴九")[0].text


def test_before_any_round_there_is_a_plain_sentence(store: Store) -> None:
    d = district(store)
    store.plain("DELETE FROM enrolment")
    store.plain("DELETE FROM round")
    assert asks(store, d, "李建国")[0].text == "还没有开放过答题，没有可看的数字。"
