"""Where each name of the contract stands in the pages, and comments with their names as links."""

import re

from contract import Contract

CODE = re.compile(r"(`[^`]*`)")
# Names of one word are words of English, too, so only those with a capital inside are found outside of code.
NAME = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b|\b[A-Z]+(?:_[A-Z]+)+\b")
REASON = "ERROR_REASON_"


class Links:
    """The place of each name."""

    def __init__(self, contract: Contract) -> None:
        self.places: dict[str, str] = {}
        for file in contract.files:
            declared = [*contract.messages(file), *contract.enums(file)]
            methods = [method for service in file.services_by_name.values() for method in service.methods]
            for found in [*declared, *file.services_by_name.values(), *methods]:
                self._add(found.name, f"{page(file)}#{found.name.lower()}")
            for enum in contract.enums(file):
                if enum.name == "ErrorReason":
                    for value in enum.values[1:]:
                        name = value.name.removeprefix(REASON)
                        self._add(name, f"{page(file)}#{name.lower()}")

    def _add(self, name: str, place: str) -> None:
        if name in self.places:
            raise ValueError(f"two declarations are called {name}")
        self.places[name] = place

    def to(self, name: str, shown: str = "") -> str:
        """A link to a name of the contract; a KeyError if there is none."""
        return f"[{shown or name}]({self.places[name]})"

    def text(self, comment: str, here: str = "") -> str:
        """A comment in Markdown, with links, but not to the declaration `here` itself."""
        parts = CODE.split(comment)
        return "".join(self._code(part, here) if part.startswith("`") else self._prose(part, here) for part in parts)

    def cell(self, comment: str, here: str = "") -> str:
        """The same in one line, for tables."""
        return re.sub(r"\s*\n\s*", " ", self.text(comment, here)).replace("|", "\\|")

    def _code(self, code: str, here: str) -> str:
        name = code.strip("`").split(".")[0]
        known = name != here and name in self.places and (not name.isupper() or "_" in name)
        return f"[{code}]({self.places[name]})" if known else code

    def _prose(self, text: str, here: str) -> str:
        def linked(found: re.Match[str]) -> str:
            name = found[0]
            return self.to(name) if name in self.places and name != here else name

        return NAME.sub(linked, text.replace("<", "&lt;"))


def page(file) -> str:
    """The page of a file of the contract."""
    return file.name.removeprefix("fermata/v1/").replace(".proto", ".md")
