"""Python programs, in the sandbox or not at all."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from agent.artefacts import Artefact
from agent.probe import Sandbox
from agent.sandbox import Run
from agent.tools.base import Args, Tool, ToolContext, ToolError, ToolResult
from agent.wording import pick, sentence

SPOKEN = 300  # characters of a program's output that are read aloud; the rest is in a file
FULL = "output.txt"


class PythonArgs(Args):
    """`lead`: words to read before the output, in the person's language ("The first 20 primes are")."""

    code: str = Field(
        max_length=20_000, description="a Python 3 program that prints its result; no network, no processes"
    )
    lead: str = Field("", max_length=200, description="the beginning of the sentence that the output ends")


class Python(Tool):
    """A program in the sandbox."""

    name: ClassVar[str] = "python"
    description: ClassVar[str] = (
        "Runs a short Python program in a sandbox (standard library and numpy) and returns what it printed."
    )
    args: ClassVar[type[Args]] = PythonArgs

    def __init__(self, sandbox: Sandbox | None) -> None:
        """`sandbox`: None where programs are switched off."""
        self._sandbox = sandbox

    async def run(self, args: PythonArgs, context: ToolContext) -> ToolResult:
        if self._sandbox is None:
            raise ToolError(
                pick(context.language, "Programs are switched off in the settings.", "设置里关闭了运行程序。")
            )
        run = await self._sandbox.run(args.code)
        if run.ending != "completed":
            raise ToolError(_explain(run, context.language))
        output = run.output.strip()
        artefacts = run.artefacts
        if len(output) > SPOKEN:
            artefacts = (*artefacts, Artefact(FULL, run.output.encode()))
        text = _say(output, args.lead, artefacts, context.language)
        return ToolResult(text, {"output": output[:4000], "value": _number(output)}, artefacts)


def _number(output: str) -> str:
    """The output if it is one number, for a following step."""
    bare = output.replace(",", "")
    return bare if len(bare) <= 300 and bare.lstrip("-").replace(".", "", 1).isdecimal() else ""


def _say(output: str, lead: str, artefacts: tuple[Artefact, ...], language: str) -> str:
    line = ("，" if language == "zh" else ", ").join(part.strip() for part in output.splitlines() if part.strip())
    if len(output) > SPOKEN:
        begin = line[:80].rsplit(" ", 1)[0].rstrip(",，")
        english = f"{lead or 'The program printed a lot. It begins with'} {begin}, and so on."
        said = pick(language, english, f"{lead or '结果很长，开头是'}{begin}等等。")
    elif not line:
        said = pick(language, "The program ran and printed nothing.", "程序运行完了，没有输出。")
    elif lead:
        said = sentence(f"{lead} {line}") if language == "en" else f"{lead}{line}。"
    else:
        said = pick(language, sentence(f"The program printed: {line}"), f"程序的输出是：{line}。")
    if not artefacts:
        return said
    names = ", ".join(artefact.name for artefact in artefacts)
    return said + pick(language, f" Saved: {names}.", f"已保存：{names}。")


def _explain(run: Run, language: str) -> str:
    match run.ending:
        case "timeout":
            return pick(language, "The program took too long, so I stopped it.", "程序运行时间太长，我把它停了。")
        case "output":
            return pick(language, "The program printed without end, so I stopped it.", "程序不停地输出，我把它停了。")
        case "files":
            return pick(
                language, "The program wrote too many files, so I stopped it.", "程序写了太多文件，我把它停了。"
            )
        case "killed":
            english = "My program was stopped from outside; this machine may be short of memory. Ask me again."
            return pick(language, english, "我的程序被系统中途停掉了，可能是内存不够，请再让我试一次。")
        case "refused":
            english = f"Programs are off on this machine: {run.error}."
            return pick(language, english, f"这台机器上不能运行程序：{run.error}。")
    return pick(language, sentence(f"The program failed: {run.error}"), f"程序出错了：{run.error}。")
