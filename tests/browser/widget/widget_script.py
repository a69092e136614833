"""The built script of the widget, made when it is missing or older than its source."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
WIDGET = ROOT / "widget"
SCRIPT = ROOT / "web" / "static" / "widget.js"


def built_script() -> Path:
    """Where the script lies, fresh. Raises with npm's own words where the build fails."""
    if not SCRIPT.exists() or SCRIPT.stat().st_mtime < _newest_source():
        if not (WIDGET / "node_modules").exists():
            npm("ci", "--ignore-scripts")
        npm("run", "build")
    return SCRIPT


def npm(*arguments: str) -> str:
    """Runs npm in the widget's folder and gives what it printed."""
    program = shutil.which("npm")
    assert program is not None, "npm is needed to build the widget"
    done = subprocess.run(
        [program, *arguments], cwd=WIDGET, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _newest_source() -> float:
    sources = [
        *(WIDGET / "src").rglob("*.*"),
        WIDGET / "build.mjs",
        WIDGET / "package-lock.json",
        ROOT / "texts" / "widget.yml",
    ]
    return max(source.stat().st_mtime for source in sources)
