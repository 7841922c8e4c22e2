"""A folder of a model as AirLLM reads it: Llama of two layers with random weights, and a tokenizer of a few words."""

from __future__ import annotations

from pathlib import Path

WORDS = [
    "you",
    "are",
    "timmy",
    "how",
    "is",
    "the",
    "evening",
    "?",
    ".",
    ",",
    "a",
    "cold",
    "warm",
    "hall",
    "fire",
    "lamp",
    "and",
    "we",
    "sit",
    "here",
    "well",
]
TEMPLATE = "{% for m in messages %}<s> {{ m.content }} {% endfor %}{% if add_generation_prompt %}<s>{% endif %}"
CONTEXT = 256


def make(folder: Path) -> None:
    """Write it there. Needs what AirLLM brings with it."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = {word: number for number, word in enumerate(["<unk>", "<s>", "</s>", *WORDS])}
    inner = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    inner.normalizer, inner.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(words),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=CONTEXT,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=2,
        )
    ).save_pretrained(folder)
