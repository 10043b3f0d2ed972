"""What is declared of the converters of measures, telephone numbers, pairs and attachments."""

from __future__ import annotations

from hub.mapping.convert import Converter, Example, Option, Refused
from hub.mapping.convert_attachment import ENCODINGS, SIGNATURES, attachment_codec, attachment_read, attachment_write
from hub.mapping.convert_pairs import pairs_codec, pairs_read, pairs_write
from hub.mapping.convert_phone import ABROAD, FORMS, phone_codec, phone_read, phone_write
from hub.mapping.convert_units import ROUNDING, UNITS, unit_codec, unit_read, unit_write

CONTENT_CONVERTERS = (
    Converter(
        "phone",
        phone_codec,
        "scalar",
        "refuses",
        "a telephone number with its country code (+ or 00), or a Saudi one in any form",
        "E.164 (+966...)",
        phone_read,
        phone_write,
        {
            "form": Option("what is written: +966..., 00966..., 966... or 05...", "e164", FORMS),
            "abroad": Option(
                "with form digits or national: how other countries' numbers are written", "refuse", ABROAD
            ),
        },
        examples=(
            Example("0501234567", "+966501234567", {"form": "national"}),
            Example("٠٥٠ ١٢٣-٤٥٦٧", "+966501234567", {"form": "national"}, back=False),
            Example("00966114013000", "+966114013000", {"form": "00"}),
            Example("966920012345", "+966920012345", {"form": "digits"}),
            Example("+201001234567", "+201001234567", {"form": "national", "abroad": "e164"}),
        ),
        refused=(
            Refused("501234", "this is no telephone number with its country code, and no Saudi one"),
            Refused("+9660501234567", "this is no telephone number with its country code, and no Saudi one"),
            Refused(
                "+201001234567", "a number of another country does not fit here", {"form": "national"}, writing=True
            ),
        ),
    ),
    Converter(
        "unit",
        unit_codec,
        "scalar",
        "options",
        "a decimal number of the unit",
        "number, or number as plain text, of the canonical unit",
        unit_read,
        unit_write,
        {
            "unit": Option(f"the agency's: {', '.join(UNITS)}"),
            "canonical-unit": Option("ours; of the same kind"),
            "digits": Option("after the point, where we write", "0"),
            "canonical-digits": Option("after the point, where we read", "0"),
            "rounding": Option("what happens to digits that do not fit", "half-even", ROUNDING),
        },
        examples=(
            Example("71", "180", {"unit": "in", "canonical-unit": "cm"}),
            Example("70.9", "180", {"unit": "in", "canonical-unit": "cm", "digits": "1"}),
            Example("198.42", "90", {"unit": "lb", "canonical-unit": "kg", "digits": "2"}),
            Example("75", "120.7", {"unit": "mph", "canonical-unit": "km/h", "canonical-digits": "1"}),
            Example("١٫٨", "180", {"unit": "m", "canonical-unit": "cm"}, back=False),
        ),
        refused=(
            Refused("tall", "this is not a decimal number", {"unit": "m", "canonical-unit": "cm"}),
            Refused(
                "71",
                "this cannot be said exactly with 0 digits after the point",
                {"unit": "in", "canonical-unit": "cm", "rounding": "refuse"},
            ),
        ),
    ),
    Converter(
        "pairs",
        pairs_codec,
        "object",
        "refuses",
        "name-value pairs in one text, in any order",
        "object with a text for each name",
        pairs_read,
        pairs_write,
        {
            "names": Option("`property=NAME` for each, in the order of writing", many=True),
            "separator": Option("one character between pairs", ";"),
            "equals": Option("one character between name and value", "="),
        },
        examples=(
            Example("PL=ABC 1234;CO=red", {"plate": "ABC 1234", "colour": "red"}, {"names": ["plate=PL", "colour=CO"]}),
            Example(
                "colour: red | ", {"colour": "red"}, {"names": "colour", "separator": "|", "equals": ":"}, back=False
            ),
        ),
        refused=(
            Refused("PL=ABC;XX=1", "'XX' is none of the names PL", {"names": "plate=PL"}),
            Refused("PL=A;PL=B", "'PL' stands twice", {"names": "plate=PL"}),
        ),
    ),
    Converter(
        "attachment",
        attachment_codec,
        "either",
        "refuses",
        "a file's content in base64, base64url or hexadecimal",
        "base64 (one spelling), or object {content, mediaType}",
        attachment_read,
        attachment_write,
        {
            "max-bytes": Option("the largest content, decoded; a multiple of 3 is proved to fit"),
            "media": Option(
                f"which media types are taken (without it: any), told by the first bytes: {', '.join(SIGNATURES)}",
                "",
                many=True,
            ),
            "encoding": Option("the agency's", "base64", ENCODINGS),
        },
        examples=(
            Example("JVBERi0xLjcK", "JVBERi0xLjcK", {"max-bytes": "3000000"}),
            Example(
                "255044462D312E370A",
                {"content": "JVBERi0xLjcK", "mediaType": "application/pdf"},
                {"max-bytes": "3000000", "encoding": "hex", "media": ["application/pdf"]},
                whole=True,
            ),
        ),
        refused=(
            Refused("JVBERi0xLjcK", "this attachment is larger than 6 bytes", {"max-bytes": "6"}),
            Refused(
                "PGh0bWw+",
                "this attachment is of no known type, and only image/jpeg is taken here",
                {"max-bytes": "3000", "media": "image/jpeg"},
            ),
            Refused("not base64!", "this is not base64", {"max-bytes": "3000"}),
        ),
        needs=("content",),
    ),
)
