"""Checks what the headers of src/costate include.

1. A room includes only rooms before it in COSTATE_ROOMS (cmake/CostateRooms.cmake), and itself.
2. The library never includes a generated room header (<costate/methods.hpp>), and names its own headers <costate/...>.
3. Who opens the namespace of the file's instructions includes the header that names it (the compiler would take the name
   of an undefined macro for the namespace's).
4. Headers keep out standard headers that are slow to compile, save for the exceptions below.

    python3 tools/check_includes.py [root]
"""

import re
import sys
from pathlib import Path

# Milliseconds of front end per include with g++ 12: regex 398, filesystem 380, chrono 326, thread 297, random 283,
# memory 260, sstream and iostream 210, functional 168.
HEAVY = {"chrono", "filesystem", "functional", "iostream", "memory", "random", "regex", "sstream", "thread"}

# (header, what it may include): why
EXCEPTIONS = {
}

INSTRUCTIONS = "<costate/core/instruction_namespace.hpp>"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def rooms_in_order(root):
    text = (root / "cmake/CostateRooms.cmake").read_text()
    return re.search(r"set\(COSTATE_ROOMS\s+([^)]*)\)", text).group(1).split()


def complaints(root):
    order = rooms_in_order(root)
    source = root / "src/costate"
    for path in sorted(source.rglob("*.[hc]pp")):
        room = path.relative_to(source).parts[0]
        text = path.read_text()
        if path.suffix == ".hpp" and "#pragma once" not in text:
            yield path, 1, "has no #pragma once"
        if re.search(r"^[^/]*COSTATE_INSTRUCTIONS \{", text, re.M) and INSTRUCTIONS not in text:
            yield path, 1, f"opens COSTATE_INSTRUCTIONS: include {INSTRUCTIONS}"
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, name = match.groups()
            if quote == '"':
                yield path, number, f'"{name}": write <costate/room/file.hpp>'
            elif name.startswith("costate/"):
                parts = name.split("/")[1:]
                if len(parts) == 1:
                    yield path, number, f"<{name}> is a room header, for users: include the files that are needed"
                elif not (source.parent / name).is_file():
                    yield path, number, f"<{name}> does not exist"
                elif order.index(parts[0]) > order.index(room):
                    yield path, number, f"<{name}>: {parts[0]} comes after {room}"
            elif path.suffix == ".hpp" and name in HEAVY:
                if (path.relative_to(root).as_posix(), name) not in EXCEPTIONS:
                    yield path, number, f"<{name}> is slow to compile: keep it in a .cpp"
    for header, name in EXCEPTIONS:
        if not (root / header).is_file() or f"#include <{name}>" not in (root / header).read_text():
            yield root / header, 1, f"the exception for <{name}> in tools/check_includes.py is not needed"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(complaints(root))
    for path, number, sentence in found:
        print(f"{path.relative_to(root)}:{number}: {sentence}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
