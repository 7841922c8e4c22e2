"""What whoever asks in the world wants an answer to be: a pydantic model.

Owns the schema that is sent with the question, and the reading of the answer by the model. Refuses what
`structured` refuses, and guesses at nothing: a text is no number, and a key that is not asked for is a fault where the
model forbids it. The service has held the answer to the schema, and had it repaired once; the model has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from agents.cascade import structured
from agents.kernel.text import clean, shorten


class Form[M: BaseModel]:
    """`Question(…, schema=form.schema)`, and then `form.read(answer.text)`."""

    def __init__(self, model: type[M]) -> None:
        """Raises BadInput where the model's schema is more than the service takes."""
        self.schema: Mapping[str, Any] = model.model_json_schema()
        structured.validator(self.schema)
        self._model = model

    def read(self, text: str) -> M:
        """The answer. Raises `structured.Wrong`, which says where it is wrong and holds nothing that acts on a
        terminal.
        """
        structured.read(text)
        try:
            return self._model.model_validate_json(structured.bare(text), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = "/".join(map(str, first["loc"])) or "the whole"
            raise structured.Wrong(shorten(clean(f"{where}: {first['msg']}", keep_lines=False), 400)) from None
