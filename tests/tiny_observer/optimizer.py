"""What moves the weights: matrices by their orthogonalised momentum, everything else by Adam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

_ROUNDS = 5
_A, _B, _C = 3.4445, -4.7750, 2.0315  # Jordan et al., Muon (2024): five rounds bring singular values near 1


def orthogonal(matrix: Tensor) -> Tensor:
    """Nearly the matrix with all singular values 1, by Newton-Schulz; in float32, which CPUs are fast in."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(_ROUNDS):
        square = x @ x.T
        x = _A * x + (_B * square + _C * square @ square) @ x
    return x.T if tall else x


class Optimizer:
    """A learning rate that warms up and cools down over `steps`; `matrices`, `rest`: at its highest."""

    def __init__(self, named: Iterator[tuple[str, Any]], steps: int, matrices: float, rest: float) -> None:
        import torch

        everything = list(named)
        self._flat = [p for name, p in everything if p.ndim == 2 and "embed" not in name and "asks" not in name]
        flat = {id(p) for p in self._flat}
        self.parameters = [p for _, p in everything]
        self._adam = torch.optim.AdamW(
            [p for p in self.parameters if id(p) not in flat], betas=(0.9, 0.98), weight_decay=0.0
        )
        self._momentum = [torch.zeros_like(p) for p in self._flat]
        self._rates, self._steps, self._step = (matrices, rest), steps, 0

    def take(self, slopes: Sequence[Sequence[Tensor | None]]) -> None:
        """One step down the sum of some losses' slopes, each in the order of `parameters`."""
        import torch

        for parameter, several in zip(self.parameters, zip(*slopes, strict=True), strict=True):
            found = [slope for slope in several if slope is not None]
            parameter.grad = sum(found[1:], start=found[0]) if found else None
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        done = self._step / self._steps
        share = min(1.0, (self._step + 1) / 20, 0.02 + 0.98 * (1 - done) / 0.6)
        for group in self._adam.param_groups:
            group["lr"] = self._rates[1] * share
        self._adam.step()
        with torch.no_grad():
            for parameter, momentum in zip(self._flat, self._momentum, strict=True):
                if parameter.grad is None:
                    continue
                momentum.mul_(0.95).add_(parameter.grad)
                step = orthogonal(parameter.grad.add(momentum, alpha=0.95))
                wide = max(1.0, parameter.shape[0] / parameter.shape[1]) ** 0.5
                parameter.mul_(1 - 0.05 * self._rates[0] * share).add_(step, alpha=-self._rates[0] * share * wide)
        self._step += 1
