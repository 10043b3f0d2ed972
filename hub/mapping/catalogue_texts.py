"""What is declared of the converters of text, numbers, names and identifiers."""

from __future__ import annotations

from hub.mapping import convert_texts as texts
from hub.mapping import reach_texts as reach
from hub.mapping.convert import Converter, Example, Option, Refused

TEXT_CONVERTERS = (
    Converter(
        "integer",
        texts.integer_codec,
        "scalar",
        "refuses",
        "a whole number, Arabic-Indic digits too",
        "number, or number as plain text",
        reach.integer,
        reach.integer,
        examples=(Example("٠١٢", "12", {}, back=False), Example("-7", "-7", {})),
        refused=(Refused("1.5", "this is not a whole number"),),
    ),
    Converter(
        "decimal",
        texts.decimal_codec,
        "scalar",
        "refuses",
        "a decimal number without exponent",
        "number, or number as plain text",
        reach.decimal(writing=False),
        reach.decimal(writing=True),
        {"separator": Option("what stands before the fraction", ".")},
        examples=(Example("012,50", "12.5", {"separator": ","}, back=False), Example("3", "3", {})),
        refused=(Refused("1e5", "this is not a decimal number"),),
    ),
    Converter(
        "boolean",
        texts.boolean_codec,
        "scalar",
        "always",
        "the agreed spellings",
        "true or false",
        reach.boolean_read,
        reach.boolean_write,
        {
            "true": Option("spellings of true; the first is written, all are read", "[true, 1]", many=True),
            "false": Option("spellings of false; the first is written, all are read", "[false, 0]", many=True),
        },
        examples=(Example("Y", "true", {"true": "Y", "false": "N"}), Example("0", "false", {}, back=False)),
        refused=(Refused("yes", "this is neither 'Y' nor 'N'", {"true": "Y", "false": "N"}),),
    ),
    Converter(
        "text",
        texts.text_codec,
        "scalar",
        "refuses",
        "any text",
        "text, trimmed, with single spaces",
        reach.text_read,
        reach.text_write,
        examples=(Example("  a \n b ", "a b", {}, back=False),),
        refused=(Refused("a  b", "the white space of this text would not come back", writing=True),),
    ),
    Converter(
        "digits",
        texts.digits_codec,
        "scalar",
        "refuses",
        "any text",
        "text with ASCII digits",
        reach.digits_read,
        reach.digits_write,
        examples=(Example("ق ١٢/٣", "ق 12/3", {}, back=False),),
        refused=(Refused("١٢", "the digits of this text would not come back", writing=True),),
    ),
    Converter(
        "national-id",
        texts.national_id_codec,
        "either",
        "refuses",
        "10 digits with a valid check digit",
        "10 ASCII digits, or object {type: nin or iqama, value}",
        reach.national_id_read,
        reach.national_id_write,
        {"kind": Option("which numbers are taken", "any", ("any", "nin", "iqama"))},
        examples=(
            Example("1000000008", "1000000008", {}),
            Example("١٠٠٠٠٠٠٠٠٨", {"type": "nin", "value": "1000000008"}, {}, back=False, whole=True),
        ),
        refused=(
            Refused("1000000000", "the check digit of this number is wrong"),
            Refused("3000000008", "a national or residence number has 10 digits and starts with 1 or 2"),
        ),
    ),
    Converter(
        "name-whole",
        texts.name_whole_codec,
        "object",
        "never",
        "a whole name",
        "object {whole} on reading; {given, father, ...} too on writing",
        reach.name_read,
        reach.name_write,
        {
            "parts": Option(
                "what is joined with spaces where there is no whole", "[given, father, grandfather, family]", many=True
            )
        },
        examples=(Example("محمد أحمد", {"whole": "محمد أحمد"}, {}),),
    ),
    Converter(
        "template",
        texts.template_codec,
        "scalar",
        "refuses",
        "every port filled",
        "one text",
        reach.template_read,
        reach.template_write,
        {"pattern": Option("the text, with each port in braces: `{year}/{number}`")},
        None,
        examples=(Example({"year": "1446", "number": "12"}, "1446/12", {"pattern": "{year}/{number}"}),),
        refused=(
            Refused(
                {"year": "1446"}, "number is missing, and {year}/{number} needs it", {"pattern": "{year}/{number}"}
            ),
        ),
    ),
    Converter(
        "parts",
        texts.parts_codec,
        "object",
        "refuses",
        "text of the pattern",
        "object with the pattern's names",
        reach.parts_read,
        reach.parts_write,
        {"pattern": Option("the text, with each property in braces: `{house}-{flat}`")},
        examples=(Example("12-B", {"house": "12", "flat": "B"}, {"pattern": "{house}-{flat}"}),),
        refused=(Refused("12B", "this does not look like {house}-{flat}", {"pattern": "{house}-{flat}"}),),
    ),
    Converter(
        "joined",
        texts.joined_codec,
        "list",
        "refuses",
        "texts with a separator between",
        "list of texts (key with [])",
        reach.joined_read,
        reach.joined_write,
        {"separator": Option("what stands between the items", ",")},
        examples=(Example("ar|en", ["ar", "en"], {"separator": "|"}),),
        refused=(Refused(["a,b"], "an item holds the separator or is empty", writing=True),),
    ),
)
