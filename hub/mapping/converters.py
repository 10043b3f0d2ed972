"""All converters by the name that a mapping calls them."""

from __future__ import annotations

from hub.mapping.convert import Converter
from hub.mapping.convert_dates import DATE_CONVERTERS
from hub.mapping.convert_texts import TEXT_CONVERTERS

CONVERTERS: dict[str, Converter] = {converter.name: converter for converter in (*DATE_CONVERTERS, *TEXT_CONVERTERS)}
