"""``agency.yaml`` and ``access.yaml`` of a draft: how it is reached by its contract, and nothing granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.onboarding.assign import Assignment
from hub.onboarding.contract import ContractDraft
from hub.onboarding.yaml_text import flow, quoted

NOWHERE = "http://127.0.0.1:9/none"
_MOST_ANSWERS = 12
_ENDINGS = {"xml": "xml", "json": "json", "delimited": "csv", "fixed-width": "txt"}


def agency_text(
    name: str,
    contract: ContractDraft,
    assigned: Sequence[Assignment],
    prefixes: Mapping[str, str],
    ways: frozenset[str],
    replies: Mapping[str, Sequence[tuple[str, str]]],
) -> str:
    """``prefixes`` are namespace: prefix; ``ways`` holds ``send`` and ``receive``; ``replies`` the answers' fields."""
    title = " ".join(word.capitalize() for word in name.split("-"))
    lines = [
        "# A draft: mappings/" + name + "/DECISIONS.md says what a person must decide.",
        f"agency: {name}",
        f"name: {{en: {quoted(title)}}}",
        "ceiling: PUBLIC  # the highest label that it may receive: to be decided",
        "unlabelled: TOP_SECRET  # the label of its messages that carry none: to be decided",
    ]
    if prefixes:
        lines.append(f"namespaces: {flow([(prefix, space) for space, prefix in prefixes.items()])}")
    lines.append("documents:")
    for each in assigned:
        lines.append(f"  {each.type}: {flow([('format', each.offer.format), ('schema', each.offer.schema)])}")
    if "send" in ways:
        lines += _accepts(name, contract, assigned, prefixes, replies)
    if "receive" in ways:
        lines += _delivers(contract, assigned, prefixes)
    return "\n".join(lines) + "\n"


def access_text(name: str, assigned: Sequence[Assignment], ways: frozenset[str]) -> str:
    """Grants nothing; what a person may allow stands there as comments."""
    initials = "".join(word[0] for word in name.split("-") if word).upper()
    lines = [
        "# Nothing is granted. A person allows what is needed, one rule each; hub check then says what is missing.",
        f"agency: {name}",
        "grants: []",
    ]
    number = 0
    for each in assigned:
        for may in sorted(ways):
            number += 1
            rule: list[tuple[str, str | list[str]]] = [
                ("rule", f"{initials}-{number}"),
                ("may", may),
                ("type", each.type),
            ]
            if may == "receive":
                rule += [("fields", list(each.draft.proposal.carried())), ("purpose", "to-be-decided")]
            lines.append(f"#  - {flow(rule)}")
    return "\n".join(lines) + "\n"


def short(clark: str, prefixes: Mapping[str, str]) -> str:
    """A Clark name as the agency's files write it."""
    namespace, _, local = clark.removeprefix("{").rpartition("}")
    return f"{prefixes[namespace]}:{local}" if namespace else local


def _accepts(
    name: str,
    contract: ContractDraft,
    assigned: Sequence[Assignment],
    prefixes: Mapping[str, str],
    replies: Mapping[str, Sequence[tuple[str, str]]],
) -> list[str]:
    if contract.transport == "rest":
        types = [each.type for each in assigned]
        return ["accepts:", f"  rest: {flow([('credential', 'api-key'), ('types', types)])}"]
    if contract.transport == "file":
        lines = ["accepts:", "  file:", "    folder: to-hub", "    ready: rename", "    types:"]
        lines += [f'      "*{each.type}*.{_ENDINGS[each.offer.format]}": {each.type}' for each in assigned]
        return lines + ([f"    charset: {contract.charset}"] if contract.charset not in ("", "utf-8") else [])
    lines = ["accepts:", "  soap:", f"    wsdl: {contract.wsdl}", f"    user: {name}", "    credential: soap-password"]
    lines.append("    operations:")
    lines += [f'      "{short(each.offer.root, prefixes)}": {each.type}' for each in assigned]
    lines.append("    replies:")
    for each in assigned:
        lines.append(f'      "{short(each.offer.root, prefixes)}":')
        lines.append(f'        root: "{short(each.offer.answer, prefixes)}"')
        if fields := replies.get(each.offer.answer):
            lines.append(f"        fields: {flow(fields)}")
    return lines


def answer_paths(assigned: Sequence[Assignment], prefixes: Mapping[str, str]) -> list[str]:
    """The places in the first operation's answer that hold a text, as ``success`` writes them."""
    ways = next((each.offer.answers for each in assigned if each.offer.answers), ())
    return ["/".join(short(step, prefixes) for step in way) for way in ways][:_MOST_ANSWERS]


def _delivers(
    contract: ContractDraft, assigned: Sequence[Assignment], prefixes: Mapping[str, str]
) -> list[str]:  # fmt: skip
    lines = ["delivers:", f"  transport: {contract.transport}"]
    if contract.transport == "file":
        name = "{type}-{sequence}-{id}." + _ENDINGS[assigned[0].offer.format]
        return [*lines, "  endpoint: from-hub", f'  options: {{name: "{name}"}}']
    lines.append(f"  endpoint: {quoted(contract.endpoint or NOWHERE)}")
    lines.append("  options:")
    if contract.transport == "rest":
        return [*lines, "    paths:", *(f"      {each.type}: {quoted(each.offer.path or '/')}" for each in assigned)]
    lines += [f"    wsdl: {contract.wsdl}", "    operations:"]
    lines += [f"      {each.type}: {each.offer.name}" for each in assigned]
    if found := answer_paths(assigned, prefixes):
        lines.append(
            f'    # success: {{at: "{found[0]}", is: [...]}}  # what its answer says when it has taken a message'
        )
    return lines
