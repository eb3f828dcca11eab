"""Makes the untrained checkpoint: a tokenizer learned from our own prompts, a small Qwen3-VL, its processor.

Needs torch and transformers, which are not among the house's own packages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interaction.observers.dialects import DIALECTS, MARKERS
from tests.tiny_observer.conversation import conversation
from tests.tiny_observer.streams import stream

MODEL = Path(__file__).parent / "model"
SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    "<|video_pad|>",
)  # fmt: skip
VOCABULARY = 640
POSITIONS = 32768
SIDES = (128, 96)  # pixels of what the model sees; 13,312 is what makes every 4:3 picture exactly that
PIXELS = 13_312
PATCH, MERGE = 16, 2
IMAGE_TOKENS = SIDES[0] * SIDES[1] // (PATCH * MERGE) ** 2

# As Qwen3-VL's own, but for a line break between two texts of one turn, so that words are cut the same with and without
# a suffix.
TEMPLATE = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m.role + '\\n' }}"
    "{%- if m.content is string -%}{{ m.content }}{%- else -%}{%- for p in m.content -%}"
    "{%- if p.type in ('image', 'image_url') -%}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{%- elif p.type == 'text' -%}{{ p.text + '\\n' }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{{ '<|im_end|>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)


def _corpus() -> Iterator[str]:
    """Prompts as they are sent, so that they are short in tokens."""
    for kind in DIALECTS.values():
        dialect = kind()
        yield dialect.system("en")
        for seed in range(400):
            made = conversation(stream(10_000_000 + seed, 8), dialect, "", 5)
            for asked in made.asked:
                yield from (asked.turn.before, asked.turn.after, asked.suffix, asked.answer)
            yield from (part["text"] for part in made.messages[1]["content"] if part["type"] == "text")
    yield from ["system\n", "user\n", "assistant\n"] * 500


def _save_tokenizer(folder: Path) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKERS), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(SPECIAL), show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator((text.replace(m, " ") for text in _corpus() for m in [MARKERS[0]]), trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    tokenizer.add_tokens([AddedToken(name, special=False, normalized=False) for name in MARKERS])
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def _write(path: Path, body: Any) -> None:
    path.write_text(json.dumps(body, indent=1) + "\n")


def _save_processor(folder: Path) -> None:
    tokens = {
        "image_token": "<|image_pad|>", "video_token": "<|video_pad|>",
        "vision_bos_token": "<|vision_start|>", "vision_eos_token": "<|vision_end|>",
    }  # fmt: skip
    _write(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": POSITIONS, "eos_token": "<|im_end|>",
         "pad_token": "<|endoftext|>", "clean_up_tokenization_spaces": False, "add_bos_token": False, **tokens,
         "extra_special_tokens": tokens},
    )  # fmt: skip
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    pictures = {
        "do_resize": True, "do_rescale": True, "do_normalize": True, "do_convert_rgb": True, "patch_size": PATCH,
        "temporal_patch_size": 2, "merge_size": MERGE, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "rescale_factor": 1 / 255, "resample": 3, "size": {"shortest_edge": 4096, "longest_edge": PIXELS},
        "processor_class": "Qwen3VLProcessor",
    }  # fmt: skip
    _write(folder / "preprocessor_config.json", pictures | {"image_processor_type": "Qwen2VLImageProcessorFast"})
    video = {"video_processor_type": "Qwen3VLVideoProcessor", "fps": 2, "min_frames": 2, "max_frames": 64}
    _write(folder / "video_preprocessor_config.json", pictures | video | {"do_sample_frames": True})


def make(folder: Path, seed: int) -> Any:
    """The untrained model; its tokenizer and processor are in `folder` then."""
    import torch
    from transformers import GenerationConfig, Qwen3VLConfig, Qwen3VLForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    name = _save_tokenizer(folder).token_to_id
    _save_processor(folder)
    text = {
        "vocab_size": VOCABULARY, "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": POSITIONS,
        "rope_parameters": {
            "rope_type": "default", "rope_theta": 1e5, "mrope_section": [6, 5, 5], "mrope_interleaved": True,
        },
        "bos_token_id": None, "eos_token_id": name("<|im_end|>"), "pad_token_id": name("<|endoftext|>"),
        "tie_word_embeddings": True,
    }  # fmt: skip
    vision = {
        "depth": 2, "hidden_size": 96, "num_heads": 3, "intermediate_size": 288, "out_hidden_size": 128,
        "patch_size": PATCH, "spatial_merge_size": MERGE, "temporal_patch_size": 2, "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0],
    }  # fmt: skip
    torch.manual_seed(seed)
    config = Qwen3VLConfig(
        text_config=text, vision_config=vision, tie_word_embeddings=True,
        image_token_id=name("<|image_pad|>"), video_token_id=name("<|video_pad|>"),
        vision_start_token_id=name("<|vision_start|>"), vision_end_token_id=name("<|vision_end|>"),
    )  # fmt: skip
    model = Qwen3VLForConditionalGeneration(config)
    ends = [name("<|im_end|>"), name("<|endoftext|>")]
    model.generation_config = GenerationConfig(eos_token_id=ends, pad_token_id=ends[1], do_sample=False)
    return model
