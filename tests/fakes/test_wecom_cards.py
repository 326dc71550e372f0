"""The simulator judges template cards as WeCom's documentation says, for 自建应用 and for 智能机器人."""

import pytest

from tests.fakes.wecom.advising import advice
from tests.fakes.wecom.cards import APP, BOT, refusal

BUTTONS = {
    "card_type": "button_interaction", "main_title": {"title": "第 1/3 题"}, "task_id": "q-1@a_B",
    "button_list": [{"text": letter, "style": 1, "key": f"=t:{letter}"} for letter in "ABCDEF"],
}  # fmt: skip
VOTE = {
    "card_type": "vote_interaction", "main_title": {"title": "第 2/3 题"}, "task_id": "q-2",
    "checkbox": {
        "question_key": "q", "mode": 1, "option_list": [{"id": each, "text": each, "is_checked": False} for each in "ABCD"]
    },
    "submit_button": {"text": "提交", "key": "=t:"},
}  # fmt: skip
DROPS = {
    "card_type": "multiple_interaction", "main_title": {"title": "选"}, "task_id": "m",
    "select_list": [{"question_key": "a", "selected_id": "1", "option_list": [{"id": "1", "text": "请选择"}]}],
    "submit_button": {"text": "提交", "key": "k"},
}  # fmt: skip
NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "通知"},
    "card_action": {"type": 1, "url": "https://x.cn/"},
}
NEWS = {**NOTICE, "card_type": "news_notice", "card_image": {"url": "https://x.cn/a.png"}}


def changed(card, path, value):
    """A copy with what stands at the path (names and numbers) set, or taken away (None)."""
    name, *rest = path
    copy = list(card) if isinstance(card, list) else dict(card)
    if rest:
        copy[name] = changed(card[name], rest, value)
    elif value is None:
        del copy[name]
    else:
        copy[name] = value
    return copy


@pytest.mark.parametrize("limits", [APP, BOT])
@pytest.mark.parametrize("card", [BUTTONS, VOTE, DROPS, NOTICE, NEWS])
def test_a_right_card_is_taken_without_a_word(card, limits):
    assert refusal(card, limits) is None
    assert advice(card, limits) == []


OPTIONS = ["checkbox", "option_list"]
MENU = {"desc": "更多", "action_list": [{"text": "A", "key": "a"}, {"text": "B", "key": "a"}]}
BAD = [
    (BUTTONS, ["task_id"], None, 42014),
    (BUTTONS, ["task_id"], "", 42014),
    (BUTTONS, ["task_id"], "第一题", 42014),
    (BUTTONS, ["task_id"], "a" * 129, 42014),
    (BUTTONS, ["card_type"], "quiz_interaction", 42027),
    (BUTTONS, ["main_title"], None, 42029),
    (BUTTONS, ["main_title", "title"], " ", 42029),
    (BUTTONS, ["button_list"], [], 42036),
    (BUTTONS, ["button_list"], [{"text": f"{n}", "key": f"{n}"} for n in range(7)], 42036),
    (BUTTONS, ["button_list", 0, "text"], "", 42038),
    (BUTTONS, ["button_list", 0, "key"], None, 42039),
    (BUTTONS, ["button_list", 0, "key"], "钥" * 342, 42039),
    (BUTTONS, ["button_list", 0, "key"], "=t:B", 42039),
    (BUTTONS, ["button_list", 0], {"type": 1, "text": "打开", "url": "x.cn"}, 45034),
    (BUTTONS, ["card_action"], {"type": 3}, 42045),
    (BUTTONS, ["horizontal_content_list"], [{"keyname": "k", "value": "v"}] * 7, 42035),
    (BUTTONS, ["horizontal_content_list"], [{"value": "v"}], 42034),
    (BUTTONS, ["action_menu"], MENU, 42051),
    (VOTE, ["task_id"], None, 42014),
    (VOTE, ["checkbox", "question_key"], None, 42043),
    (VOTE, ["checkbox", "mode"], 2, 42044),
    (VOTE, OPTIONS, [], 42037),
    (VOTE, OPTIONS, [{"id": f"{n}", "text": "x", "is_checked": False} for n in range(21)], 42037),
    (VOTE, [*OPTIONS, 0, "id"], "B", 42040),
    (VOTE, [*OPTIONS, 0, "id"], "a" * 129, 42040),
    (VOTE, [*OPTIONS, 0, "text"], "", 42041),
    (VOTE, ["submit_button"], None, 42046),
    (VOTE, ["submit_button", "text"], "", 42049),
    (DROPS, ["select_list"], [], 42047),
    (DROPS, ["select_list"], DROPS["select_list"] * 4, 42047),
    (DROPS, ["select_list"], DROPS["select_list"] * 2, 42043),
    (DROPS, ["select_list", 0, "selected_id"], "9", 42040),
    (NOTICE, ["card_action"], None, 42045),
    (NOTICE, ["card_action", "type"], 0, 42045),
    (NOTICE, ["main_title"], None, 42029),
    (NOTICE, ["action_menu"], changed(MENU, ["action_list", 1, "key"], "b"), 42014),
    (NEWS, ["card_image"], None, 42032),
    (NEWS, ["vertical_content_list"], [{"title": "a"}] * 5, 42033),
    (NEWS, ["jump_list"], [{"title": "a"}] * 4, 42036),
]


