"""The model's own arithmetic, batched: pictures of one size go through the eyes together, and branches through the text
part in one pass. The engine computes the same with its own code; a check in `train.py` compares with transformers'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tiny_observer.batches import Batch
from tests.tiny_observer.make import IMAGE_TOKENS, MERGE, PATCH, SIDES

if TYPE_CHECKING:
    from torch import Tensor

_DOWN, _ACROSS = SIDES[1] // PATCH, SIDES[0] // PATCH


def patches(pictures: Tensor) -> Tensor:
    """uint8 [n, 96, 128, 3] to [n, 48, 768], four patches that make one token side by side."""
    n = len(pictures)
    scaled = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
    cut = scaled.reshape(n, 3, _DOWN // MERGE, MERGE, PATCH, _ACROSS // MERGE, MERGE, PATCH)
    return cut.permute(0, 2, 5, 3, 6, 1, 4, 7).reshape(n, _DOWN * _ACROSS, 3 * PATCH * PATCH)


class Eyes:
    """The vision part of a Qwen3-VL for pictures of one size."""

    def __init__(self, visual: Any) -> None:
        import torch
        from transformers.models.qwen3_vl import modeling_qwen3_vl as qwen

        self._qwen, self._visual = qwen, visual
        grid = torch.tensor([[1, _DOWN, _ACROSS]])
        self._near, self._share = qwen.get_vision_interpolation_indices_and_weights(
            grid, num_grid_per_side=visual.num_grid_per_side, mode=visual.interpolation_mode,
            align_corners=visual.interpolation_align_corners, spatial_merge_size=MERGE, kwargs={},
        )  # fmt: skip
        self._places = qwen.get_vision_position_ids(grid, MERGE, kwargs={})

    def __call__(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """What the text part is given of each picture, [n * 12, hidden], and what it is given in its first layers."""
        from torch.nn import functional

        visual, embed = self._visual, self._visual.patch_embed.proj
        n = len(pictures)
        weight = embed.weight.sum(2).flatten(1)  # both moments of a still picture are the same
        hidden = functional.linear(patches(pictures), weight, embed.bias)
        hidden = hidden + (visual.pos_embed(self._near) * self._share[:, :, None]).sum(1)
        turned = visual.rotary_pos_emb(hidden, self._places)
        early = []
        for number, block in enumerate(visual.blocks):
            hidden = hidden + self._attended(block.attn, block.norm1(hidden), turned)
            hidden = hidden + block.mlp(block.norm2(hidden))
            if number in visual.deepstack_visual_indexes:
                merger = visual.deepstack_merger_list[visual.deepstack_visual_indexes.index(number)]
                early.append(merger(hidden.reshape(n * _DOWN * _ACROSS, -1)))
        return visual.merger(hidden.reshape(n * _DOWN * _ACROSS, -1)), early

    def _attended(self, attention: Any, hidden: Tensor, turned: tuple[Tensor, Tensor]) -> Tensor:
        from torch.nn import functional

        n, length, width = hidden.shape
        query, key, value = attention.qkv(hidden).reshape(n, length, 3, attention.num_heads, -1).unbind(2)
        query, key = self._qwen.apply_rotary_pos_emb_vision(query, key, *turned)
        query, key, value = (part.transpose(1, 2) for part in (query, key, value))
        mixed = functional.scaled_dot_product_attention(query, key, value, scale=attention.scaling)
        out: Tensor = attention.proj(mixed.transpose(1, 2).reshape(n, length, width))
        return out


def hidden_states(model: Any, eyes: Eyes, batch: Batch) -> tuple[Tensor, Tensor]:
    """Of every token [n, length, hidden], and what the eyes made of the pictures [pictures, 12, hidden]."""
    looked, early = eyes(batch.pictures)
    embedded = model.model.language_model.embed_tokens(batch.ids)
    shown = batch.ids == model.config.image_token_id
    embedded = embedded.masked_scatter(shown[..., None], looked)
    out = model.model.language_model(
        inputs_embeds=embedded, attention_mask=None if batch.causal else batch.may[:, None],  # none is quicker
        position_ids=batch.positions, use_cache=False, visual_pos_masks=shown, deepstack_visual_embeds=early,
    )  # fmt: skip
    return out.last_hidden_state, looked.reshape(-1, IMAGE_TOKENS, looked.shape[-1])
