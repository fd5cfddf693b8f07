"""What pre-commit installs from this repository: nothing but the wheel of the same version.

The wheel itself is built from packages/pypi. Were its pyproject.toml here, pre-commit would build
caplint from source, and everyone who commits would need a Rust toolchain.
"""

import re
from pathlib import Path

from setuptools import setup

manifest = (Path(__file__).parent / "Cargo.toml").read_text(encoding="utf-8")
version = re.search(r'(?m)^version = "(.*)"$', manifest).group(1)

setup(
    name="caplint-pre-commit",
    version=version,
    description="Installs caplint for pre-commit",
    py_modules=[],
    install_requires=[f"caplint=={version}"],
)
