"""Checks the Markdown pages.

1. A link to a file of the repository leads to one that exists, and to a heading that it has.
2. A code block below a line `<!-- snippet: examples/foo.cpp#tag -->` equals the lines of that file between
   `// [tag]` and `// [/tag]`, with the common indentation removed.
3. From docs/index.md links lead to every page of docs/. A link to a folder leads to all pages in it, since the site
   (tools/docs_site.py) makes a listing of it.

    python3 tools/check_docs.py [root]
"""

import re
import sys
import textwrap
from pathlib import Path

CODE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.S | re.M)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
MARKER = re.compile(r"^<!-- snippet: (\S+)#(\S+) -->[ \t]*\n(.*)\Z", re.S | re.M)
BLOCK = re.compile(r"\A\n?```\w*\n(.*?)^```[ \t]*$", re.S | re.M)


def anchors(text):
    """The names that a repository page gives to its headings."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*?)\s*#*$", CODE.sub("", text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def broken_links(root, page, text):
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", CODE.sub("", text))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        path = ((root / name.lstrip("/")) if name.startswith("/") else page.parent / name) if name else page
        if not path.exists():
            yield f"links to {target}, which does not exist"
        elif anchor and path.suffix == ".md" and anchor not in anchors(path.read_text()):
            yield f"links to {target}, but there is no such heading"


def tagged(text, tag):
    match = re.search(rf"^[ \t]*// \[{re.escape(tag)}\][ \t]*\n(.*?)^[ \t]*// \[/{re.escape(tag)}\]", text, re.S | re.M)
    return match and textwrap.dedent(match.group(1)).strip("\n")


def stale_snippets(root, text):
    rest = text
    while marker := MARKER.search(rest):
        name, tag, rest = marker.groups()
        block = BLOCK.match(rest)
        source = root / name
        if not block:
            yield f"has no code block below the marker of {name}#{tag}"
        elif not source.is_file():
            yield f"shows a snippet of {name}, which does not exist"
        elif (wanted := tagged(source.read_text(), tag)) is None:
            yield f"shows {name}#{tag}, but the file has no lines between // [{tag}] and // [/{tag}]"
        elif block.group(1).strip("\n") != wanted:
            yield f"shows {name}#{tag} in another form than the file has it"


def linked_pages(root, page):
    """Every Markdown page that a page links to, by itself or by its folder."""
    for target in LINK.findall(CODE.sub("", page.read_text())):
        name = target.partition("#")[0]
        path = (root / name.lstrip("/") if name.startswith("/") else page.parent / name).resolve()
        if name and path.is_dir():
            yield from path.rglob("*.md")
        elif path.suffix == ".md" and path.is_file():
            yield path


def unreachable_pages(root):
    start = root / "docs/index.md"
    reached, waiting = {start}, [start]
    while waiting:
        for page in linked_pages(root, waiting.pop()):
            if page not in reached and page.is_relative_to(root / "docs"):
                reached.add(page)
                waiting.append(page)
    return [page for page in sorted((root / "docs").rglob("*.md")) if page not in reached]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    pages = [p for p in sorted(root.rglob("*.md")) if "build" not in p.relative_to(root).parts]
    bad = 0
    for page in pages:
        text = page.read_text()
        for sentence in [*broken_links(root, page, text), *stale_snippets(root, text)]:
            print(f"{page.relative_to(root)}: {sentence}")
            bad += 1
    for page in unreachable_pages(root):
        print(f"{page.relative_to(root)}: no link leads here from docs/index.md: link to the page or to its folder")
        bad += 1
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
