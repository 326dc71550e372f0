"""The command line: options, exit codes and output. What a command does is a callable of `Actions`, given by bot.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from channels.terminal import printing
from handlers.messages import BotError

FOUND, WRONG = 1, 2
Workspace = Annotated[
    Path, typer.Option("--workspace", envvar="XUEFA_WORKSPACE", help="工作区文件夹 / the workspace's folder")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
Language = Annotated[str, typer.Option("--language", envvar="XUEFA_LANGUAGE", help="zh 或 en / zh or en")]
HERE = Path()
FIGURES = (
    "unit",
    "roster",
    "exempt",
    "due",
    "sat",
    "passed",
    "excellent",
    "participation",
    "pass_rate",
    "overall_pass",
    "excellence",
)


class Actions(Protocol):
    """What the commands do. Each raises BotError with a sentence's code for what a person can mend."""

    def words(self, language: str, code: str, **values: object) -> str: ...
    def is_workspace(self, folder: Path) -> bool: ...
    def check(self, paths: Sequence[Path], language: str) -> list[dict[str, Any]]: ...
    def schemas(self, folder: Path) -> list[str]: ...
    def init(self, folder: Path) -> list[str]: ...
    def run(self, folder: Path, port: int | None, ready: Callable[[str, list[str]], None]) -> None: ...
    def demo(self, port: int | None, language: str, ready: Callable[[str, list[tuple[str, str]]], None],
             progress: Callable[[int, int], None]) -> None: ...  # fmt: skip
    def order(self, folder: Path, name: str, **asked: Any) -> Any: ...
    def look(self, folder: Path, name: str, **asked: Any) -> Any: ...
    def backup(self, folder: Path, target: Path, *, restore: bool = False) -> tuple[str, dict[str, str]]: ...
    def announce(
        self, folder: Path, text: str, wanted: Mapping[str, Any], *, really: bool
    ) -> Sequence[tuple[str, int]]: ...
    def bench(self, name: str) -> dict[str, Any]: ...


def build(actions: Actions) -> typer.Typer:
    """The program `xuefa`."""
    app = typer.Typer(help="学法 Xuefa：在聊天里学法答题，参考率、合格率说得清。/ Law study and quizzes in chat.", add_completion=False,
                      pretty_exceptions_enable=False, rich_markup_mode=None)  # fmt: skip
    _serving(app, actions)
    _content(app, actions)
    _rounds(app, actions)
    _announcing(app, actions)
    _keeping(app, actions)
    return app


def run(actions: Actions) -> int:
    """Parse the command line and run it; gives the exit code. What a person can mend is said in a sentence, without a traceback."""
    try:
        result = build(actions)(standalone_mode=False)
    except BotError as error:
        printing.findings(
            [actions.words("zh", error.code, **error.values), actions.words("en", error.code, **error.values)]
        )
        return FOUND
    except typer.Abort:
        return FOUND
    except typer.Exit as error:
        return int(error.exit_code)
    except Exception as error:
        shown = getattr(error, "show", None)
        if shown is None:
            raise
        shown()
        return WRONG
    return int(result) if isinstance(result, int) else 0


