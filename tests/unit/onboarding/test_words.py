"""Names and their meaning: English and Arabic, abbreviations and NIEM."""

from __future__ import annotations

import pytest

from hub.onboarding.words import load_glossary, tokens

GLOSSARY = load_glossary()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caseNumber", "رقم القضية"),
        ("officer number", "الرقم العسكري"),
        ("birth", "DateOfBirth"),
        ("PersonSurName", "last_name"),
        ("phone", "رقم الجوّال"),
        ("complainants identifiers", "هوية المشتكي"),
        ("narrative", "FactsOfTheCase"),
        ("referredAt", "TransferredAt"),
    ],
)
def test_names_that_mean_the_same_are_alike(one: str, other: str) -> None:
    """Whatever their language and spelling."""
    assert GLOSSARY.likeness(GLOSSARY.meaning(one), GLOSSARY.meaning(other)) == 1.0


@pytest.mark.parametrize(("one", "other"), [("officer.name", "رقم القضية"), ("birth", "referredAt"), ("sex", "code")])
def test_names_that_mean_something_else_are_not(one: str, other: str) -> None:
    """A shared general word would not be enough."""
    assert GLOSSARY.likeness(GLOSSARY.meaning(one), GLOSSARY.meaning(other)) < 0.4


def test_a_general_word_says_little() -> None:
    """Number alone does not make a case number of a report number."""
    assert GLOSSARY.likeness(GLOSSARY.meaning("caseNumber"), GLOSSARY.meaning("reportNumber")) < 0.4


def test_arabic_is_folded() -> None:
    """Marks, tatweel, forms of alef, and the article."""
    assert tokens("القضيّـة الأولى") == tokens("قضية أولى")
