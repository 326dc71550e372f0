"""Questions and choices as cards: whatever they hold, WeCom takes them and shows them whole; and a press says what was chosen."""

from string import ascii_uppercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wecom import cards
from channels.wecom.words import heading
from handlers.messages import Choice, QuestionCard, answer_action
from tests.fakes.wecom import cards as judge
from tests.fakes.wecom.advising import advice

KINDS = [pytest.param(cards.APP, judge.APP, id="app"), pytest.param(cards.BOT, judge.BOT, id="bot")]
WORDS = st.text(alphabet="甲乙丙 A1<&\"'\n\\·…é📚", min_size=1, max_size=60).filter(str.strip)
SHORT = st.text(alphabet="对错是否甲乙", min_size=1, max_size=12)
HEADINGS = st.lists(WORDS, min_size=1, max_size=4).map(" · ".join)


def taken(card, limits):
    """WeCom takes this card and shows all of it; and it is no drop-down, whose first option would be chosen already."""
    assert judge.refusal(card, limits) is None
    assert advice(card, limits) == []
    assert not card.keys() & {"select_list", "button_selection"}
    return card


def asked(*options, multiple=False, chosen="", submit="", stem="？", head="每日一题 · 第 1/3 题 · 单选题"):
    return QuestionCard(head, stem, options, multiple=multiple, token="7.2.mac", chosen=chosen, submit_label=submit)


def labels(card):
    return [button["text"] for button in card["button_list"]]


# Questions. ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limits", "judged"), KINDS)
def test_a_single_choice_has_a_button_for_each_of_up_to_six_options(limits, judged):
    for most in range(2, 7):
        options = [f"选项内容比较长的第{n}项" for n in range(most)]
        card = taken(cards.question(asked(*options), "t-0", limits), judged)
        assert card["card_type"] == "button_interaction"
        assert labels(card) == list(ascii_uppercase[:most])
        keys = [button["key"] for button in card["button_list"]]
        assert keys == [answer_action("7.2.mac", letter) for letter in ascii_uppercase[:most]]


def test_a_judgement_has_its_options_on_the_buttons():
    assert labels(cards.question(asked("对", "错"), "t", cards.APP)) == ["对", "错"]
    assert labels(cards.question(asked("True", "False"), "t", cards.APP)) == ["True", "False"]


def test_options_stand_on_the_buttons_only_where_all_of_them_fit():
    assert labels(cards.question(asked("警告", "罚款", "拘留"), "t", cards.APP)) == ["A 警告", "B 罚款", "C 拘留"]
    assert labels(cards.question(asked("警告", "罚款", "责令停产停业整顿"), "t", cards.APP))[2] == "C 责令停产停业整顿"
    assert labels(cards.question(asked("警告", "罚款", "责令停产停业整顿一"), "t", cards.APP)) == ["A", "B", "C"]


@pytest.mark.parametrize(("limits", "judged"), KINDS)
def test_seven_options_and_more_are_a_vote_for_one_of_them(limits, judged):
    for most in range(7, 11):
        card = taken(cards.question(asked(*(f"第{n}项" for n in range(most))), "t", limits), judged)
        assert (card["card_type"], card["checkbox"]["mode"]) == ("vote_interaction", 0)
        assert [option["id"] for option in card["checkbox"]["option_list"]] == list(ascii_uppercase[:most])


@pytest.mark.parametrize("most", range(2, 11))
@pytest.mark.parametrize(("limits", "judged"), KINDS)
def test_a_multiple_choice_is_a_vote_for_several_with_what_was_chosen_ticked(limits, judged, most):
    card = asked(*(f"第{n}项" for n in range(most)), multiple=True, chosen="B", submit="提交")
    made = taken(cards.question(card, "t", limits), judged)
    assert (made["card_type"], made["checkbox"]["mode"]) == ("vote_interaction", 1)
    ticked = [option["id"] for option in made["checkbox"]["option_list"] if option["is_checked"]]
    assert ticked == ["B"]
    assert made["submit_button"] == {"text": "提交", "key": "=7.2.mac:"}


def test_a_blank_has_no_card_since_it_is_typed():
    assert cards.question(asked(), "t", cards.APP) is None


def test_of_a_heading_that_is_too_long_the_end_stays_which_says_which_question_it_is():
    head = "二〇二六年度国家机关工作人员学法用法考试第一场 · 第 12/50 题 · 多选题"
    vote = cards.question(asked("甲", "乙", multiple=True, head=head), "t", cards.APP)
    assert vote["main_title"]["title"] == heading(head, 16) == "第 12/50 题 · 多选题"
    assert (
        cards.question(asked("甲", "乙", head="题 · 第 1/3 题"), "t", cards.APP)["main_title"]["title"]
        == "题 · 第 1/3 题"
    )


@settings(max_examples=150, deadline=None)
@given(
    options=st.lists(st.one_of(SHORT, WORDS), min_size=2, max_size=10), multiple=st.booleans(), stem=WORDS, head=HEADINGS,
    submit=st.just("") | WORDS, chosen=st.sets(st.sampled_from("ABCDEFGHIJ")).map(lambda some: "".join(sorted(some))),
)  # fmt: skip
def test_whatever_a_question_holds_its_card_is_taken_and_every_letter_can_be_pressed(
    options, multiple, stem, head, submit, chosen
):
    card = asked(*options, multiple=multiple, stem=stem * 20, head=head, submit=submit, chosen=chosen)
    for limits, judged in ((cards.APP, judge.APP), (cards.BOT, judge.BOT)):
        made = taken(cards.question(card, "a" * 24 + "-7", limits), judged)
        pressed = [key for _, key in judge.pressable(made)]
        letters = list(ascii_uppercase[: len(options)])
        if made["card_type"] == "vote_interaction":
            assert [option["id"] for _, some, _, _ in judge.groups(made) for option in some] == letters
            assert [cards.action_of(pressed[0], [letter]) for letter in letters] == [
                answer_action(card.token, letter) for letter in letters
            ]
        else:
            assert not multiple
            assert pressed == [answer_action(card.token, letter) for letter in letters]


