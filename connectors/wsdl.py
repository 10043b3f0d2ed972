"""A partner's WSDL as the few facts that a SOAP call needs, read by zeep from local files only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zeep.exceptions import Error as ZeepError
from zeep.settings import Settings
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import Soap11Binding, Soap12Binding
from zeep.wsdl.messages.soap import DocumentMessage, RpcMessage
from zeep.xsd import ComplexType, Element

from hub.formats.envelope import SoapVersion

_DEEPEST = 8
_TRANSPORT = "transport http://schemas.xmlsoap.org/soap/http"


class ContractUnusable(Exception):
    """The WSDL cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One document/literal operation. Elements are Clark names; ``output_element`` is None for a one-way operation.

    ``soap_action`` is the HTTP value, ``action`` the WS-Addressing one (declared, else ``soap_action``, else the
    default pattern of WS-Addressing Metadata 4.4.4). ``answers`` are the ways from below the response element to each
    element in it that holds a text, None where the schema leaves open what stands there.
    """

    name: str
    version: SoapVersion
    input_element: str
    output_element: str | None
    soap_action: str
    action: str
    answers: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """One SOAP port: ``operations`` by name, ``unusable`` with the reason for each that the hub cannot call."""

    address: str
    operations: Mapping[str, Operation]
    unusable: Mapping[str, str]


def read_port(wsdl: Path, folder: Path, port: str | None = None) -> Port:
    """``port`` of a WSDL (default: the first SOAP port).

    Everything that the WSDL imports must lie in ``folder``. Raises ``ContractUnusable``.
    """
    if not wsdl.is_file():
        raise ContractUnusable("the file does not exist")
    settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False)
    try:
        transport: Any = _LocalFiles(folder.resolve())
        document = Document(str(wsdl.resolve()), transport, settings=settings)
    except (ZeepError, OSError, LookupError, ValueError, TypeError, AttributeError) as error:
        text = str(error).replace(str(folder.resolve()), "").strip()
        raise ContractUnusable(f"it cannot be read: {type(error).__name__}: {text}") from None
    found = _soap_port(document, port)
    version: SoapVersion = "1.1" if isinstance(found.binding, Soap11Binding) else "1.2"
    declared = found.binding.all()
    unusable = {name: why for name, operation in declared.items() if (why := _why_unusable(operation))}
    usable = {
        name: _operation(name, operation, version) for name, operation in declared.items() if name not in unusable
    }
    return Port(str((found.binding_options or {}).get("address") or ""), usable, unusable)


class _LocalFiles:
    """zeep's transport, able only to read files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> bytes:
        if urlsplit(url).scheme:
            raise ContractUnusable(f"it imports {url}, which is not a file beside it")
        path = Path(url).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise ContractUnusable(f"it imports {path.name}, which does not lie in the agency's folder")
        return path.read_bytes()


def _soap_port(document: Any, port: str | None) -> Any:
    found = [
        each
        for service in document.services.values()
        for each in service.ports.values()
        if isinstance(each.binding, Soap11Binding | Soap12Binding) and port in (None, each.name)
    ]
    if not found:
        raise ContractUnusable(
            f"it has no SOAP port {port!r}" if port else f"it has no SOAP port over HTTP (a binding with {_TRANSPORT})"
        )
    return found[0]


def _why_unusable(operation: Any) -> str:
    if isinstance(operation.input, RpcMessage):
        return "rpc style, and the hub speaks document/literal only: ask for a document/literal binding"
    if not isinstance(operation.input, DocumentMessage):
        return "not document/literal"
    if _element(operation.input) is None:
        return "its message is no single element (it has no part, several parts, or a part declared by type=)"
    return ""


def _operation(name: str, operation: Any, version: SoapVersion) -> Operation:
    element = _element(operation.input) or ""
    soap_action = operation.soapaction or ""
    return Operation(
        name=name,
        version=version,
        input_element=element,
        output_element=_element(operation.output) if operation.output is not None else None,
        soap_action=soap_action,
        action=operation.abstract.wsa_action or soap_action or _default_action(operation),
        answers=_answers(operation.output.body) if operation.output is not None else None,
    )


def _answers(element: Any) -> tuple[tuple[str, ...], ...] | None:
    found: list[tuple[str, ...]] = []
    return tuple(found) if element is not None and _collect(element.type, (), found) else None


def _collect(type: Any, above: tuple[str, ...], found: list[tuple[str, ...]]) -> bool:
    """Add the elements below one of this type; False where anything may stand there, or it never ends."""
    if not isinstance(type, ComplexType):
        if above:
            found.append(above)
        return True
    if len(above) >= _DEEPEST:
        return False
    for _, child in type.elements:
        if not isinstance(child, Element) or not _collect(child.type, (*above, str(child.qname)), found):
            return False
    return True


def _element(message: Any) -> str | None:
    body = message.body
    return None if body is None or body.qname is None or not body.is_global else str(body.qname)


def _default_action(operation: Any) -> str:
    namespace, _, port_type = operation.binding.port_name.text[1:].partition("}")
    separator = ":" if namespace.startswith("urn:") else "/"
    return f"{namespace.rstrip('/')}{separator}{port_type}{separator}{operation.name}Request"
