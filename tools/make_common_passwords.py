"""Makes the list of common passwords from a published one and our own additions.

    npm pack @zxcvbn-ts/language-common && tar xzf zxcvbn-ts-language-common-*.tgz
    python -m tools.make_common_passwords package/src/passwords.json

The published list (MIT, Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., Copyright (c) 2021
@zxcvbn-ts) comes from leaked passwords, in the order of how often they were found. Those of eight
characters and more are kept; shorter ones are refused for their length.
"""

import json
import sys
from pathlib import Path

from appliance.accounts.model import SHORTEST_PASSWORD

TARGET = Path(__file__).resolve().parents[1] / "appliance" / "accounts" / "common_passwords.txt"


def main() -> None:
    """Write the list, sorted, with what it held before: our own additions stay."""
    published: list[str] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    kept = {password.casefold() for password in published if len(password) >= SHORTEST_PASSWORD}
    kept |= set(TARGET.read_text(encoding="utf-8").split())
    TARGET.write_text("\n".join(sorted(kept)) + "\n", encoding="utf-8")
    print(f"{len(kept)} passwords in {TARGET.name}")


if __name__ == "__main__":
    main()
