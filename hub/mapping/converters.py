"""All converters by the name that a mapping calls them."""

from __future__ import annotations

from hub.mapping.catalogue_contents import CONTENT_CONVERTERS
from hub.mapping.catalogue_dates import DATE_CONVERTERS
from hub.mapping.catalogue_texts import TEXT_CONVERTERS
from hub.mapping.convert import Converter

CONVERTERS: dict[str, Converter] = {
    converter.name: converter for converter in (*DATE_CONVERTERS, *TEXT_CONVERTERS, *CONTENT_CONVERTERS)
}
