"""One table of everything: keys once, conversations and jobs where others look for them."""

from __future__ import annotations

import ast
from pathlib import Path

import handlers
from handlers.help import feedback
from handlers.people import binding, deciding, draft, opinions
from handlers.registry import COMMANDS, JOBS, TOPICS
from handlers.rounds import planning, rekeying
from handlers.study import pushing
from handlers.words import LANGUAGES, words


def test_every_key_is_there_once():
    keys = [command.key for command in COMMANDS]
    assert len(keys) == len(set(keys))


def test_every_command_word_of_the_texts_is_a_command_or_an_answer_in_a_conversation():
    known = {f"commands.{command.key}" for command in COMMANDS} | {"commands.its_me", "commands.not_me"}
    for language in LANGUAGES:
        assert {key for key in words(language) if key.startswith("commands.")} == known


def test_every_conversation_that_somebody_begins_is_continued_somewhere():
    assert {
        binding.TOPIC,
        pushing.TOPIC,
        feedback.QUESTION_TOPIC,
        feedback.COMPLAINT_TOPIC,
        rekeying.TOPIC,
        draft.TOPIC,
        opinions.TOPIC,
        deciding.TOPIC,
        planning.TOPIC,
    } == set(TOPICS)


def test_every_job_that_a_command_records_has_a_worker():
    """Read from the source: the second argument of jobs.add, a string or a constant of its module."""
    asked = set()
    for path in Path(handlers.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {t.id: n.value.value for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant) for t in n.targets if isinstance(t, ast.Name)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "jobs.add":
                kind = node.args[1]
                asked.add(kind.value if isinstance(kind, ast.Constant) else named[kind.id])
    assert asked == set(JOBS)
