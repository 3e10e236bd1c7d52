"""A built site is whole: no page loads anything from another host, and every page can be reached.   usage: check.py FOLDER"""

import sys
from html.parser import HTMLParser
from pathlib import Path


class Loaded(HTMLParser):
    """What a page loads by itself, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "img", "iframe", "source") and "src" in given:
            self.loads.append(given["src"])
        if tag == "link" and given.get("rel") not in ("next", "prev", "canonical") and "href" in given:
            self.loads.append(given["href"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])


def main() -> None:
    site = Path(sys.argv[1]).resolve()
    pages = sorted(site.rglob("*.html"))
    faults, linked = [], set()
    for page in pages:
        found = Loaded()
        found.feed(page.read_text())
        base = site if page.name == "404.html" else page.parent
        faults += [f"{page.relative_to(site)} loads {load}" for load in found.loads if load.startswith(("http:", "https:", "//"))]
        inside = [load.split("#")[0].split("?")[0] for load in found.loads if ":" not in load and not load.startswith("/")]
        faults += [f"{page.relative_to(site)} loads {load}, which is not there" for load in inside if not (base / load).exists()]
        linked |= {(base / link.split("#")[0]).resolve() for link in found.links if ":" not in link}
    unseen = [page for page in pages if page not in linked and page.name not in ("404.html", "index.html")]
    faults += [f"no page links to {page.relative_to(site)}" for page in unseen]
    if faults or not pages:
        sys.exit("\n".join(faults) or f"there are no pages in {site}")
    print(f"{len(pages)} pages, which load nothing from other hosts")


if __name__ == "__main__":
    main()
