"""What mkdocs does not do by itself; mkdocs.yml names this file as its hook.

1. The navigation is made from the folders of docs/: GROUPS in their order, then a section for each room, in the order
   of COSTATE_ROOMS. No page is listed by hand.
2. A folder of docs/ without an index.md gets one: its pages, each with its first sentence.
3. A link to a folder of docs/ leads to that index; a file of the repository that a page links to is copied into the
   site.
"""

import re
import sys
from pathlib import Path

from mkdocs.structure.files import File

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
from check_docs import CODE, LINK  # noqa: E402
from check_includes import rooms_in_order  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

# Title of a group of the navigation, and the pages and folders that it holds.
GROUPS = {
    "Start": ("index.md", "getting_started.md", "notation.md"),
    "Guide": ("guide",),
    "Parts": (),  # the rooms
    "Tutorials": ("tutorials",),
    "Decisions": ("decisions",),
    "Benchmarks": ("benchmarks.md", "benchmarks"),
}


def title(page):
    return re.search(r"^# (.*)$", page.read_text(), re.M).group(1)


def first_sentence(page):
    """The first sentence of the first paragraph of prose; links become their text."""
    text = CODE.sub("", page.read_text())
    for block in re.split(r"\n\s*\n", text):
        if block.strip() and re.match(r"[\w*`(\[]", block) and not block.startswith("* "):
            prose = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(block.split()))
            return re.split(r"(?<=[.:]) (?=[A-Z*`(])", prose)[0].rstrip(":")
    return ""


def pages_of(folder):
    return sorted(p for p in (DOCS / folder).rglob("*.md") if p.name != "index.md")


def listing(folder):
    """The generated index.md of a folder."""
    rows = [f"| [{title(p)}]({p.relative_to(DOCS / folder).as_posix()}) | {first_sentence(p)} |" for p in pages_of(folder)]
    return "\n".join([f"# {folder}", "", "| page | |", "|---|---|", *rows, ""])


def folders():
    return sorted(p.name for p in DOCS.iterdir() if p.is_dir() and pages_of(p.name))


def section(folder):
    return [f"{folder}/index.md", *(p.relative_to(DOCS).as_posix() for p in pages_of(folder))]


def on_config(config):
    grouped = {entry for entries in GROUPS.values() for entry in entries}
    rooms = rooms_in_order(ROOT)
    parts = [f for f in rooms if f in folders()] + [f for f in folders() if f not in rooms and f not in grouped]
    nav = []
    for group, entries in GROUPS.items():
        if group == "Parts":
            nav.append({group: [{f: section(f)} for f in parts]})
        else:
            pages = [page for e in entries for page in ([e] if e.endswith(".md") else section(e))]
            nav.append({group: pages if len(pages) > 1 else pages[0]})
    config["nav"] = nav
    return config


def leads_to(page, link):
    """The file or folder of the repository that a link of a page leads to; None where it leads elsewhere."""
    name = link.partition("#")[0]
    if not name or re.match(r"[a-z][a-z0-9+.-]*:", name):
        return None
    target = (page.parent / name).resolve()
    return target if target.exists() and target.is_relative_to(ROOT) else None


def on_files(files, config):
    def add(name, source):
        if files.get_file_from_path(name) is None:
            files.append(File(name, str(source), config["site_dir"], config["use_directory_urls"]))

    for folder in folders():
        add(f"{folder}/index.md", DOCS)
    for page in sorted(DOCS.rglob("*.md")):
        for link in LINK.findall(CODE.sub("", page.read_text())):
            target = leads_to(page, link)
            if target and target.is_file() and not target.is_relative_to(DOCS):
                add(target.relative_to(ROOT).as_posix(), ROOT)
    return files


def on_page_read_source(page, config):
    path = DOCS / page.file.src_uri
    return None if path.exists() else listing(path.parent.name)


def on_page_markdown(markdown, page, config, files):
    """Links as the site wants them: to index.md of a folder, and from its root to what is not a page."""
    source = DOCS / page.file.src_uri

    def rewritten(match):
        target = leads_to(source, match.group(1))
        if target is None or (target.is_file() and target.is_relative_to(DOCS)):
            return match.group(0)
        depth = len(Path(page.file.src_uri).parts) - 1
        inside = target / "index.md" if target.is_dir() else target
        base = DOCS if inside.is_relative_to(DOCS) else ROOT
        return match.group(0).replace(match.group(1), "../" * depth + inside.relative_to(base).as_posix())

    return LINK.sub(rewritten, markdown)
