from __future__ import annotations

from sqlalchemy import select

from handlers.help import feedback
from handlers.messages import Reply
from storage import feedback as reports
from storage import tables
from storage.database import Store
from tests.builders import District, district, hands_in_paper, owed, turn


def says(store: Store, d: District, name: str, said: str) -> Reply:
    """As dispatch would: a command by its word, anything else by the topic."""
    asked = turn(store, d, name, said)
    commands = {
        "题目纠错": feedback.report_question,
        "投诉建议": feedback.complaint,
        "意见箱": feedback.waiting,
        "答复": feedback.answer,
    }
    [reply] = commands.get(said.split()[0], feedback.said)(asked, store)
    return reply


def test_a_question_is_reported_in_two_messages_and_reaches_the_admin_with_a_number(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True, True])
    asked = says(store, d, "张三", "题目纠错")
    assert asked.text.startswith("纠错的题：第2问？\n（编号 t-1）")
    assert says(store, d, "张三", "答案应为B，依据第三十三条").text == "已记录，编号 1。处理后会答复您。"
    [told] = owed(store, d, "王敏")
    assert told == "收到题目纠错，编号 1：第2问？（t-1）\n意见：答案应为B，依据第三十三条\n答复请输入「答复 1 内容」。"
    assert "张三" not in told


def test_a_question_can_be_named_and_reported_at_once(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True, True])
    assert "第1问" in says(store, d, "张三", "题目纠错 t-0").text
    assert "编号 1" in says(store, d, "张三", "题目纠错 t-0 选项重复").text
    found = reports.get(store, 1)
    assert found is not None
    assert (found.about, found.text, found.kind) == ("t-0", "选项重复", "question")


def test_the_wording_of_a_question_one_has_not_been_asked_is_not_shown(store: Store) -> None:
    """Else a question of an exam could be read by its number before it is begun."""
    d = district(store)
    hands_in_paper(store, d, d.round_id, "李四", [True])
    assert "第1问" in says(store, d, "李四", "题目纠错 t-0").text
    asked = says(store, d, "张三", "题目纠错 t-0").text
    assert "第1问" not in asked
    assert "编号 t-0" in asked
    assert says(store, d, "张三", "选项重复").text == "已记录，编号 1。处理后会答复您。"


def test_who_has_answered_nothing_is_asked_for_the_number(store: Store) -> None:
    d = district(store)
    assert says(store, d, "吴九", "题目纠错").text == "没有找到您最近答过的题。请先答题，或输入「题目纠错 题目编号」。"


def test_a_complaint_is_recorded_and_answered_to_the_person(store: Store) -> None:
    d = district(store)
    says(store, d, "吴九", "投诉建议")
    says(store, d, "吴九", "提醒太多了")
    assert says(store, d, "王敏", "意见箱").text == (
        "待答复1条，从旧到新：\n1. 投诉建议（12月4日）：提醒太多了\n请输入「答复 编号 内容」，例如「答复 1 已更正，谢谢」。"
    )
    assert says(store, d, "王敏", "答复 1 已减到每周三条").text == "已答复编号 1，会发给本人。"
    assert owed(store, d, "吴九") == ["您的投诉建议（编号 1）有答复：已减到每周三条\n您当时写的是：提醒太多了"]
    assert says(store, d, "王敏", "意见箱").text == "没有待答复的意见。"


def test_the_topic_ends_with_the_report(store: Store) -> None:
    d = district(store)
    says(store, d, "吴九", "投诉建议")
    says(store, d, "吴九", "提醒太多了")
    assert turn(store, d, "吴九", "再说一句").topic is None


def test_an_answer_to_somebody_unreachable_is_kept_and_said(store: Store) -> None:
    d = district(store)
    says(store, d, "吴九", "投诉建议 太多了")
    store.plain("UPDATE account SET unreachable = 'blocked'")
    assert "现在无法送达本人" in says(store, d, "王敏", "答复 1 好的").text
    found = reports.get(store, 1)
    assert found is not None
    assert (found.state, found.answer) == ("answered", "好的")


def test_an_answer_needs_a_number_that_exists_and_words(store: Store) -> None:
    d = district(store)
    assert "请输入「答复 编号 内容」" in says(store, d, "王敏", "答复").text
    assert says(store, d, "王敏", "答复 7 好").text == "没有编号为 7 的意见。请输入「意见箱」，看还有哪些待答复。"


def test_a_very_long_complaint_is_sent_back_and_not_recorded(store: Store) -> None:
    d = district(store)
    says(store, d, "吴九", "投诉建议")
    assert says(store, d, "吴九", "长" * 1001).text == "请缩短到 1000 字以内，再发一次。"
    assert store.row(select(tables.feedback.c.id)) is None


def test_an_english_reader_is_answered_in_english(store: Store) -> None:
    d = district(store)
    store.plain(f"UPDATE person SET language = 'en' WHERE id = {d.people['吴九']}")
    assert says(store, d, "吴九", "投诉建议 too many").text == "Recorded, reference 1. You will get an answer."
    says(store, d, "王敏", "答复 1 好的")
    assert owed(store, d, "吴九")[0].startswith("Your complaint or suggestion (reference 1) has been answered: 好的")


def test_everybody_looks_up_their_own_reports_and_the_answers(store: Store) -> None:
    d = district(store)

    def mine(name: str) -> str:
        return feedback.mine(turn(store, d, name, "我的反馈"), store)[0].text

    assert mine("吴九") == "您还没有提过意见或纠错。"
    first = says(store, d, "吴九", "投诉建议 " + "长" * 200)
    assert [b.says for b in first.choices] == ["我的反馈", "今日答题"]
    says(store, d, "张三", "投诉建议 别人的话")
    assert "还没有答复，处理后会通知您。" in mine("吴九")
    says(store, d, "王敏", "答复 1 已减少")
    shown = mine("吴九")
    assert shown.endswith("答复：已减少")
    assert "1. 投诉建议（12月4日）：" + "长" * 120 + "…" in shown
    assert "别人的话" not in shown
