"""What MkDocs needs to make a site of pages that GitHub shows as well.

- Pages from outside of docs/ become pages of the site (`PROJECT`), and the navigation may name pages by patterns.
- Links between pages stay links. A link to another file of the repository becomes its text; one to nothing is an error.
- Fences lose what tests/checks/docs.py reads in them, lists get the indents that Python-Markdown wants, examples become tabs.
"""

import posixpath
from fnmatch import fnmatch
from pathlib import Path

from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files

from markdown_for_mkdocs import convert

log = get_plugin_logger("fermata")
ROOT = Path(__file__).resolve().parents[2]
# Where a page of the repository stands in the site.
PROJECT = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
} | {f"clients/{name}/README.md": f"project/clients/{name}.md" for name in ("python", "go", "java", "typescript", "rust", "openstack")}


def on_files(files: Files, config) -> Files:
    """Adds the pages from outside of docs/, the program that draws diagrams, and a style."""
    for source, place in PROJECT.items():
        if (ROOT / source).is_file():
            files.append(File.generated(config, place, content=(ROOT / source).read_text()))
    files.append(File.generated(config, "assets/mermaid.min.js", abs_src_path=config.extra["mermaid"]))
    files.append(File.generated(config, "assets/wide.css", abs_src_path=str(ROOT / "docs/site/wide.css")))
    pages = [file.src_uri for file in files.documentation_pages()]
    config.nav = navigation(config.nav, pages, named(config.nav))
    return files


def named(nav: object) -> set[str]:
    """The pages that the navigation names itself."""
    if isinstance(nav, str):
        return set() if "*" in nav else {nav}
    entries = nav.values() if isinstance(nav, dict) else nav
    return {page for entry in entries for page in named(entry)}


def navigation(nav: list, pages: list[str], taken: set[str]) -> list:
    """Patterns become pages: those that are not named and that no pattern before has. What has no page is left out."""
    done = []
    for entry in nav:
        if isinstance(entry, str):
            found = [entry] if entry in pages else []
            if "*" in entry:
                depth = entry.count("/")
                found = sorted(page for page in pages if fnmatch(page, entry) and page.count("/") == depth and page not in taken)
                taken |= set(found)
            done += found
        else:
            (title, inside), = entry.items()
            if isinstance(inside, str):
                if inside in pages or inside not in PROJECT.values():
                    done.append(entry)
            elif more := navigation(inside, pages, taken):
                done.append({title: more})
    return done


def on_page_markdown(markdown: str, page, config, files: Files) -> str:
    """The text as MkDocs wants it."""
    here = page.file.src_uri
    source = next((source for source, place in PROJECT.items() if place == here), f"docs/{here}")

    def link(text: str, target: str) -> str:
        path, _, anchor = target.partition("#")
        if not path or "://" in target or target.startswith("mailto:"):
            return f"[{text}]({target})"
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        place = PROJECT.get(meant, meant.removeprefix("docs/") if meant.startswith("docs/") else "")
        if place and files.get_file_from_path(place):
            there = posixpath.relpath(place, posixpath.dirname(here) or ".")
            return f"[{text}]({there}{'#' + anchor if anchor else ''})"
        if not (ROOT / meant).exists():
            log.warning(f"{source} has a link to {target}, which is not there")
        return text

    return convert(markdown, link)
