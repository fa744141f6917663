"""What HTML says, for those who read no HTML: lines where it has paragraphs and breaks.

Read here and by no library: Python's own parser raises for some of what browsers pass over, and
takes a time that grows with the square of a text that is made for it (CVE-2025-6069,
https://www.cve.org/CVERecord?id=CVE-2025-6069). This one takes whatever is written, as browsers do
(https://html.spec.whatwg.org/multipage/parsing.html), and reads each character a few times at most.
"""

import re
from html import unescape

_TAG = re.compile(r"</?([A-Za-z][^\s/>]*)")
_END_OR_QUOTE = re.compile(r"[>\"']")
_LEADS_TO = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s+")
# Of more digits than any character has; numbers of thousands are more than Python reads.
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9A-Fa-f]{9,});?")

_UNSEEN = frozenset({"head", "template", "title"})
# What stands in them is no HTML.
_RAW = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style")}
_LINES = frozenset({"br", "div", "h1", "h2", "h3", "h4", "hr", "li", "p", "table", "tr", "ul"})


def plain_text(html: str) -> str:
    reader = _Reader(html)
    reader.read()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader:
    """Gathers the text that is seen, and where an address leads."""

    def __init__(self, html: str) -> None:
        self.found: list[str] = []
        self._html = html
        self._unseen = 0
        self._leads_to: list[str] = []

    def read(self) -> None:
        at, html = 0, self._html
        while (begin := html.find("<", at)) >= 0:
            self._say(html[at:begin])
            if tag := _TAG.match(html, begin):
                at = self._tag(tag)
            elif html.startswith(("<!", "<?", "</"), begin):
                at = self._behind("-->" if html.startswith("<!--", begin) else ">", begin)
            else:
                self._say("<")
                at = begin + 1
        self._say(html[at:])

    def _behind(self, sign: str, begin: int) -> int:
        """A comment without an end goes on to that of the text."""
        end = self._html.find(sign, begin + 2)
        return len(self._html) if end < 0 else end + len(sign)

    def _tag(self, tag: re.Match[str]) -> int:
        """Where to go on. What never ends is no tag, but words that somebody wrote."""
        html, name = self._html, tag[1].lower()
        end = _end_of_tag(html, tag.end())
        if end < 0:
            self._say(html[tag.start() :])
            return len(html)
        if name in _LINES:
            self.found.append("\n")
        if html.startswith("/", tag.start() + 1):
            self._close(name)
        elif name in _RAW:
            closing = _RAW[name].search(html, end)
            return closing.start() if closing else len(html)
        else:
            self._open(name, html[tag.end() : end])
        return end + 1

    def _open(self, name: str, attributes: str) -> None:
        if name == "body":  # the end of a head need not be written
            self._unseen = 0
        self._unseen += name in _UNSEEN
        if name == "a":
            found = _LEADS_TO.search(attributes)
            self._leads_to.append(next(filter(None, found.groups()), "") if found else "")

    def _close(self, name: str) -> None:
        if name in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if name == "a" and self._leads_to and (address := self._leads_to.pop()):
            self.found.append(f" ({_characters(address)})")

    def _say(self, data: str) -> None:
        if not self._unseen:
            self.found.append(_WHITE_SPACE.sub(" ", _characters(data)))


def _end_of_tag(html: str, at: int) -> int:
    """Where its `>` stands, outside of quotation marks that come in pairs; -1 for none."""
    while found := _END_OR_QUOTE.search(html, at):
        if found[0] == ">":
            return found.start()
        closing = html.find(found[0], found.end())
        at = found.end() if closing < 0 else closing + 1
    return -1


def _characters(text: str) -> str:
    return unescape(_NO_CHARACTER.sub("\ufffd", text))
