"""Prints what Python packages are installed, as CycloneDX (https://cyclonedx.org/docs/1.6/json/).

`python deploy/sbom.py > sbom.json`. The image holds its own as /app/sbom.json. It tells of what is
there, not of what was asked for; of Debian's packages in the base image its maker tells.
"""

import json
import re
import sys
from importlib.metadata import Distribution, distributions

SPECIFICATION = "1.6"


def bill_of_materials() -> dict[str, object]:
    """The same for the same packages: no moment, no random number."""
    found = {_name(one): one for one in distributions()}
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPECIFICATION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "notifications"}},
        "components": [_component(name, found[name]) for name in sorted(found)],
    }


def _component(name: str, of: Distribution) -> dict[str, object]:
    address = f"pkg:pypi/{name}@{of.version}"
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": of.version,
        "purl": address,
    }
    told = of.metadata.json
    if expression := told.get("license_expression"):
        component["licenses"] = [{"expression": expression}]
    # Older packages tell it in a free text, which may be all of the licence.
    elif (name_of_it := str(told.get("license", ""))) and "\n" not in name_of_it:
        component["licenses"] = [{"license": {"name": name_of_it}}]
    return component


def _name(of: Distribution) -> str:
    """As https://packaging.python.org/en/latest/specifications/name-normalization/ has it."""
    return re.sub(r"[-_.]+", "-", of.metadata["Name"]).lower()


if __name__ == "__main__":
    json.dump(bill_of_materials(), sys.stdout, indent=1, ensure_ascii=False)
