"""One example of every mistake: code -> the files of a folder that has it."""

from tests.quizzes.content.files import CASE, HEADER, MATERIAL, PLAN, SINGLE, bank, single


def _bank(*questions):
    return {"banks/a.yaml": bank(*questions)}


def _plan(old, new):
    assert old in PLAN
    return {"plans.yaml": PLAN.replace(old, new), **_bank()}


def _calendar(text):
    return {"calendar.yaml": text}


def _material(text):
    return {"materials/a.md": text}


BLANK = {"kind": "blank", "options": None, "stem": "应当在____日内决定。", "answer": "[90, 九十]"}
JUDGE = {"kind": "judge", "options": None, "answer": "true"}

MISTAKES = {
    # the file itself
    "nothing_to_check": {"readme.txt": "x"},
    "empty_file": {"banks/a.yaml": "# 只有注释\n"},
    "not_utf8": {"banks/a.yaml": bank().encode("gbk")},
    "unseen_character": _bank(single(stem="当场\u200b改正的，如何处理？")),
    "file_not_mapping": {"banks/a.yaml": "- id: a-1\n"},
    "several_documents": {"banks/a.yaml": bank() + "---\nbank: x\n"},
    "more_problems": {"banks/a.yaml": HEADER + "".join(single(id=f"a-{n}", cites="[x]") for n in range(300))},
    # how YAML is written
    "fullwidth_colon": {"banks/a.yaml": "bank：行政处罚法\nas_of: 2026-11-01\n"},
    "yaml_colon": _bank(single(stem="他说: 不罚: 对吗")),
    "yaml_line_without_colon": {"banks/a.yaml": "bank: a\n行政处罚法\nas_of: 2026-11-01\n"},
    "yaml_quote_open": _bank(single(stem='"没有右引号')),
    "yaml_escape": _bank(single(stem='"路径 C:\\q"')),
    "yaml_bracket_open": _bank(single(options="[甲, 乙")),
    "yaml_tab": {"banks/a.yaml": "bank: a\nquestions:\n\t- id: a\n"},
    "yaml_reserved": _bank(single(stem="@所有人")),
    "yaml_indent": {"banks/a.yaml": "bank: a\nquestions:\n  - id: a-1\n kind: single\n"},
    "yaml_other": {"banks/a.yaml": "bank: a\n...\nb\n"},
    "duplicate_key": _bank(single() + "    answer: B\n"),
    "key_not_text": _bank(single() + "    ? [a, b]\n    : c\n"),
    "alias_refused": _bank(single(stem="*a")),
    "anchor_refused": _bank(single(stem="&a 题干")),
    "merge_refused": _bank(single() + "    <<: {kind: judge}\n"),
    "tag_refused": _bank(single(stem="!!python/object:os.system 题干")),
    "too_deep": _bank(single(options="[" * 50 + "]" * 50)),
    "too_many_values": _bank(single(tags="[" + ", ".join("a" * 20_001) + "]")),
    "scalar_too_long": _bank(single(stem="长" * 400_000)),
    # keys and values
    "missing_key": _bank(single(stem=None)),
    "missing_explain": _bank(single(explain=None)),
    "missing_answer": _bank(single(answer=None)),
    "unknown_key": _bank(single(公布日期="x")),
    "unknown_key_close": _bank(single(opions="[a]")),
    "empty_value": _bank(single(stem="")),
    "needs_quotes": _bank(single(options="[NO, 从轻处罚]")),
    "text_expected": _bank(single(options="[{甲: 乙}, 从轻处罚]")),
    "text_too_long": _bank(single(stem="长" * 1001)),
    "number_expected": _bank(single(difficulty='"3"')),
    "number_too_small": _bank(single(difficulty="0")),
    "number_too_large": _bank(single(difficulty="6")),
    "true_false_expected": _plan("paper:", "who: {enforcement: yes}\n    paper:"),
    "list_expected": _bank(single(cites="第三十三条")),
    "list_too_short": _plan("{kind: single, count: 1}", ""),
    "list_too_long": _bank(single(options="[甲, 乙, 丙, 丁, 戊, 己, 庚, 辛, 壬, 癸, 子]")),
    "mapping_expected": _plan('{at: "18:00"}', '"18:00"'),
    "day_expected": {"banks/a.yaml": bank().replace("2026-11-01", "2026年11月1日")},
    "time_expected": _plan('"09:00"', "9:00"),
    "not_one_of": _bank(single(kind="问答")),
    "not_one_of_close": _bank(single(kind="singel")),
    "bad_key": _bank(single(id="第一题")),
    # banks
    "items_not_last": {"banks/a.yaml": "bank: a\nquestions:\n" + SINGLE + "as_of: 2026-11-01\n"},
    "empty_bank": {"banks/a.yaml": HEADER + "  []\n"},
    "case_own_key": _bank(CASE + "    answer: A\n"),
    "case_item_id": _bank(CASE.replace("kind: judge", "id: x\n        kind: judge")),
    "missing_options": _bank(single(options=None)),
    "options_too_few": _bank(single(options="[不予处罚]")),
    "options_fullwidth_comma": _bank(single(options="[不予处罚，从轻处罚，警告]")),
    "options_lettered": _bank(single(options="[A. 不予处罚, B. 从轻处罚]")),
    "duplicate_option": _bank(single(options="[ＡＢ, ab, 警告]")),
    "answer_unclear": _bank(single(**JUDGE | {"answer": "yes"})),
    "answer_letters_expected": _bank(single(answer="不予处罚")),
    "answer_beyond_options": _bank(single(answer="E")),
    "answer_letter_twice": _bank(single(kind="multiple", answer="AAC")),
    "single_several_letters": _bank(single(answer="AC")),
    "multiple_one_letter": _bank(single(kind="multiple")),
    "judge_options": _bank(single(**JUDGE | {"options": "[对, 错]"})),
    "answer_true_false": _bank(single(**JUDGE | {"answer": "对"})),
    "blank_options": _bank(single(**BLANK | {"options": "[甲, 乙]"})),
    "blank_missing": _bank(single(**BLANK | {"stem": "应当在几日内决定？"})),
    "blank_several": _bank(single(**BLANK | {"stem": "____ 应当在 ____ 日内决定。"})),
    "answer_texts_expected": _bank(single(**BLANK | {"answer": "九十"})),
    "duplicate_accepted": _bank(single(**BLANK | {"answer": "[90, ９０]"})),
    "duplicate_id": {
        "banks/a.yaml": bank(),
        "banks/b.yaml": bank(single(stem="另一题？")).replace("bank: 行", "bank: 新"),
    },
    "duplicate_question": _bank(single(), single(id="a-2")),
    "duplicate_bank": {"banks/a.yaml": bank(), "banks/b.yaml": bank(single(id="b-1", stem="另一题？"))},
    # what a question stands on
    "cite_unparsable": _bank(single(cites="[行政处罚法]")),
    "cite_without_law": {"banks/a.yaml": bank().replace("law: 行政处罚法\n", "")},
    "duplicate_cite": _bank(single(cites="[第三十三条, 行政处罚法第33条]")),
    # plans
    "duplicate_plan": {"plans.yaml": PLAN + PLAN.removeprefix("plans:\n"), **_bank()},
    "assessed_without_notice": _plan("title:", "counts: assessed\n    title:"),
    "opens_every_or_dates": _plan("every: workday", "every: workday, dates: [2026-12-04]"),
    "weekdays_expected": _plan("workday", "day"),
    "dates_not_every": _plan("workday", "[2026-12-04]"),
    "closes_before_opens": _plan("18:00", "08:00"),
    "remind_outside": _plan("paper:", 'remind: {at: ["18:30"]}\n    paper:'),
    "audience_expected": _plan("paper:", "who: [住建局]\n    paper:"),
    "unknown_preset": _plan("paper:", "rules: {preset: nosuch}\n    paper:"),
    "lines_crossed": _plan("paper:", "rules: {pass_line: 95}\n    paper:"),
    "worth_expected": _plan("paper:", "rules: {points: {single: 2.25}}\n    paper:"),
    "minutes_without_exam": _plan("paper:", "rules: {minutes: 60}\n    paper:"),
    "hall_without_minutes": _plan("paper:", "rules: {hall: true, release: closed}\n    paper:"),
    "key_between_sittings": _plan("paper:", "rules: {release: handed_in, attempts: 2}\n    paper:"),
    "points_without_kind": _plan(
        "paper: {draw: [{kind: single, count", "rules: {points: {single: 100}}\n    paper: {draw: [{count"
    ),
    "kind_without_points": _plan("paper:", "rules: {points: {judge: 100}}\n    paper:"),
    "paper_not_100": _plan("paper:", "rules: {points: {single: 2.5}}\n    paper:"),
    "hand_over_before_opening": _plan("paper:", 'remind: {at: ["16:30"], hand_over_days: 2}\n    paper:'),
    "practice_twice_a_day": {
        "plans.yaml": PLAN + PLAN.removeprefix("plans:\n").replace("plan: daily", "plan: more"),
        **_bank(),
    },
    "levels_fall": _plan("count: 1", "count: 1, difficulty: [4, 2]"),
    "unknown_bank": _plan("count: 1", "count: 1, banks: [xyz]"),
    "unknown_bank_close": _plan("count: 1", "count: 1, banks: [行政处罚]"),
    "draw_too_many": _plan("count: 1", "count: 2"),
    "draws_too_many": _plan("{kind: single, count: 1}", "{kind: single, count: 1}, {count: 1}"),
    # calendar and materials
    "day_off_or_work": _calendar("days: [{date: 2026-12-31, off: true, work: true}]\n"),
    "duplicate_day": _calendar("days: [{date: 2026-12-31, off: true}, {date: 2026-12-31, work: true}]\n"),
    "front_matter_missing": _material("正文\n"),
    "material_empty": _material(MATERIAL.replace("正文。\n", "")),
    "duplicate_material": {"materials/a.md": MATERIAL, "materials/b.md": MATERIAL},
}
# Not made of files in a folder; test_sources.py, test_workspace.py and test_fitting.py have them.
ELSEWHERE = {"bad_value", "not_found", "not_a_file", "file_unreadable", "file_too_large"}
