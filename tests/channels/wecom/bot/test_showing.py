"""Replies as messages of the 智能机器人: whatever the house says is taken by WeCom, and nothing of it is lost."""

from hypothesis import given
from hypothesis import strategies as st

from channels.wecom.bot.showing import MOST_BYTES, bodies, literal, replacement
from handlers.messages import Choice, File, Link, QuestionCard, Reply, answer_action
from tests.channels.wecom.bot.running import FIRST, SECOND
from tests.fakes.wecom import advising, cards

PNG = File("图.png", "image/png", b"x")


def shown(reply):
    return bodies(reply, "x1")


def test_a_question_is_its_text_in_full_and_then_a_card_with_short_labels():
    text, card = shown(Reply("回答正确。", card=SECOND))
    assert text.markdown == "回答正确。\n\n**每日一题 · 第 2/2 题 · 多选题**\n\n二？\n\nA. 甲\nB. 乙\nC. 丙"
    assert card.card["card_type"] == "vote_interaction"
    assert card.card["checkbox"]["mode"] == 1
    assert card.card["task_id"] == "x1q"


def test_a_judgement_has_its_answers_on_the_buttons_and_a_blank_has_no_card():
    judge = QuestionCard("判断题", "对吗？", ("对", "错"), multiple=False, token="t")
    assert shown(Reply("", card=judge))[0].markdown == "**判断题**\n\n对吗？"
    blank = QuestionCard("填空题", "填？", (), multiple=False, token="t")
    assert [body.card for body in shown(Reply("请直接打字。", card=blank))] == [None]


def test_few_words_with_buttons_are_one_card():
    (only,) = shown(Reply("今天没有题目。\n下次在周五。", choices=(Choice("我的学法档案", "我的学法档案"),)))
    assert only.card["main_title"]["title"] == "今天没有题目。"
    assert only.card["sub_title_text"] == "下次在周五。"


def test_many_words_stand_before_their_buttons():
    text, card = shown(Reply("字" * 300, choices=(Choice("好", "好"),)))
    assert text.markdown == "字" * 300
    assert card.card["button_list"][0]["key"] == "好"


def test_choices_too_long_for_a_button_are_written_out_beside_what_the_button_says():
    text, card = shown(Reply("请选", choices=(Choice("请假", "请假"), Choice("一个很长很长很长的选项", "选项 3"))))
    assert "[选项] 一个很长很长很长的选项" in text.markdown
    assert [button["text"] for button in card.card["button_list"]] == ["请假", "选项"]


def test_files_come_first_and_links_are_links():
    file, text = shown(Reply("看", files=(PNG,), links=(Link("成绩[全]", "https://x.cn/a b(1)"),)))
    assert file.file is PNG
    assert text.markdown == "看\n\n[成绩［全］](https://x.cn/a%20b(1%29)"


def test_a_long_article_is_cut_into_messages_that_wecom_takes_and_stays_markdown():
    article = "\n".join(f"## 第{number}条\n" + "法" * 900 for number in range(30))
    found = shown(Reply("请学习", article=article))
    assert len(found) > 1
    assert all(len(body.markdown.encode()) <= MOST_BYTES for body in found)
    assert "".join("".join(body.markdown.split()) for body in found) == "请学习" + "".join(article.split())


def test_the_answer_to_a_message_is_a_stream_that_is_finished():
    (text,) = shown(Reply("好"))
    assert text.answered("s1") == {"msgtype": "stream", "stream": {"id": "s1", "finish": True, "content": "好"}}
    assert text.sent() == {"msgtype": "markdown", "markdown": {"content": "好"}}
    (file,) = shown(Reply("", files=(PNG,)))
    assert file.answered("s1", ("image", "m1")) == file.sent(("image", "m1")) == {"msgtype": "image", "image": {"media_id": "m1"}}  # fmt: skip


def test_plain_text_cannot_pose_as_a_link_a_mention_or_a_heading():
    assert literal("[点这里](http://x)") == "[点这里] (http://x)"
    assert literal("<@zhang> 好") == "＜@zhang> 好"
    assert literal("# 大\n> 引") == "＃ 大\n＞ 引"


def test_an_answered_card_shows_the_verdict_and_what_was_chosen():
    card = replacement(answer_action("t", "AC"), [Reply("回答正确。\n因为……", edits=True)], "x1q")
    assert (card["main_title"]["title"], card["button_list"][0]["text"], card["task_id"]) == (
        "回答正确。",
        "✓ AC",
        "x1q",
    )


def test_an_answer_that_was_none_is_not_ticked():
    card = replacement(answer_action(SECOND.token, "A"), [Reply("请选两项以上。", card=SECOND, edits=True)], "x1q")
    assert card["button_list"][0]["text"] == "↓"


def test_what_takes_nothings_place_leaves_the_card():
    assert replacement(answer_action("t", "A"), [Reply("没有记下")], "x1q") is None
    assert replacement("我的学法档案", [], "x1q") is None


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
CARDS = st.builds(
    QuestionCard,
    heading=WORDS.filter(str.strip),
    stem=WORDS,
    options=st.lists(WORDS.filter(str.strip), max_size=20).map(tuple),
    multiple=st.booleans(),
    token=st.just("7.0.token"),
    submit_label=st.just("提交"),
)
CHOICES = st.lists(
    st.builds(
        Choice, WORDS.map(str.strip), st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=20)
    ),
    max_size=14,
    unique_by=lambda choice: choice.says,
)


@given(st.builds(Reply, WORDS, CHOICES.map(tuple), st.none() | CARDS))
def test_every_card_and_text_is_one_that_wecom_takes(reply):
    found = shown(reply)
    for body in found:
        if body.card:
            assert cards.refusal(body.card, cards.BOT) is None
            assert not advising.advice(body.card, cards.BOT)
        else:
            assert body.markdown.strip()
            assert len(body.markdown.encode()) <= MOST_BYTES
    tasks = [body.card["task_id"] for body in found if body.card]
    assert len(set(tasks)) == len(tasks)
    done = replacement("=7.0.token:A", [Reply(reply.text, edits=True)], "x1q")
    assert cards.refusal(done, cards.BOT, update=True) is None


def test_the_first_card_of_the_quiz_is_as_wecom_wants_it():
    assert cards.refusal(shown(Reply("", card=FIRST))[1].card, cards.BOT) is None
