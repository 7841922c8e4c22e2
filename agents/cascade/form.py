"""What code in the world wants an answer to be: a pydantic model.

Owns the schema that is sent with the question, and the parsing of the answer by the model. Refuses what
`structured` refuses, and guesses nothing: a text is not a number, and an unexpected key is an error if the model
forbids it. The service has validated the answer against the schema, with one repair; the model has the last word.
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
        """Raises BadInput if the model's schema is more than the service accepts."""
        self.schema: Mapping[str, Any] = model.model_json_schema()
        structured.validator(self.schema)
        self._model = model

    def read(self, text: str) -> M:
        """The answer. Raises `structured.Wrong`, which says where the error is and contains nothing that could control
        a terminal.
        """
        structured.read(text)
        try:
            return self._model.model_validate_json(structured.bare(text), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = "/".join(map(str, first["loc"])) or "the whole"
            raise structured.Wrong(shorten(clean(f"{where}: {first['msg']}", keep_lines=False), 400)) from None
