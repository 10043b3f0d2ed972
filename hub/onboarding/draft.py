"""A whole draft: every file of the new agency, and what is left to decide. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hub.findings import nearest
from hub.formats.open import open_contract
from hub.onboarding.agency_text import access_text, agency_text, answer_paths
from hub.onboarding.assign import Assignment, assign, worth_drafting
from hub.onboarding.contract import ContractDraft, Offer, Unusable, laid_out
from hub.onboarding.decisions import as_markdown, decide
from hub.onboarding.draft_mapping import draft_mapping
from hub.onboarding.mapping_text import mapping_text
from hub.onboarding.match import Matcher
from hub.onboarding.places import Place, agency_place, canonical_place, namespaces_of
from hub.onboarding.proposal import CodeDraft
from hub.onboarding.words import Glossary
from hub.schema.canonical import load_canonical
from hub.schema.json_schema import SchemaSet
from hub.schema.shape import Shape
from hub.site.agency import DocumentDefinition

_MOST_SHOWN = 12
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RECEIPTS = {"$receipt.id": "receipt number id reference", "$receipt.acceptedAt": "received date time"}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. ``types``: message type to the contract's document, or to an empty text (to be guessed)."""

    name: str
    types: Mapping[str, str]
    ways: frozenset[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """``files`` by their path inside the site; ``decisions`` by heading; ``types``: type to (document, score)."""

    files: Mapping[str, bytes]
    decisions: Mapping[str, Sequence[str]]
    types: Mapping[str, tuple[str, float]]


def draft_agency(site: Path, request: Request, contract: ContractDraft, glossary: Glossary) -> Draft:
    """Raises ``Findings`` (a contract or canonical schema that cannot be used) and ``Unusable``."""
    if not _NAME.fullmatch(request.name):
        perhaps = re.sub(r"[^a-z0-9]+", "-", request.name.lower()).strip("-")
        hint = f" ({perhaps}?)" if _NAME.fullmatch(perhaps) else ""
        raise Unusable(f"{request.name!r} is no agency name: small letters, digits and hyphens{hint}")
    types = _canonical(site, request.types)
    matcher = Matcher(glossary)
    worth = worth_drafting(types, contract.offers, request.types, matcher)
    offers = [offer for offer in contract.offers if offer.name in {name for _, name in worth}]
    shapes = _shapes(request.name, contract, offers)
    prefixes = _prefixes(request.name, contract, offers, shapes)
    documents = {offer.name: _document(offer, shapes[offer.schema], prefixes) for offer in offers}
    drafts = {
        (type, offer.name): draft_mapping(matcher, request.name, types[type], documents[offer.name], bool(offer.root))
        for type in types
        for offer in offers
        if (type, offer.name) in worth and request.types.get(type, "") in ("", offer.name)
    }
    assigned = assign(drafts, contract.offers, request.types, matcher)
    if not assigned:
        known = ", ".join(types)
        offered = ", ".join(offer.name for offer in contract.offers[:_MOST_SHOWN])
        raise Unusable(
            f"no document of the contract clearly is one of {known}: name the type (--type TYPE=DOCUMENT; it offers"
            f" {offered})"
        )
    return _draft(request, contract, assigned, prefixes, _replies(assigned, shapes, prefixes, matcher))


def _draft(
    request: Request,
    contract: ContractDraft,
    assigned: Sequence[Assignment],
    prefixes: Mapping[str, str],
    replies: Mapping[str, Sequence[tuple[str, str]]],
) -> Draft:
    name = request.name
    used = {space: prefix for space, prefix in prefixes.items() if not space.endswith("/XML/1998/namespace")}
    decisions = decide(contract, assigned, request.ways, request.types, answer_paths(assigned, used))
    texts = {
        f"connectors/agencies/{name}/agency.yaml": agency_text(name, contract, assigned, used, request.ways, replies),
        f"connectors/agencies/{name}/access.yaml": access_text(name, assigned, request.ways),
        f"mappings/{name}/DECISIONS.md": as_markdown(name, decisions),
    }
    for each in assigned:
        texts[f"mappings/{name}/{each.type}.yaml"] = mapping_text(
            f"# A draft of {each.offer.name}. Numbers say how sure a guess is; weak ones are comments.",
            each.type,
            name,
            each.draft.root,
            each.draft.proposal,
        )
        for table in each.draft.proposal.tables():
            texts.setdefault(f"mappings/codes/{table.name}.csv", _codes(table))
    idle = {offer.schema for offer in contract.offers if offer.format == "json"}  # bodies of other operations
    idle -= {each.offer.schema for each in assigned}
    files = {f"schemas/agencies/{name}/{file}": content for file, content in contract.files.items() if file not in idle}
    files |= {path: text.encode() for path, text in texts.items()}
    return Draft(files, decisions, {each.type: (each.offer.name, each.score) for each in assigned})


def _canonical(site: Path, wanted: Mapping[str, str]) -> dict[str, Place]:
    folder = site / "schemas" / "canonical"
    types = load_canonical(folder)
    for type in wanted:
        if type not in types:
            hint = nearest(type, types) or f"(it has: {', '.join(types)})"
            raise Unusable(f"the site has no message type {type!r} {hint}")
    return {
        name: canonical_place(SchemaSet(folder / Path(type.file).name, folder, "schemas/canonical"))
        for name, type in types.items()
        if not wanted or name in wanted
    }


def _shapes(name: str, contract: ContractDraft, offers: Sequence[Offer]) -> dict[str, Shape]:
    """The shape of each schema that a document has, read as the hub will read it."""
    prefix = f"schemas/agencies/{name}"
    with laid_out(contract.files) as folder:
        formats = {offer.schema: offer.format for offer in offers}
        return {
            schema: open_contract(DocumentDefinition("", format, schema, "all", 0), folder, prefix, {}).shape
            for schema, format in formats.items()
        }


def _prefixes(
    name: str, contract: ContractDraft, offers: Sequence[Offer], shapes: Mapping[str, Shape]
) -> dict[str, str]:
    """Namespace to prefix: as published, else the agency's initials."""
    found: dict[str, str] = {}
    initials = "".join(word[0] for word in name.split("-"))
    spaces = [space for offer in offers if offer.format == "xml" for space in namespaces_of(shapes[offer.schema])]
    answers = [step for offer in offers for step in (offer.answer, *(step for way in offer.answers for step in way))]
    spaces += [step.removeprefix("{").partition("}")[0] for step in answers if "}" in step]
    for space in dict.fromkeys(spaces):
        published = contract.prefixes.get(space, "")
        choice = published if published and published not in found.values() else initials
        number = 1
        while choice in found.values():
            number += 1
            choice = f"{initials}{number}"
        found[space] = choice
    return found


def _document(offer: Offer, shape: Shape, prefixes: Mapping[str, str]) -> Place:
    if offer.format == "fixed-width":
        rows = shape.by_name["rows"]  # header and trailer are the document's, not the record's
        shape = replace(shape, expand=lambda: (rows,))
    return agency_place(shape.by_name[offer.root] if offer.root else shape, prefixes)


def _replies(
    assigned: Sequence[Assignment], shapes: Mapping[str, Shape], prefixes: Mapping[str, str], matcher: Matcher
) -> dict[str, list[tuple[str, str]]]:
    """Response element to the fields that a receipt can fill."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in assigned:
        answer = shapes[each.offer.schema].by_name.get(each.offer.answer)
        if answer is None:
            continue
        free = dict(_RECEIPTS)
        for child in agency_place(answer, prefixes).children:
            local = child.name.rpartition(":")[2]
            scores = {source: matcher.name(words, local) for source, words in free.items()}
            source = max(scores, key=lambda source: scores[source], default="")
            if source and scores[source] > 0.3:
                found.setdefault(each.offer.answer, []).append((child.name, source))
                del free[source]
    return found


def _codes(table: CodeDraft) -> str:
    return "".join(["partner,canonical,note\n", *(f"{theirs},{ours},\n" for theirs, ours in table.pairs.items())])
