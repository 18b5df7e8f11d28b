"""Write pgvgen/manifest.json anew from the files in weights/: `python train/manifest.py`.

Where a weight is published is kept; once it is, say so by
`python train/manifest.py action --repository org/name --revision COMMIT`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pgvgen.manifest import MANIFEST, VERSION, sha256
from pgvgen.weights import CONFIG_FILE, TENSORS_FILE

WEIGHTS = Path(__file__).parent.parent / "weights"


def manifest(weights: Path, before: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a folder of weights; repositories and revisions as they were `before`."""
    releases = {}
    for name in sorted({file.parent.parent.name for file in weights.glob(f"*/*/{TENSORS_FILE}")}):
        known = before.get("releases", {}).get(name, {})
        files = sorted(
            path
            for wanted in (CONFIG_FILE, TENSORS_FILE)
            for path in weights.joinpath(name).glob(f"*/{wanted}")
        )
        releases[name] = {
            "repository": known.get("repository"),
            "revision": known.get("revision"),
            "files": {f"{path.parent.name}/{path.name}": sha256(path) for path in files},
        }
    return {"version": VERSION, "releases": releases}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", help="the weight that is now published")
    parser.add_argument("--repository", help="where, org/name")
    parser.add_argument("--revision", help="the commit, 40 hexadecimal digits")
    options = parser.parse_args()
    before = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.exists() else {}
    made = manifest(WEIGHTS, before)
    if options.name:
        if options.name not in made["releases"] or not (options.repository and options.revision):
            parser.error("give the name of a weight in weights/, --repository and --revision")
        made["releases"][options.name] |= {
            "repository": options.repository,
            "revision": options.revision,
        }
    MANIFEST.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