@pytest.mark.parametrize(("card", "path", "value", "code"), BAD)
def test_a_wrong_card_is_refused_with_the_code_of_its_field(card, path, value, code):
    assert refusal(changed(card, path, value))[0] == code


def test_what_is_not_even_a_card_is_refused_too():
    assert [refusal(wrong)[0] for wrong in (None, [], "x", {}, {"card_type": ["vote_interaction"]})] == [42027] * 5


ADVICE = [
    (BUTTONS, ["main_title", "title"], "字" * 37, "title"),
    (BUTTONS, ["sub_title_text"], "字" * 161, "sub_title_text"),
    (BUTTONS, ["button_list", 0, "text"], "字" * 11, "button"),
    (BUTTONS, ["button_list", 0, "style"], 5, "style"),
    (BUTTONS, ["button_list", 0, "colour"], 5, "colour"),
    (BUTTONS, ["checkbox"], VOTE["checkbox"], "checkbox"),
    (BUTTONS, ["replace_text"], "已完成", "replace_text"),
    (VOTE, ["main_title", "title"], "字" * 17, "title"),
    (VOTE, ["sub_title_text"], "字", "sub_title_text"),
    (VOTE, [*OPTIONS, 0, "text"], "字" * 18, "option"),
    (VOTE, [*OPTIONS, 0, "is_checked"], None, "is_checked"),
    (DROPS, ["select_list", 0, "selected_id"], None, "drop-down"),
]


@pytest.mark.parametrize(("card", "path", "value", "word"), ADVICE)
def test_what_would_be_cut_or_ignored_is_pointed_out(card, path, value, word):
    card = changed(card, path, value)
    assert refusal(card) is None
    [only] = advice(card, APP)
    assert word in only


def test_a_card_that_replaces_another_needs_no_task_and_may_say_what_its_grey_button_says():
    card = changed(changed(BUTTONS, ["task_id"], None), ["replace_text"], "已完成")
    assert refusal(card)[0] == 42014
    assert refusal(card, update=True) is None
    assert advice(card, APP, update=True) == []
    assert refusal(changed(VOTE, ["submit_button"], None), update=True) is None


def test_a_bot_has_shorter_texts_and_no_buttons_that_open_pages():
    link = changed(BUTTONS, ["button_list", 0], {"type": 1, "text": "打开", "url": "https://x.cn/"})
    assert refusal(link, APP) is None
    assert refusal(link, BOT)[0] == 42039
    row = changed(BUTTONS, ["horizontal_content_list"], [{"keyname": "文件", "type": 2, "media_id": "m"}])
    assert (refusal(row, APP), refusal(row, BOT)[0]) == (None, 42034)
    title = changed(BUTTONS, ["main_title", "title"], "字" * 27)
    assert (advice(title, APP), len(advice(title, BOT))) == ([], 1)
    assert len(advice(changed(VOTE, [*OPTIONS, 0, "text"], "字" * 12), BOT)) == 1
    replaced = changed(BUTTONS, ["replace_text"], "已完成")
    assert len(advice(replaced, BOT, update=True)) == 1
