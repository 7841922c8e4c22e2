"""A tiny model file with random weights, which llama.cpp loads as it does any other.

    python -m tests.support.tiny_gguf model.gguf

Owns the file's making: the llama architecture with two small layers, and a vocabulary of single bytes and characters,
so that any text can be read and said. What it says has no meaning, by the same seed always the same.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, HIDDEN = 64, 2, 4, 176
TEMPLATE = "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}[assistant] "


def make(path: Path, *, seed: int = 0, context: int = 2048) -> str:
    """Write the file; its SHA-256."""
    chance = np.random.default_rng(seed)
    tokens, kinds = _vocabulary()
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("tiny")
    out.add_context_length(context)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(HIDDEN)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(WIDTH // HEADS)
    out.add_vocab_size(len(tokens))
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_tokenizer_model("llama")
    out.add_token_list(tokens)
    out.add_token_scores([0.0] * len(tokens))
    out.add_token_types(kinds)
    out.add_unk_token_id(0)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_add_bos_token(True)
    out.add_add_space_prefix(False)
    out.add_chat_template(TEMPLATE)
    for name, shape in _tensors(len(tokens)):
        drawn = chance.standard_normal(shape) / np.sqrt(shape[-1]) if len(shape) == 2 else np.ones(shape)
        out.add_tensor(name, drawn.astype(np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _vocabulary() -> tuple[list[bytes], list[gguf.TokenType]]:
    kind = gguf.TokenType
    special = [(b"<unk>", kind.UNKNOWN), (b"<s>", kind.CONTROL), (b"</s>", kind.CONTROL)]
    raw = [(f"<0x{number:02X}>".encode(), kind.BYTE) for number in range(256)]
    plain = [(text.encode(), kind.NORMAL) for text in ("\u2581", *map(chr, range(33, 127)))]  # the first is the space
    tokens, kinds = zip(*special, *raw, *plain, strict=True)
    return list(tokens), list(kinds)


def _tensors(words: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "token_embd.weight", (words, WIDTH)
    yield "output_norm.weight", (WIDTH,)
    yield "output.weight", (words, WIDTH)
    for layer in range(LAYERS):
        yield f"blk.{layer}.attn_norm.weight", (WIDTH,)
        yield f"blk.{layer}.ffn_norm.weight", (WIDTH,)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"blk.{layer}.{name}.weight", (WIDTH, WIDTH)
        for name, shape in (("ffn_gate", (HIDDEN, WIDTH)), ("ffn_up", (HIDDEN, WIDTH)), ("ffn_down", (WIDTH, HIDDEN))):
            yield f"blk.{layer}.{name}.weight", shape


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(make(given.path, seed=given.seed))
