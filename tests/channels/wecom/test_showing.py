"""Replies as an app's messages: the text before the card, everything in full, links that sign in, and all of it without cards too."""

import re
from string import ascii_uppercase

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wecom import cards
from channels.wecom.showing import LOGIN, MOST_PICTURE, Manner, messages
from handlers.messages import Choice, File, Link, QuestionCard, Reply, answer_action
from handlers.words import words
from tests.fakes.wecom import cards as judge
from tests.fakes.wecom.advising import advice

SITE = "https://xuefa.example"
CARDS, TYPED = Manner(SITE, words=words), Manner(SITE, with_cards=False)
SINGLE = QuestionCard(
    "第 1/3 题 · 单选题",
    "应当如何处理？",
    ("不予处罚", "从轻处罚", "减轻处罚", "警告并且责令限期改正"),
    multiple=False,
    token="1.0.m",
)
MULTIPLE = QuestionCard(
    "第 2/3 题 · 多选题",
    "哪些属于行政处罚？",
    ("警告", "罚款", "罚金"),
    multiple=True,
    token="1.1.m",
    submit_label="提交",
)
BLANK = QuestionCard("第 3/3 题 · 填空题", "应在____日内作出。", (), multiple=False, token="1.2.m")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def shown(*replies, manner=CARDS):
    """The messages, each of which WeCom takes."""
    found = messages(replies, lambda number: f"task-{number}", manner)
    for message in found:
        if message.kind == "text":
            assert 1 <= len(message.body["content"].encode()) <= 2048
        elif message.kind == "template_card":
            assert judge.refusal(message.body) is None
            assert advice(message.body, judge.APP) == []
    tasks = [message.body["task_id"] for message in found if message.kind == "template_card"]
    assert len(set(tasks)) == len(tasks)
    return found


def kinds(found):
    return [message.kind for message in found]


def text(found):
    """Everything that is said outside of cards."""
    return "\n\n".join(message.body["content"] for message in found if message.kind == "text")


def buttons(found):
    return [pair for message in found if message.kind == "template_card" for pair in judge.pressable(message.body)]


# Questions. ---------------------------------------------------------------------------------------------------------------


def test_a_question_stands_in_full_in_the_text_before_its_card():
    found = shown(Reply("正确。", card=SINGLE))
    assert kinds(found) == ["text", "template_card"]
    assert text(found) == (
        "正确。\n\n第 1/3 题 · 单选题\n应当如何处理？\nA. 不予处罚\nB. 从轻处罚\nC. 减轻处罚\nD. 警告并且责令限期改正"
    )
    assert buttons(found) == [(letter, answer_action("1.0.m", letter)) for letter in "ABCD"]
    assert [message.token for message in found] == ["", "1.0.m"]


def test_a_multiple_choice_is_a_vote_below_its_text():
    found = shown(Reply("", card=MULTIPLE))
    assert "哪些属于行政处罚？\nA. 警告\nB. 罚款\nC. 罚金" in text(found)
    assert found[-1].body["checkbox"]["mode"] == 1
    assert buttons(found) == [("提交", "=1.1.m:")]


def test_a_blank_is_text_only_and_its_choices_have_a_card():
    found = shown(Reply("请直接输入。", card=BLANK, choices=(Choice("下一题", "第 2 题"), Choice("交卷", "交卷"))))
    assert kinds(found) == ["text", "template_card"]
    assert text(found) == "请直接输入。\n\n第 3/3 题 · 填空题\n应在____日内作出。"
    assert (found[-1].token, [says for _, says in buttons(found)]) == ("", ["第 2 题", "交卷"])


def test_a_question_with_choices_is_two_cards_of_which_one_asks():
    found = shown(Reply("", card=SINGLE, choices=(Choice("下一题", "第 2 题"), Choice("答题卡", "答题卡"))))
    assert kinds(found) == ["text", "template_card", "template_card"]
    assert [message.token for message in found] == ["", "1.0.m", ""]
    assert found[2].body["main_title"]["title"] == "请点下面的按钮"
    assert [message.body["task_id"] for message in found[1:]] == ["task-0", "task-1"]


