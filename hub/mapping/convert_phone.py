"""Telephone numbers: E.164 in messages, and the Saudi forms that partners write.

Source of the national forms: ITU-T E.164 and the Saudi numbering plan (CST): significant numbers of nine digits that
begin with 5 (mobile) or 1 (fixed), dialled with a leading 0; 92xxxxxxx and 800xxxxxxx, dialled as they are. It is what
Google's libphonenumber gives as the general description of region SA (release 9.0).
"""

from __future__ import annotations

import re

from hub.mapping.convert import BadOption, Codec, Options, Unfit, single
from hub.mapping.convert_texts import fold_digits
from hub.mapping.reach import Reach, Types, one, text_of

FORMS = ("e164", "00", "digits", "national")
ABROAD = ("refuse", "e164", "00")
_TRUNK = "[15][0-9]{8}"
_BARE = "92[0-9]{7}|800[0-9]{7}"
_SAUDI = f"966(?:{_TRUNK}|{_BARE})"
# Any country code but 966.
_OTHER = "[1-8][0-9]{7,14}|9[0-57-9][0-9]{6,13}|96[0-57-9][0-9]{5,12}"
_E164 = re.compile(rf"\+(?:{_SAUDI}|{_OTHER})")
_NATIONAL = re.compile(f"(?:966)?({_TRUNK}|{_BARE})|0({_TRUNK})")
# White space, what people put between groups, and marks of direction that come with copied Arabic text.
_BETWEEN = re.compile("[\\s().\\-/\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_DIALLED = {"1": "0", "5": "0"}


def phone_codec(options: Options) -> Codec:
    """A number in any of the forms to E.164, and back to the declared form."""
    form, abroad = _forms(options)

    def read(text: str) -> str:
        number = _BETWEEN.sub("", fold_digits(text))
        if number.startswith("00"):
            number = "+" + number[2:]
        if _E164.fullmatch(number):
            return number
        national = _NATIONAL.fullmatch(number)
        if national is None:
            raise Unfit("this is no telephone number with its country code, and no Saudi one")
        return f"+966{national[1] or national[2]}"

    def write(value: str) -> str:
        if not _E164.fullmatch(value):
            raise Unfit("this is no telephone number in E.164 (+966...)", "unwritable-value")
        home = value.startswith("+966")
        if not home and form in ("digits", "national") and abroad == "refuse":
            raise Unfit("a number of another country does not fit here", "unwritable-value")
        return _spelled(value, form if home or form in ("e164", "00") else abroad)

    return single(read, write)


def _forms(options: Options) -> tuple[str, str]:
    form, abroad = options.one_of("form", *FORMS), options.one_of("abroad", *ABROAD)
    if "abroad" in options.values and form in ("e164", "00"):
        raise BadOption(
            "abroad", f"every country's numbers are written as {form}: abroad goes with national and digits"
        )
    return form, abroad


def _spelled(value: str, form: str) -> str:
    if form == "00":
        return "00" + value[1:]
    if form == "digits":
        return value[1:]
    if form == "national":
        significant = value[4:]
        return _DIALLED.get(significant[0], "") + significant
    return value


def phone_read(_: Options, given: Types) -> Reach:
    """E.164, from all forms without anything between the digits."""
    takes = text_of(rf"(\+|00)({_SAUDI}|{_OTHER})|(966)?({_TRUNK}|{_BARE})|0{_TRUNK}")
    return one(text_of(_E164.pattern), takes)


def phone_write(options: Options, given: Types) -> Reach:
    """The declared form; numbers of other countries in theirs, or not at all."""
    form, abroad = _forms(options)
    everywhere = {"e164": rf"\+({_SAUDI}|{_OTHER})", "00": f"00({_SAUDI}|{_OTHER})"}
    if form in everywhere:
        return one(text_of(everywhere[form]), text_of(_E164.pattern))
    home = _SAUDI if form == "digits" else f"0{_TRUNK}|{_BARE}"
    others = {"refuse": "", "e164": rf"|\+({_OTHER})", "00": f"|00({_OTHER})"}[abroad]
    return one(text_of(home + others), text_of(rf"\+{_SAUDI}" if abroad == "refuse" else _E164.pattern))