def _serving(app: typer.Typer, actions: Actions) -> None:
    @app.callback(invoke_without_command=True)
    def nothing_said(context: typer.Context) -> None:
        if context.invoked_subcommand is not None:
            return
        if actions.is_workspace(HERE):
            actions.run(HERE, None, ready)
            return
        printing.say(actions.words("zh", "terminal.empty_folder"), actions.words("en", "terminal.empty_folder"))

    @app.command("run", help="启动服务 / serve: every channel that has credentials, the web chat, and the clock")
    def run_(workspace: Workspace = HERE, port: Annotated[int | None, typer.Option(help="端口 / port")] = None,
             role: Annotated[str, typer.Option(help="all")] = "all") -> None:  # fmt: skip
        if role != "all":
            raise BotError("terminal.role_later", role=role)
        actions.run(workspace, port, ready)

    @app.command(help="演示：临时工作区，示例区县 / a throwaway workspace with a sample district")
    def demo(port: Annotated[int | None, typer.Option(help="端口 / port")] = None, language: Language = "zh") -> None:
        def open_doors(address: str, links: list[tuple[str, str]]) -> None:
            printing.say(actions.words(language, "terminal.demo_ready", address=address))
            for role, link in links:
                printing.say(f"  {role}\n    {link}")
            printing.say(actions.words(language, "terminal.stop_hint"))

        with printing.progress(actions.words(language, "terminal.demo_building")) as progress:
            actions.demo(port, language, open_doors, progress)

    @app.command(help="新建工作区 / a new workspace with the starter banks and commented settings")
    def init(folder: Path) -> None:
        for name in actions.init(folder):
            printing.say(f"  {folder / name}")
        printing.say(
            actions.words("zh", "terminal.init_next", folder=folder),
            actions.words("en", "terminal.init_next", folder=folder),
        )

    def ready(address: str, problems: list[str]) -> None:
        if problems:
            printing.findings([actions.words("zh", "terminal.content_problems", count=len(problems)), *problems])
        printing.say(*(actions.words(language, "terminal.serving", address=address) for language in ("zh", "en")))


def _content(app: typer.Typer, actions: Actions) -> None:
    @app.command(help="检查题库、资料、安排、日历 / validate content files")
    def check(
        paths: Annotated[list[Path] | None, typer.Argument()] = None, language: Language = "zh", as_json: AsJson = False
    ) -> None:
        found = actions.check(paths or [HERE], language)
        if as_json:
            printing.data(found)
        else:
            printing.findings(problem["text"] for problem in found)
            printing.say(
                actions.words(language, "terminal.check_found" if found else "terminal.check_clean", count=len(found))
            )
        raise typer.Exit(FOUND if found else 0)

    @app.command(help="名册：先看差异，再用 --apply 导入 / show the diff, then apply")
    def roster(
        file: Path,
        apply: Annotated[bool, typer.Option("--apply")] = False,
        workspace: Workspace = HERE,
        language: Language = "zh",
    ) -> None:
        found = actions.order(workspace, "roster", file=str(file.absolute()), apply=apply, language=language)
        printing.say(found["text"])
        raise typer.Exit(0 if found["clean"] else FOUND)

    @app.command(help="导出编辑器用的 JSON Schema / export JSON Schemas for editors")
    def schemas(folder: Path) -> None:
        printing.say(*actions.schemas(folder))


def _rounds(app: typer.Typer, actions: Actions) -> None:
    group = typer.Typer(help="手动开放、结束、查看、预览各期 / rounds by hand", no_args_is_help=True)
    app.add_typer(group, name="round")
    keys = ("id", "plan", "title", "day", "state", "due", "sat", "passed")

    @group.command("list")
    def list_(workspace: Workspace = HERE, language: Language = "zh", as_json: AsJson = False) -> None:
        columns = actions.words(language, "terminal.round_columns").split("|")
        printing.table("", columns, actions.look(workspace, "rounds", language=language), as_json=as_json, keys=keys)

    @group.command("open")
    def open_(plan: str, workspace: Workspace = HERE, language: Language = "zh") -> None:
        printing.say(actions.order(workspace, "round.open", plan=plan, language=language))

    @group.command("close")
    def close(number: int, workspace: Workspace = HERE, language: Language = "zh") -> None:
        printing.say(actions.order(workspace, "round.close", number=number, language=language))

    @group.command("preview")
    def preview(plan: str, person: str, workspace: Workspace = HERE, language: Language = "zh") -> None:
        printing.say(*actions.look(workspace, "preview", plan=plan, person=person, language=language))

    @app.command(help="一期的参考率、合格率 / the rates of a round")
    def report(number: int, form: Annotated[str, typer.Option("--format", help="table|json|xlsx|pdf|png")] = "table",
               output: Annotated[Path | None, typer.Option("--output", "-o")] = None, workspace: Workspace = HERE,
               language: Language = "zh") -> None:  # fmt: skip
        found = actions.look(workspace, "report", number=number, form=form, language=language)
        if "content" not in found:
            columns = actions.words(language, "terminal.report_columns").split("|")
            printing.table(found["title"], columns, found["rows"], as_json=form == "json", keys=FIGURES)
            return
        target = output or Path(f"report-{number}.{form}")
        try:
            target.write_bytes(found["content"])
        except OSError as error:
            raise typer.BadParameter(f"{target}: {error.strerror}", param_hint="--output") from error
        printing.say(str(target))

    @app.command(help="管理员登录链接 / a login link for the first administrator")
    def invite(name: str, unit: Annotated[str, typer.Option(help="单位 / unit")], workspace: Workspace = HERE) -> None:
        printing.say(actions.order(workspace, "invite", person=name, unit=unit))