def test_a_stem_of_many_pages_is_cut_between_lines_and_nothing_of_it_is_lost():
    stem = "\n".join(f"第{n}条　" + "文" * 300 for n in range(1, 12))
    found = shown(Reply("", card=QuestionCard("案例题", stem, ("甲" * 900, "乙"), multiple=False, token="t")))
    pieces = [message.body["content"] for message in found if message.kind == "text"]
    assert len(pieces) > 4
    assert all(piece.startswith(("案例题", "第", "A. ", "甲", "B. ")) for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(f"案例题\n{stem}\nA. {'甲' * 900}\nB. 乙".split())


# Texts. -------------------------------------------------------------------------------------------------------------------


def test_neighbouring_texts_are_one_message_since_each_costs_one_of_thirty_a_minute():
    assert text(shown(Reply("一"), Reply("二"), Reply("三"))) == "一\n\n二\n\n三"
    assert len(shown(Reply("一"), Reply("二"), Reply("三"))) == 1
    assert len(shown(Reply("字" * 600), Reply("字" * 600))) == 2
    assert kinds(shown(Reply("一"), Reply("", card=SINGLE), Reply("二"))) == ["text", "template_card", "text"]


def test_a_long_article_is_several_messages_of_which_none_is_cut_by_wecom():
    paragraphs = [f"第{n}条　" + "文" * 400 for n in range(1, 13)]
    found = shown(Reply("学习资料", article="# 标题\n\n" + "\n\n".join(paragraphs)))
    assert (
        len(found) == 13
    )  # twelve paragraphs of 1,200 bytes do not share, and neither does the first with title and text
    assert all(paragraph in text(found) for paragraph in ["学习资料", "标题", *paragraphs])


def test_an_articles_markdown_is_read_and_its_links_keep_their_addresses():
    found = shown(Reply("", article="**重点**\n\n- 甲\n- 乙\n\n见[条文](https://flk.npc.gov.cn/a?b=1)。"))
    assert text(found) == "重点\n\n• 甲\n• 乙\n\n见条文 https://flk.npc.gov.cn/a?b=1 。"


def test_what_people_write_becomes_no_link_of_ours():
    found = shown(Reply('李四：<a href="http://evil.example">点这里</a> <A HREF=x> 1<2'))
    assert "<a" not in text(found).lower()
    assert "＜a href" in text(found)
    assert "1<2" in text(found)


def test_a_character_written_as_its_number_is_not_refused():
    assert not re.search(r"\\u[0-9a-fA-F]{4}", text(shown(Reply(r"他写了 \u4e2d 和 C:\users"))))


def test_nothing_to_show_is_no_message():
    assert shown() == shown(Reply("")) == shown(Reply(" \n\n ")) == []


def test_a_material_is_markdown_where_the_deployment_wants_it_and_text_where_not():
    reply = Reply("《要点》", article="**重点**内容")
    assert [each.kind for each in shown(reply)] == ["text"]
    asked = shown(reply, manner=Manner(SITE, with_markdown=True))
    assert [(each.kind, each.body["content"]) for each in asked] == [("text", "《要点》"), ("markdown", "**重点**内容")]


# Links. -------------------------------------------------------------------------------------------------------------------


def links(*urls, label="打开", manner=CARDS):
    """Where the links of a reply lead: its buttons, and what stands in the text."""
    found = shown(Reply("看", links=tuple(Link(label, url) for url in urls)), manner=manner)
    buttons = [button for each in found for button in each.body.get("button_list", ())]
    return [button["url"] for button in buttons] + re.findall(r'<a href="([^"]*)">', text(found))


def test_a_link_is_a_button_where_its_label_fits_and_else_stands_in_the_text():
    short, long = shown(Reply("看", links=(Link("打开", SITE),))), shown(Reply("看", links=(Link("一" * 11, SITE),)))
    assert [each.kind for each in short] == ["template_card"]
    assert [each.kind for each in long] == ["text"]
    assert [
        each.kind for each in shown(Reply("看", links=(Link("打开", SITE),)), manner=Manner(SITE, with_cards=False))
    ] == ["text"]


def test_a_link_to_a_page_of_ours_signs_the_member_in_on_the_way():
    assert links(f"{SITE}/exam", f"{SITE}/materials/3?page=2#第一条", SITE) == [
        f"{SITE}{LOGIN}?to=/exam",
        f"{SITE}{LOGIN}?to=/materials/3%3Fpage%3D2%23%E7%AC%AC%E4%B8%80%E6%9D%A1",
        f"{SITE}{LOGIN}?to=/",
    ]


def test_a_link_elsewhere_stays_as_it_is_and_so_does_an_entry_of_its_own():
    urls = ["https://flk.npc.gov.cn/x", f"{SITE}.evil.example/exam", f"{SITE}/enter/token", "http://xuefa.example/exam"]
    assert links(*urls) == urls
    assert links("https://flk.npc.gov.cn/x", manner=Manner("")) == ["https://flk.npc.gov.cn/x"]


def test_a_link_says_its_label_in_full_and_no_label_breaks_out_of_it():
    assert '">考试：＜b＞第一场＜/b＞</a>' in text(
        shown(Reply("看", links=(Link("考试：<b>第一场</b>", f"{SITE}/exam"),)))
    )
    assert f'">{SITE}/exam</a>' in text(shown(Reply("看", links=(Link("", f"{SITE}/exam"),))))


# Choices. -----------------------------------------------------------------------------------------------------------------


def some(*labels):
    return tuple(Choice(label, f"说{n}") for n, label in enumerate(labels))


def test_few_words_with_choices_stand_on_the_card_alone():
    [only] = shown(Reply("今天的题答完了。\n得分 100。", choices=some("学法档案", "学习资料")))
    assert only.body["main_title"]["title"] == "今天的题答完了。"
    assert only.body["sub_title_text"] == "得分 100。"


def test_a_first_line_too_long_for_a_title_stands_below_it_in_full():
    line = "今天没有您要答的题目，下一次是明天上午九点整，到时候会发给您，请留意这里的消息。"
    [only] = shown(Reply(line, choices=some("学法档案")))
    assert only.body["sub_title_text"] == line
    assert only.body["main_title"]["title"] == "请点下面的按钮"


def test_more_words_stand_before_the_card_whose_title_says_to_choose():
    said = "年度学法考试\n" + "规则。" * 60 + "\n现在开始吗？"
    found = shown(Reply(said, choices=some("开始考试")))
    assert kinds(found) == ["text", "template_card"]
    assert text(found) == said
    assert found[1].body["main_title"]["title"] == "请点下面的按钮"


def test_a_cards_own_words_are_in_the_language_of_what_is_said():
    found = shown(
        Reply("The annual exam closes on 11 December.\n" + "It has rules. " * 20, choices=(Choice("Begin", "begin"),))
    )
    assert found[1].body["main_title"]["title"] == "Tap a button below"


def test_eight_choices_with_long_labels_are_numbered_and_every_one_can_be_pressed():
    labels = [f"查看第{n}个单位的未参考人员名单" for n in range(1, 9)]
    found = shown(Reply("选哪一个？", choices=tuple(Choice(label, f"名单 {n}") for n, label in enumerate(labels))))
    assert kinds(found) == ["text", "template_card", "template_card"]
    assert text(found) == "选哪一个？\n\n" + "\n".join(f"{n}. {label}" for n, label in enumerate(labels, 1))
    assert buttons(found) == [(f"{n}", f"名单 {n - 1}") for n in range(1, 9)]


def test_choices_without_a_text_have_a_card_with_a_title_all_the_same():
    file = File("名单.xlsx", "application/vnd.ms-excel", b"x" * 10)
    found = shown(Reply("", files=(file,), choices=some("好")))
    assert kinds(found) == ["file", "template_card"]
    assert found[1].body["main_title"]["title"] == "请点下面的按钮"


# Files. -------------------------------------------------------------------------------------------------------------------


def test_files_go_before_the_text_and_pictures_as_pictures():
    files = (File("a.png", "image/png", PNG), File("b.xlsx", "application/vnd.ms-excel", b"x" * 10))
    found = shown(Reply("上一条"), Reply("见图。", files=files, choices=some("好")))
    assert kinds(found) == ["text", "image", "file", "template_card"]
    assert [message.file for message in found] == [None, *files, None]


def test_a_picture_that_is_none_or_too_large_goes_as_a_file():
    for content in (b"no picture", PNG + bytes(MOST_PICTURE)):
        assert kinds(shown(Reply("", files=(File("a.png", "image/png", content),)))) == ["file"]
    assert kinds(shown(Reply("", files=(File("a.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(9)),)))) == ["image"]


# Without cards. -----------------------------------------------------------------------------------------------------------


def test_without_cards_everything_is_text_and_says_what_to_type():
    reply = Reply("请选择。", card=SINGLE, choices=(Choice("今日答题", "今日答题"), Choice("接着考", "考试 7")))
    found = shown(reply, manner=TYPED)
    assert kinds(found) == ["text"]
    assert "D. 警告并且责令限期改正" in text(found)
    assert text(found).endswith("· 今日答题\n· 接着考 → 考试 7")


WORDS = st.text(alphabet="甲乙 。\n<a>&\"'\\u4e2dA1·📚", max_size=300)
LABELS = st.text(alphabet="甲乙丙丁AB 12", min_size=1, max_size=20).filter(str.strip)
QUESTIONS = st.builds(
    QuestionCard,
    heading=LABELS, stem=WORDS, options=st.lists(LABELS, min_size=2, max_size=10).map(tuple) | st.just(()),
    multiple=st.booleans(), token=st.just("1.0.m"),
)  # fmt: skip
REPLIES = st.builds(
    Reply,
    text=WORDS, card=st.none() | QUESTIONS, article=WORDS,
    choices=st.lists(LABELS, max_size=9, unique=True).map(lambda labels: some(*labels)),
    links=st.lists(st.sampled_from([f"{SITE}/exam", "https://flk.npc.gov.cn"]).map(lambda url: Link("看", url)), max_size=2)
    .map(tuple),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(replies=st.lists(REPLIES, min_size=1, max_size=3), with_cards=st.booleans())
def test_whatever_is_said_wecom_takes_it_and_everything_can_be_answered(replies, with_cards):
    found = shown(*replies, manner=Manner(SITE, with_cards))
    pressed, said = {key for _, key in buttons(found)}, "".join(text(found).split())
    for reply in replies:
        says = {choice.says for choice in reply.choices}
        if with_cards:
            assert says <= pressed
        else:
            assert all(each in said for each in says)
        if reply.card:
            listed = zip(ascii_uppercase, reply.card.options, strict=False)
            assert all("".join(f"{letter}. {option}".split()) in said for letter, option in listed)
            if with_cards and reply.card.options:
                action = cards.action_of(next(key for key in pressed if key.startswith("=1.0.m:")), ["A"])
                assert action.startswith("=1.0.m:")
