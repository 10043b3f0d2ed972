"""What a draft leaves to a person, as one list: printed, and kept beside the mappings as DECISIONS.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hub.onboarding.agency_text import NOWHERE
from hub.onboarding.assign import Assignment
from hub.onboarding.contract import ContractDraft
from hub.onboarding.proposal import Block, Line, Node

_FEW = 12


def decide(
    contract: ContractDraft,
    assigned: Sequence[Assignment],
    ways: frozenset[str],
    wanted: Mapping[str, str],
    answers: Sequence[str] = (),
) -> dict[str, list[str]]:
    """Heading to what is to be decided below it; empty headings are left out. ``answers``: places in its answer."""
    found = {
        "The agency": _about_agency(contract, ways, answers),
        "Its documents": [*contract.decisions, *_about_documents(contract, assigned, wanted)],
    }
    for each in assigned:
        found[f"mappings: {each.type}"] = list(_about_mapping(each, ways))
    return {heading: lines for heading, lines in found.items() if lines}


def as_markdown(name: str, decisions: Mapping[str, Sequence[str]]) -> str:
    """The file that a person works through."""
    lines = [
        f"# {name}: what a person must decide",
        "",
        "Drafted by `hub new-agency`. Tick off what is decided; delete this file when nothing is left.",
    ]
    for heading, items in decisions.items():
        lines += ["", f"## {heading}", *(f"- [ ] {item}" for item in items)]
    return "\n".join(lines) + "\n"


def _about_agency(contract: ContractDraft, ways: frozenset[str], answers: Sequence[str]) -> list[str]:
    lines = [
        "Grants (access.yaml): none is given. Until one is, nothing flows and its mappings are not checked.",
        "Ceiling: PUBLIC, the lowest. Label of its unlabelled messages: TOP_SECRET, the highest.",
        "Names in English and Arabic (agency.yaml).",
    ]
    if "receive" in ways and contract.transport != "file":
        said = f"{contract.endpoint} is what the contract says" if contract.endpoint else f"none is known ({NOWHERE})"
        lines.append(f"Endpoint: {said}. The deployment's environment.yaml replaces it.")
        proof = "security: {user, credential, kind}" if contract.transport == "soap" else "credential, header or bearer"
        said = f"; its answer has {', '.join(answers)}" if answers else ""
        lines.append(
            f"How the hub proves itself there (delivers.options: {proof}), and what counts as taken (success{said})."
        )
    if "send" in ways and contract.transport != "file":
        secret = "soap-password" if contract.transport == "soap" else "api-key"
        lines.append(f"The secret {secret} that it proves itself with (environment.yaml).")
    return lines


def _about_documents(
    contract: ContractDraft, assigned: Sequence[Assignment], wanted: Mapping[str, str]
) -> Iterator[str]:
    for each in assigned:
        if not wanted.get(each.type):
            yield (
                f"{each.offer.name} carries {each.type}: a guess ({each.score:.2f})."
                f" Another document: --type {each.type}=NAME."
            )
    taken = {each.offer.name for each in assigned}
    others = [offer.name for offer in contract.offers if offer.name not in taken]
    if others:
        more = f" and {len(others) - _FEW} more" if len(others) > _FEW else ""
        yield f"Not drafted: {', '.join(others[:_FEW])}{more}."


def _about_mapping(assignment: Assignment, ways: frozenset[str]) -> Iterator[str]:
    proposal = assignment.draft.proposal
    yield from _doubts(proposal.nodes, "")
    for line in proposal.constants if "receive" in ways else ():
        yield f"{line.key}: written from {dict(line.options).get('from') or dict(line.options)['at']}?"
    for table in proposal.tables():
        if not table.is_complete:
            theirs = _listed(table.partner_left) or ("none" if table.pairs else "none listed by the contract")
            yield (
                f"Code table mappings/codes/{table.name}.csv: {len(table.pairs)} pairs are filled in."
                f" Left of theirs: {theirs}; of ours: {_listed(table.canonical_left) or 'none'}."
            )
    needed = [path for path, required in proposal.unmapped if required]
    if needed and "send" in ways:
        yield f"Every {assignment.type} must have these, and nothing was found for them: {_listed(needed)}."
    if needed and "receive" in ways:
        yield f"Nothing takes these, which every {assignment.type} has: {_listed(needed)}. Map them, or drop them."
    demanded = [path for path, required in proposal.unread if required]
    if demanded and "receive" in ways:
        yield f"The agency demands these, and nothing fills them: {_listed(demanded)}."
    yield (
        f"The rest: {len(proposal.unmapped)} canonical and {len(proposal.unread)} of the agency's places have no line;"
        " they stand as comments at the end of the mapping, to be mapped, dropped or ignored with a reason."
    )


def _doubts(nodes: tuple[Node, ...], above: str) -> Iterator[str]:
    rivals = [
        f"{node.key} (or {node.rival})" for node in nodes if isinstance(node, Line) and node.is_sure and node.rival
    ]
    if rivals:
        yield f"{above}{', '.join(rivals)}: which of both?"
    for node in nodes:
        path = f"{above}{node.key}"
        if isinstance(node, Line) and not node.is_sure:
            perhaps = f"perhaps {node.uses[0]} ({node.match.score:.2f})" if node.uses else "every item must have it"
            yield f"{path}: {perhaps}; a comment stands there."
        elif node.doubt and not (isinstance(node, Line) and (node.table is not None or node.rival)):
            yield f"{path}: {node.doubt}."
        if isinstance(node, Block):
            yield from _doubts(node.nodes, f"{path}.")


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return ", ".join(words[:_FEW]) + more
