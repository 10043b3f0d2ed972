"""How ``hub`` finds its subcommands, and what it costs to ask for help."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time

import pytest

from hub.cli import COMMANDS, USAGE, dispatch


def test_help_loads_no_command_and_is_quick() -> None:
    """``hub --help`` answers in 0.2 s: it loads neither typer nor the engine."""
    code = "import sys, hub.cli; hub.cli.dispatch(['--help']); print('typer' in sys.modules, 'lxml' in sys.modules)"
    best = 9.0
    for _ in range(3):
        began = time.perf_counter()
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        best = min(best, time.perf_counter() - began)
    assert shown.rstrip().endswith("False False")
    assert best < 0.2


def test_commands_without_a_store_load_no_database() -> None:
    """What engineers call most starts in half a second: neither database nor network clients are loaded for it."""
    heavy = "{'sqlalchemy', 'psycopg', 'aiohttp', 'zeep', 'fastapi'}"
    code = f"import sys, hub.commands.map; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The overview is made from the same table that loads them."""
    assert dispatch(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if f"  {name} " not in shown] == []


def test_a_misspelt_command_is_a_usage_error_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and the nearest name."""
    assert dispatch(["chekc"]) == USAGE
    assert "did you mean 'check'?" in capsys.readouterr().err


def test_no_command_at_all_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The overview is printed, but a script notices."""
    assert dispatch([]) == USAGE
    assert "Usage: hub COMMAND" in capsys.readouterr().out


def test_an_unknown_option_is_a_usage_error() -> None:
    """Exit status 2, from typer itself."""
    assert dispatch(["check", "--nonsense"]) == USAGE


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``hub COMMAND --help`` works for each and gives examples."""
    module = importlib.import_module(COMMANDS[name][0])
    assert callable(module.register)
    assert dispatch([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Usage: hub {name}" in shown
    assert "Example" in shown
