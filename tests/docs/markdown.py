"""What the documentation's tests need to know of Markdown: fenced blocks, inline code, links, headings."""

import re
from collections import namedtuple

Block = namedtuple("Block", "line info text")  # line: of the first line inside
Link = namedtuple("Link", "line target")
Code = namedtuple("Code", "line text")

FENCE = re.compile(r"^\s*```(.*)$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`((?:[^`\n]|\n(?!\n))+)`")  # may go on in the next line, not in the next paragraph


def parts(text):
    """(blocks, the text with blank lines in their place)."""
    blocks, prose, block = [], [], None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        prose.append("" if fence or block is not None else line)
        if block is not None and fence:
            blocks.append(Block(block.line, block.info, "\n".join(block.text) + "\n"))
            block = None
        elif block is not None:
            block.text.append(line)
        elif fence:
            block = Block(number + 1, fence.group(1).strip(), [])
    if block is not None:
        raise SystemExit(f"a block that begins in line {block.line} has no end")
    return blocks, "\n".join(prose)


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def blocks(text):
    return parts(text)[0]


def inline_code(text):
    prose = parts(text)[1]
    return [Code(line_of(prose, code), code.group(1).replace("\n", " ")) for code in INLINE.finditer(prose)]


def links(text):
    prose = parts(text)[1]
    without_code = INLINE.sub(lambda code: re.sub(r"[^\n]", "x", code.group(0)), prose)
    return [Link(line_of(without_code, link), link.group(1)) for link in LINK.finditer(without_code)]


def anchors(text):
    """The names by which headings are linked to, as GitHub makes them."""
    names, seen = set(), {}
    for line in parts(text)[1].splitlines():
        heading = re.match(r"^#{1,6}\s+(.*?)\s*#*$", line)
        if not heading:
            continue
        words = LINK.sub("", heading.group(1)) if LINK.fullmatch(heading.group(1)) else heading.group(1)
        name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        n = seen.get(name, 0)
        seen[name] = n + 1
        names.add(name if n == 0 else f"{name}-{n}")
    return names