# Choices. -----------------------------------------------------------------------------------------------------------------


def test_choices_are_buttons_six_on_a_card_each_card_a_task_of_its_own():
    some = [Choice(f"去{n}", f"说{n}") for n in range(14)]
    made = [taken(card, judge.APP) for card in cards.choices("请选择", "说明", some, "t-0", cards.APP)]
    assert [len(card["button_list"]) for card in made] == [6, 6, 2]
    assert [card["task_id"] for card in made] == ["t-0", "t-0-1", "t-0-2"]
    assert [card.get("sub_title_text") for card in made] == ["说明", None, None]
    assert [button["key"] for card in made for button in card["button_list"]] == [choice.says for choice in some]


def test_a_label_that_is_too_long_for_its_button_is_the_word_that_it_says_and_the_text_has_it_in_full():
    some = [Choice("今日答题", "今日答题"), Choice("查看本单位未参考人员名单及原因", "未参考 3"), Choice("", "帮助")]
    assert cards.button_labels(some, cards.APP) == ["今日答题", "未参考", "帮助"]
    assert cards.written_out(some, cards.APP) == ["[未参考] 查看本单位未参考人员名单及原因"]


def test_where_several_would_be_the_same_word_they_are_numbers():
    some = [
        Choice("确认补考：全部缺考和未合格的", "确认补考 1 all"),
        Choice("确认补考：只补缺考的那几个人", "确认补考 1"),
        Choice("补考", "补考"),
    ]
    assert cards.button_labels(some, cards.APP) == ["1", "2", "补考"]
    assert cards.written_out(some, cards.APP) == ["1. 确认补考：全部缺考和未合格的", "2. 确认补考：只补缺考的那几个人"]


def test_the_second_card_of_many_choices_has_a_title_of_its_own():
    some = [Choice(f"选项{n}", f"说{n}") for n in range(8)]
    titles = [card["main_title"]["title"] for card in cards.choices("请选", "", some, "t", cards.APP, more="还有")]
    assert titles == ["请选", "还有"]


@settings(max_examples=100, deadline=None)
@given(title=WORDS, text=st.just("") | WORDS, some=st.lists(WORDS, min_size=1, max_size=16, unique=True))
def test_whatever_the_choices_are_called_their_cards_are_taken_and_no_label_is_lost(title, text, some):
    given_ = [Choice(label, f"{n}") for n, label in enumerate(some)]
    for limits, judged in ((cards.APP, judge.APP), (cards.BOT, judge.BOT)):
        made = [taken(card, judged) for card in cards.choices(title, text[: limits.text], given_, "t-0", limits)]
        assert [key for card in made for _, key in judge.pressable(card)] == [choice.says for choice in given_]
        said = [button["text"] for card in made for button in card["button_list"]] + cards.written_out(given_, limits)
        assert all(any(" ".join(label.split()) in each for each in said) for label in some)


def test_pages_open_from_the_buttons_of_a_card():
    links = [("打开考试页面", "https://xuefa.example/exam")]
    [made] = cards.choices("考试", "", [Choice("开始考试", "开始考试 1")], "t", cards.APP, links)
    assert judge.pressable(taken(made, judge.APP)) == [*links, ("开始考试", "开始考试 1")]


def test_a_link_is_a_button_where_its_label_and_address_fit_and_never_on_a_bots_card():
    url = "https://xuefa.example/exam"
    assert cards.opens_from_a_button("打开考试页面", url, cards.APP)
    assert not cards.opens_from_a_button("打开考试页面", url, cards.BOT)
    for label, address in (("", url), ("一" * 11, url), ("打开", url + "x" * 1000)):
        assert not cards.opens_from_a_button(label, address, cards.APP)


@settings(max_examples=50, deadline=None)
@given(title=WORDS, label=WORDS)
def test_a_card_that_is_done_has_one_quiet_button_that_means_nothing(title, label):
    for limits, judged in ((cards.APP, judge.APP), (cards.BOT, judge.BOT)):
        [button] = taken(cards.done(title, label, "t", limits), judged)["button_list"]
        assert (button["style"], cards.action_of(button["key"], [])) == (2, "")


# What a press means. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "picked", "action"),
    [
        ("=7.2.mac:B", [], "=7.2.mac:B"),
        ("=7.2.mac:", ["C", "A"], "=7.2.mac:AC"),
        ("=7.2.mac:", ["A", "A"], "=7.2.mac:A"),
        ("=7.2.mac:", [], "=7.2.mac:"),
        ("=7.2.mac:", ["a", "AB", "Ａ", "", "1", "B"], "=7.2.mac:B"),
        ("今日答题", ["A"], "今日答题"),
        ("考试 7:", [], "考试 7:"),
        ("-", [], ""),
    ],
)
def test_a_press_means_its_key_and_a_votes_letters_in_order(key, picked, action):
    assert cards.action_of(key, picked) == action


@pytest.mark.parametrize(
    ("action", "label"),
    [("=7.2.mac:B", "✓ B"), ("=7.2.mac:ACD", "✓ ACD"), ("=7.2.mac:", "✓"), ("=7.2.mac:二十", "✓"), ("今日答题", "✓")],
)
def test_an_answered_card_says_which_letters_were_chosen(action, label):
    assert cards.answered(action) == label
