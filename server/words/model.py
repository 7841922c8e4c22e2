"""`timmy model`: language models, listed, chosen, tested."""

from __future__ import annotations

from server.word import Args, Word

EPILOG = (
    "list: all models of all providers; use timmy llama3.2: what an agent thinks with from the next reload on "
    "('default' takes it back); test ollama/llama3.2: ask one short question and show how long it took. Naming a "
    "remote provider in a test sends it that question."
)


def _model(args: Args) -> int:
    from server import cascade_cli

    return cascade_cli.model(args.rest, as_json=args.json)


WORD = Word(
    "model",
    "language models: list them, choose one for an agent, test one",
    _model,
    place=170,
    rest="list|use AGENT MODEL|test MODEL",
    epilog=EPILOG,
)
