"""A proposal as the text of a mapping file: sure guesses as lines, uncertain ones as comments, each with its score."""

from __future__ import annotations

from collections.abc import Iterator

from hub.onboarding.proposal import Block, Line, Node, Options, Proposal
from hub.onboarding.yaml_text import block_key, flow, quoted


def mapping_text(head: str, message: str, agency: str, root: str, proposal: Proposal) -> str:
    """The file; ``head`` are its first lines, comments all."""
    lines = [head.rstrip("\n"), f"message: {message}", f"agency: {agency}"]
    if root:
        lines.append(f"root: {quoted(root)}")
    fields = list(_nodes(proposal.nodes, 1))
    lines.append("fields:" if _has_line(proposal.nodes) else "fields: {}")
    lines += fields
    if proposal.constants:
        lines.append("constants:" if any(line.is_sure for line in proposal.constants) else "# constants:")
        lines += [_line(line, 1) for line in proposal.constants]
    if nested := [to for to in dict.fromkeys(_nested(proposal.nodes)) if to not in {n.key for n in proposal.nodes}]:
        lines += ["# An item that nothing links to has no place there: a dead letter, or {drops: why}.", "unlinked:"]
        lines += [f"  {block_key(to)}: refuse" for to in nested]
    lines += _left("drops", "canonical; never written", proposal.unmapped)
    lines += _left("ignores", "the agency's; never read", proposal.unread)
    return "\n".join(lines) + "\n"


def _nodes(nodes: tuple[Node, ...], depth: int) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Line):
            yield _line(node, depth)
        else:
            yield from _block(node, depth)


def _nested(nodes: tuple[Node, ...]) -> Iterator[str]:
    """The lists whose items stand only inside what links to them."""
    for node in nodes:
        if isinstance(node, Block):
            options = dict(node.options)
            if "follow" in options:
                yield str(options["to"])
            yield from _nested(node.nodes)


def _block(block: Block, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{block_key(block.key)}:{_why(block)}"
    for key, value in block.options:
        yield f"{indent}  {key}: {quoted(value) if isinstance(value, str) else flow(value)}"
    yield f"{indent}  fields:{'' if _has_line(block.nodes) else ' {}'}"
    yield from _nodes(block.nodes, depth + 2)


def _line(line: Line, depth: int) -> str:
    text = f"{block_key(line.key)}: {_place(line.options)}"
    return f"{'  ' * depth}{text if line.is_sure else f'# {text}'}{_why(line)}"


def _place(options: Options) -> str:
    """The short form where only ``at`` stands there."""
    (key, value), *others = options
    return quoted(value) if key == "at" and isinstance(value, str) and not others else flow(options)


def _why(node: Node) -> str:
    doubt = f"; {node.doubt}" if node.doubt else ""
    if isinstance(node, Line) and node.rival:
        doubt += f"; or {node.rival}?"
    return f"  # {node.match.score:.2f} {', '.join(node.match.why)}{doubt}"


def _has_line(nodes: tuple[Node, ...]) -> bool:
    return any(isinstance(node, Block) or node.is_sure for node in nodes)


def _left(key: str, what: str, paths: tuple[tuple[str, bool], ...]) -> list[str]:
    if not paths:
        return []
    lines = ["", f"# Nothing was found for these ({what}). Map each of them, or say why not:", f"# {key}:"]
    return lines + [f'#   {quoted(path)}: ""{"  # required" if required else ""}' for path, required in paths]