def _announcing(app: typer.Typer, actions: Actions) -> None:
    @app.command(help="给企业微信的部门或标签发一段话 / a word to departments or tags of WeCom")
    def announce(text: str,
                 department: Annotated[list[str] | None, typer.Option(help="部门名称，连同下级 / a department with all below it")] = None,
                 tag: Annotated[list[str] | None, typer.Option(help="标签名称 / a tag")] = None,
                 everybody: Annotated[bool, typer.Option("--everybody", help="可见范围内所有人 / everybody in the visible range")] = False,
                 send: Annotated[bool, typer.Option("--send", help="真的发出 / really send it")] = False,
                 workspace: Workspace = HERE, language: Language = "zh") -> None:  # fmt: skip
        if not text.strip() or everybody == bool(department or tag):
            raise typer.BadParameter(actions.words(language, "terminal.announce_to_whom"))
        wanted = {"departments": department or [], "tags": tag or [], "everybody": everybody}
        lines = actions.announce(workspace, text, wanted, really=send)
        printing.say(*(actions.words(language, "terminal.announce_line", name=name, number=number) for name, number in lines), text,
                     actions.words(language, "terminal.announced" if send else "terminal.announce_hint"))  # fmt: skip


def _keeping(app: typer.Typer, actions: Actions) -> None:
    @app.command(help="在线备份 / back up while serving")
    def backup(file: Path, workspace: Workspace = HERE) -> None:
        _say_both(actions, *actions.backup(workspace, file))

    @app.command(help="恢复到空工作区 / restore into a workspace without a database")
    def restore(file: Path, workspace: Workspace = HERE) -> None:
        _say_both(actions, *actions.backup(workspace, file, restore=True))

    @app.command(
        help="从作答记录重新核算全部数字；给出核对码的，核对那一份证书或汇总表 / recount everything from the responses, or check one document"
    )
    def verify(code: Annotated[str | None, typer.Argument(help="证书或汇总表上的核对码 / the code on a document")] = None,
               workspace: Workspace = HERE, language: Language = "zh") -> None:  # fmt: skip
        if code is not None:
            checked = actions.look(workspace, "confirm", code=code, language=language)
            printing.say(*checked["lines"])
            raise typer.Exit(0 if checked["fine"] else FOUND)
        found = actions.look(workspace, "verify", language=language)
        printing.findings(found)
        printing.say(
            actions.words(language, "terminal.verify_found" if found else "terminal.verify_clean", count=len(found))
        )
        raise typer.Exit(FOUND if found else 0)

    @app.command(help="检查环境和设置 / check the machine and the settings")
    def doctor(workspace: Workspace = HERE, language: Language = "zh", as_json: AsJson = False) -> None:
        results = actions.look(workspace, "doctor", language=language)
        if as_json:
            printing.data([{"fine": fine, "text": line} for fine, line in results])
        else:
            printing.say(*(f"{'✓' if fine else '✗'} {line}" for fine, line in results))
        raise typer.Exit(0 if all(fine for fine, _ in results) else FOUND)

    @app.command(help="性能测试 / performance runs: answer, answer-sent, exam, start, wecom")
    def bench(name: str, as_json: AsJson = False) -> None:
        try:
            result = actions.bench(name)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="name") from error
        if as_json:
            printing.data(result)
        else:
            printing.say(*(f"{key}: {value}" for key, value in result.items()))


def _say_both(actions: Actions, code: str, values: dict[str, str]) -> None:
    printing.say(*(actions.words(language, code, **values) for language in ("zh", "en")))
