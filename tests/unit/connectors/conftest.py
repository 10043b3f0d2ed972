"""Let failures of the conformance suite show what was compared."""

import pytest

pytest.register_assert_rewrite("connectors.conformance")
