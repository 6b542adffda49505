"""Looks at a program whose files were built for several instruction sets.

1. In each object the library's code stands in the namespace of its instruction set, and in no other.
2. What two objects hold under one name, the linker keeps once: of the library only what does no arithmetic, and members
   of the types that files hand to each other.
3. What the baseline object holds is, in the program too, free of the instructions that the others may use.

    python3 check_symbols.py <nm> <objdump> <program> <baseline.o> <instructions=object.o>...
"""

import re
import subprocess
import sys

NAMESPACE = re.compile(r"(\d+)(for_\w+)")
LIBRARY = re.compile(r"^_Z(T[VTIS]|GV|Z|L)*N?K?7costate")
MEMBER = re.compile(r"^_ZNK?7costate(4Tape|8Solution|5Chain|5Dense)I")
# Of AVX and later: every one that has a v in front, and the mask registers.
WIDE = re.compile(r"^v[a-z]|^k[a-z]+[bwdq] |%[yz]mm|%xmm(1[6-9]|2\d|3[01])")
ARITHMETIC = re.compile(r"^v?(add|sub|mul|div|sqrt|fn?m(add|sub)\w*)[ps][sd] ")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def functions(nm, path):
    """Defined functions that other files see: name -> whether the linker merges it with others of its name."""
    kinds = (line.split(maxsplit=2)[1:] for line in output(nm, "--defined-only", path).splitlines())
    return {name: kind == "W" for kind, name in kinds if kind in "TW"}


def namespaces(names):
    """Of instruction sets, in mangled names: a length, then that many letters."""
    return {letters[:int(length)] for name in names for length, letters in NAMESPACE.findall(name)}


def code(objdump, path):
    """Function -> its instructions."""
    found, name = {}, None
    for line in output(objdump, "-d", "--no-show-raw-insn", path).splitlines():
        head = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        if head:
            name = head[1]
            found.setdefault(name, [])
        elif name and "\t" in line:
            found[name].append(line.split("\t", 1)[1].strip() + " ")
    return found


def complaints(nm, objdump, program, baseline, others):
    names = {"baseline": functions(nm, baseline)}
    paths = {"baseline": baseline}
    for other in others:
        instructions, path = other.split("=", 1)
        names[instructions], paths[instructions] = functions(nm, path), path
    for instructions, held in names.items():
        if namespaces(held) != {f"for_{instructions}"}:
            yield f"{paths[instructions]}: want code in for_{instructions} alone, got {sorted(namespaces(held))}"
        for name in held:
            if "COSTATE_" in name:
                yield f"{name}: a header does not include costate/core/instruction_namespace.hpp"
    shared = 0
    for instructions, held in names.items():
        if instructions == "baseline":
            continue
        instructions_of = code(objdump, paths[instructions])
        for name in held:
            if name not in names["baseline"] or not held[name] or not LIBRARY.match(name) or MEMBER.match(name):
                continue
            shared += 1
            if any(ARITHMETIC.match(line) for line in instructions_of.get(name, [])):
                yield f"{name}: computes, and stands in two files under one name"
    linked = code(objdump, program)
    for name in names["baseline"]:
        wide = next((line for line in linked.get(name, []) if WIDE.search(line)), None)
        if wide:
            yield f"{name}: of the baseline file, and the program has it with {wide}"
    print(f"{len(names['baseline'])} functions in the baseline file, {shared} of the library shared with the others")


def main():
    found = list(complaints(*sys.argv[1:5], sys.argv[5:]))
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
