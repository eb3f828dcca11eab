"""Lets a torchvision that was linked against CUDA be imported beside a torch without it.

Its import declares fakes for two operators of its library; where that library cannot be loaded, torch knows no such
operators and the import fails. Here they are made known, without a body, just before. Run by the
environment's Python, it installs itself there: a .pth file loads it at every start, and until torchvision is imported
it costs nothing.
"""

from __future__ import annotations

from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class Declare(MetaPathFinder):
    """Finds nothing; waits for the module that needs the operators."""

    declared: Any = None  # of the class: a .pth file may be read twice; torch forgets them when this goes

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname != "torchvision._meta_registrations" or self.declared is not None:
            return
        from torch.library import Library

        Declare.declared = library = Library("torchvision", "FRAGMENT")
        for operator in OPERATORS:
            library.define(operator)


def install(site_packages: Path) -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    (site_packages / "torchvision_without_cuda.py").write_text(text, encoding="utf-8")
    line = "import sys, torchvision_without_cuda as t; sys.meta_path.insert(0, t.Declare())\n"
    (site_packages / "torchvision_without_cuda.pth").write_text(line, encoding="utf-8")


if __name__ == "__main__":
    import sysconfig

    install(Path(sysconfig.get_path("purelib")))
