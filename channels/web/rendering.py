"""Turns what the house says into HTML: pages from templates, replies into bubbles, Markdown into articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from handlers.messages import Reply, answer_action

HERE = Path(__file__).parent
# Addresses that change with the content, so that browsers may keep the files for good.
STATIC = {
    file.name: f"/static/{file.name}?v={sha256(file.read_bytes()).hexdigest()[:10]}"
    for file in (HERE / "static").iterdir()
}
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a template shows it. `at` is ISO UTC; `open`: its card may still be answered."""

    id: str
    at: str
    reply: Reply = field(default_factory=lambda: Reply(""))
    mine: bool = False
    open: bool = True


class Renderer:
    """Templates with the words of a language. `words` as in House; `zone` is the deployment's; `fresh` makes form keys."""

    def __init__(
        self,
        words: Callable[[str], Mapping[str, str]],
        *,
        zone: str,
        now: Callable[[], datetime],
        fresh: Callable[[], str],
    ) -> None:
        self._words = words
        self._zone = ZoneInfo(zone)
        self._now = now
        self._markdown = _markdown()
        self._env = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters |= {"markdown": self.article, "web_link": web_link}
        self._env.tests["picture"] = lambda file: file.media_type in PICTURES
        self._env.globals |= {
            "static": STATIC,
            "fresh": fresh,
            "answer_action": answer_action,
            "letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        }

    def say(self, language: str, key: str, **values: object) -> str:
        """The sentence `web.<key>` of a language."""
        return self._words(language)["web." + key].format(**values)

    def error(self, language: str, code: str, values: Mapping[str, str]) -> str | None:
        """The sentence of a BotError's code, or None if this language has none."""
        words = self._words(language)
        found = words.get(f"errors.{code}") or words.get(f"web.{code}")
        return found.format(**values) if found else None

    def page(self, template: str, language: str, **context: Any) -> str:
        def t(key: str, **values: object) -> str:
            return self.say(language, key, **values)

        def when(at: str) -> str:
            return self.when(language, at)

        def day(at: str) -> str:
            return self.day(language, at)

        return self._env.get_template(template).render(t=t, when=when, day=day, language=language, **context)

    def bubbles(self, language: str, bubbles: Iterable[Bubble]) -> str:
        """A fragment for a page that is already open."""
        return self.page("fragment.html", language, bubbles=list(bubbles))

    def when(self, language: str, at: str) -> str:
        """The clock time of an ISO instant in the deployment's zone, with its date unless it is today."""
        local, today = self._local(at), self._now().astimezone(self._zone)
        time = f"{local:%H:%M}"
        return time if local.date() == today.date() else f"{self.day(language, at)} {time}"

    def day(self, language: str, at: str) -> str:
        """The date of an ISO instant in the deployment's zone; the year only where it is another one."""
        local, today = self._local(at), self._now().astimezone(self._zone)
        key = "date" if local.year == today.year else "date_with_year"
        return self.say(language, key, year=local.year, month=local.month, day=local.day)

    def _local(self, at: str) -> datetime:
        moment = datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(self._zone)

    def article(self, source: str) -> Markup:
        """Markdown as HTML. Raw HTML stays visible text; pictures stay out, since they would tell others who reads."""
        return Markup(self._markdown.render(source))  # noqa: S704 (markdown-it escapes; html is off)


def web_link(url: str) -> str:
    """The address if a browser may follow it, else an empty string (no javascript:, no data:)."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.netloc:
        return url
    return url if not parts.scheme and not parts.netloc and url.startswith("/") else ""


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.core.ruler.push("below_the_page_title", _lower_headings)
    return markdown


def _lower_headings(state: StateCore) -> None:
    """The page has its own first heading, so an article's begin at the second level."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
