"""Every way out against THE suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.conformance import ConnectorConformance, Rig
from tests.unit.connectors.mailbox_rig import MailboxRig
from tests.unit.connectors.rigs import FileRig, MemoryRig, RestRig, SoapRig


class TestRest(ConnectorConformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return RestRig()


class TestSoap11(ConnectorConformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return SoapRig("1.1", "digest")


class TestSoap12(ConnectorConformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return SoapRig("1.2", "text")


class TestFile(ConnectorConformance):
    @pytest.fixture
    def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
        return FileRig(tmp_path, monkeypatch)


class TestMemory(ConnectorConformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return MemoryRig()


class TestMailbox(ConnectorConformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return MailboxRig()
