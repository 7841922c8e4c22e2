"""Plain data as JSON text, with encoders that are created once.

Owns the two forms that are written at every step of every mind. `json.dumps` creates an encoder at each call, which
for small values takes longer than the encoding. Refuses what JSON cannot represent: numbers that are not finite,
objects that are not plain.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder
from typing import Any


def _encoder(form: json.JSONEncoder) -> Callable[[Any], str]:
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # an interpreter without the accelerator
        return form.encode
    encode = make(
        None,
        form.default,
        encoder.encode_basestring_ascii,
        None,
        form.key_separator,
        form.item_separator,
        form.sort_keys,
        form.skipkeys,
        form.allow_nan,
    )
    return lambda value: "".join(encode(value, 0))


quoted: Callable[[str], str] = encoder.encode_basestring_ascii
"""A text as a JSON string in ASCII."""
written = _encoder(json.JSONEncoder())
"""As in the tables: keys in their given order."""
canonical = _encoder(json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False))
"""One text for each value: sorted keys, no spaces. Raises ValueError for NaN and infinities."""
