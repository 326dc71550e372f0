"""Replies as calls: the card, the buttons, long texts, articles, files."""

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.telegram.showing import calls
from handlers.messages import Choice, File, Link, QuestionCard, Reply, answer_action
from tests.fakes.botapi.markup import parse
from tests.fakes.botapi.spec import problems

CARD = QuestionCard(
    "第 1/3 题 · 单选题", '3 < 5 & "行" 吗？', ("甲 <b>", "乙", "丙", "丁"), multiple=False, token="tok"
)
MULTIPLE = QuestionCard(
    "第 2/3 题 · 多选题", "哪些？", ("甲", "乙", "丙", "丁"), multiple=True, token="tok", submit_label="提交"
)


def only(reply, origin=None):
    (call,) = calls(reply, origin)
    return call


def rows(call):
    return call.arguments.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]


def labels(call):
    return [[button["text"] for button in row] for row in rows(call)]


def data(call):
    return [button["callback_data"] for row in rows(call) for button in row]


def text(call):
    return parse(call.arguments["text"])[0]


def check(call):
    """No objection by the specification."""
    files = {"photo", "document"} if call.file else set()
    assert not problems(call.method, {"chat_id": "7", **call.arguments}, files & {call.method[4:].lower()})


def test_a_question_shows_its_heading_bold_its_options_in_full_and_a_button_a_letter():
    call = only(Reply("上一题：正确。", card=CARD))
    assert call.arguments["text"] == (
        '上一题：正确。\n\n<b>第 1/3 题 · 单选题</b>\n\n3 &lt; 5 &amp; "行" 吗？\n\nA. 甲 &lt;b&gt;\nB. 乙\nC. 丙\nD. 丁'
    )
    assert labels(call) == [["A", "B", "C", "D"]]
    assert data(call) == [answer_action("tok", letter) for letter in "ABCD"]
    check(call)


def test_a_multiple_choice_ticks_first_and_offers_the_answer_only_once_something_is_ticked():
    call = only(Reply("", card=MULTIPLE))
    assert labels(call) == [["☐ A", "☐ B", "☐ C", "☐ D"]]
    assert data(call) == ["?tok:A", "?tok:B", "?tok:C", "?tok:D"]
    ticked = only(Reply("", card=QuestionCard(**{**fields(MULTIPLE), "chosen": "AC"})))
    assert labels(ticked) == [["☑ A", "☐ B", "☑ C", "☐ D"], ["提交"]]
    assert data(ticked) == ["?tok:C", "?tok:ABC", "?tok:A", "?tok:ACD", "=tok:AC"]
    check(ticked)


def fields(card):
    return {name: getattr(card, name) for name in card.__slots__}


def test_a_judgement_has_its_options_as_buttons_and_does_not_list_them():
    call = only(Reply("", card=QuestionCard("判断题", "行政处罚应当公开。", ("对", "错"), multiple=False, token="tok")))
    assert labels(call) == [["对", "错"]]
    assert data(call) == ["=tok:A", "=tok:B"]
    assert "A." not in text(call)


def test_two_long_options_are_a_choice_and_no_judgement():
    call = only(Reply("", card=QuestionCard("单选题", "？", ("一个很长的选项甲", "乙"), multiple=False, token="tok")))
    assert labels(call) == [["A", "B"]]


def test_a_blank_has_no_buttons():
    call = only(Reply("", card=QuestionCard("填空题", "____", (), multiple=False, token="tok")))
    assert not rows(call)


def test_short_choices_share_a_row_of_three_and_long_ones_stand_alone():
    said = [Choice(label, label) for label in ("是", "否", "稍后", "今日答题", "查看本单位未参考人员名单", "退出")]
    assert labels(only(Reply("选", choices=tuple(said)))) == [
        ["是", "否", "稍后"],
        ["今日答题"],
        ["查看本单位未参考人员名单"],
        ["退出"],
    ]


def test_what_no_button_can_hold_becomes_text():
    reply = Reply(
        "看",
        choices=(Choice("太长", "长" * 30),),
        links=(Link("本机", "http://localhost:8000/x"), Link("坏", "javascript:alert(1)")),
    )
    call = only(reply)
    assert not rows(call)
    assert text(call) == "看\n\n太长\n本机: http://localhost:8000/x\n坏: javascript:alert(1)"
    many = only(Reply("选", choices=tuple(Choice(f"第{n}项的名称比较长", str(n)) for n in range(105))))
    assert sum(map(len, rows(many))) == 100
    assert "第104项" in text(many)
    check(many)


def test_web_links_are_buttons():
    call = only(
        Reply("看", links=(Link("打开", "https://xuefa.example.cn/a?b=1"), Link("内网", "http://10.1.2.3:8000/")))
    )
    assert [button["url"] for row in rows(call) for button in row] == [
        "https://xuefa.example.cn/a?b=1",
        "http://10.1.2.3:8000/",
    ]
    check(call)


def test_a_long_text_is_several_messages_split_between_paragraphs_with_the_buttons_under_the_last():
    paragraphs = [f"第{n}条　" + "文" * 900 for n in range(1, 11)]
    shown = calls(Reply("\n\n".join(paragraphs), choices=(Choice("知道了", "知道了"),)))
    assert [bool(rows(call)) for call in shown] == [False] * (len(shown) - 1) + [True]
    assert all(text(call).startswith("第") for call in shown)
    assert "\n\n".join(text(call) for call in shown) == "\n\n".join(paragraphs)
    for call in shown:
        check(call)


def test_one_endless_paragraph_is_cut_at_a_sentence():
    shown = calls(Reply("甲乙丙丁。" * 2000))
    assert all(text(call).endswith("。") for call in shown)
    assert "".join(text(call) for call in shown) == "甲乙丙丁。" * 2000


def test_an_edit_takes_the_place_of_the_pressed_message_and_a_longer_text_goes_on_below():
    call = only(Reply("已记录。", edits=True), "31")
    assert (call.method, call.arguments["message_id"], call.edits) == ("editMessageText", 31, True)
    assert call.anew().method == "sendMessage"
    assert "message_id" not in call.anew().arguments
    methods = [call.method for call in calls(Reply("字" * 5000, edits=True), "31")]
    assert methods == ["editMessageText", "sendMessage"]


def test_without_an_origin_an_edit_is_a_new_message():
    assert only(Reply("已记录。", edits=True)).method == "sendMessage"
    assert only(Reply("已记录。", edits=True), "x; drop").method == "sendMessage"


def test_files_go_before_the_text_pictures_as_photos():
    files = (File("a.png", "image/png", b"p"), File("b.xlsx", "application/vnd.ms-excel", b"x"))
    assert [call.method for call in calls(Reply("见图。", files=files))] == ["sendPhoto", "sendDocument", "sendMessage"]
    methods = [call.method for call in calls(Reply("见图。", files=files, edits=True), "3")]
    assert methods == ["editMessageText", "sendPhoto", "sendDocument"]


def test_buttons_without_a_text_stand_under_the_last_file_or_a_dot():
    (call,) = calls(Reply("", files=(File("b.xlsx", "x", b"x"),), choices=(Choice("好", "好"),)))
    assert labels(call) == [["好"]]
    check(call)
    assert text(only(Reply("", choices=(Choice("好", "好"),)))) == "·"


def test_an_empty_reply_is_no_call():
    assert calls(Reply("")) == []
    assert calls(Reply(" \n\n ")) == []


WORDS = st.text(alphabet="甲乙<>&\"'*_`[]()#-|>\n 1.a", max_size=400)


@settings(max_examples=80, deadline=None)
@given(said=WORDS, article=WORDS, stem=WORDS, options=st.lists(WORDS, max_size=5), origin=st.none() | st.just("3"))
def test_whatever_is_said_is_valid_html_of_a_size_telegram_takes(said, article, stem, options, origin):
    card = QuestionCard("题", stem, tuple(options), multiple=False, token="t")
    for call in calls(Reply(said * 20, article=article * 20, card=card, edits=True), origin):
        assert text(call).strip()
        assert len(text(call)) <= 4096
        assert len(parse(call.arguments["text"])[1]) <= 100
        check(call)
