"""A recording as an animated picture: SVG that any browser plays, with text that can be copied.

What a program without animations shows is how the terminals look in the end.
"""

from xml.sax.saxutils import escape, quoteattr

from recording import COLUMNS, TYPING_S

CHARACTER_PX, LINE_PX, MARGIN_PX, TITLE_PX = 8.4, 18, 12, 26
REST_S = 6.0  # how long the end is shown before it begins again

STYLE = """\
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d8dee9;
  white-space: pre }
.title { fill: #8fbcbb }
.typed { fill: #ebcb8b }
.rule { stroke: #4c566a }
.window { fill: #1d1f21 }"""


class Span:
    """Some text on a row of one terminal, from a time to another (None: to the end)."""

    def __init__(self, row, column, text, from_s, typed):
        self.row, self.column, self.text = row, column, text
        self.from_s, self.until_s, self.typed = from_s, None, typed


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


def parts(line, typed_from):
    """(column, text, whether it is typed) of each part of a line."""
    if typed_from is None:
        return [(0, line, False)]
    return [(0, line[:typed_from], False), (typed_from, line[typed_from:], True)]


def spans(moments):
    """What there is to be seen at one terminal, and when: rows that stay as they are are one."""
    found, rows = [], {}
    for moment in moments:
        last = len(moment.lines) - 1
        for row in range(max(len(moment.lines), len(rows))):
            line = moment.lines[row] if row <= last else ""
            if line == rows.get(row, ("",))[0]:
                continue
            gone = rows.get(row, ("", []))[1]
            typed_from = moment.typed_from if row == last else None
            if typed_from is not None:  # what was there before stays
                new = [Span(row, column, text, moment.at_s, typed)
                       for column, text, typed in parts(line, typed_from) if typed]
                rows[row] = line, gone + new
            else:
                kept = [span for span in gone if line.startswith(span.text, span.column)]
                for span in gone:
                    span.until_s = None if span in kept else moment.at_s
                end = max((span.column + len(span.text) for span in kept), default=0)
                new = [Span(row, end, line[end:], moment.at_s, False)]
                rows[row] = line, kept + new
            found += [span for span in new if span.text]
    return found


class Picture:
    def __init__(self, recording):
        self.recording = recording
        self.length_s = recording.moments[-1].at_s + REST_S
        self.width = round(2 * MARGIN_PX + COLUMNS * CHARACTER_PX)
        self.clips = 0
        self.elements = []

    def animate(self, attribute, changes):
        """An <animate> that jumps: (time, value) of each change."""
        times = ";".join(f"{at_s / self.length_s:.4f}"
                         for at_s, _ in changes)
        values = ";".join(value for _, value in changes)
        return (f'<animate attributeName="{attribute}" calcMode="discrete" keyTimes="{times}" '
                f'values="{values}" dur="{number(self.length_s)}s" repeatCount="indefinite"/>')

    def seen(self, span):
        """When a span is visible."""
        changes = [(0, "hidden")] if span.from_s > 0 else []
        changes.append((span.from_s, "visible"))
        if span.until_s is not None:
            changes.append((span.until_s, "hidden"))
        return self.animate("visibility", changes) if len(changes) > 1 else ""

    def clip(self, span, x, y):
        """What uncovers a span character by character. Returns: the attribute that names it."""
        self.clips += 1
        widths = [(0, "0")] + [(span.from_s + TYPING_S * (i + 1), number(CHARACTER_PX * (i + 1)))
                               for i in range(len(span.text))]
        self.elements.append(
            f'<clipPath id="typed{self.clips}"><rect x="{number(x)}" y="{number(y - LINE_PX)}" '
            f'width="{number(CHARACTER_PX * len(span.text))}" height="{number(LINE_PX * 1.5)}">'
            f'{self.animate("width", widths)}</rect></clipPath>')
        return f' class="typed" clip-path="url(#typed{self.clips})"'

    def put(self, span, top):
        x, y = MARGIN_PX + span.column * CHARACTER_PX, top + (span.row + 1) * LINE_PX
        typed = self.clip(span, x, y) if span.typed else ""
        hidden = ' visibility="hidden"' if span.until_s is not None else ""
        self.elements.append(
            f'<text x="{number(x)}" y="{number(y)}" '
            f'textLength="{number(len(span.text) * CHARACTER_PX)}"{typed}{hidden} '
            f'xml:space="preserve">{escape(span.text)}{self.seen(span)}</text>')

    def put_terminal(self, who, top):
        """Returns: where it ends."""
        moments = [moment for moment in self.recording.moments if moment.who == who]
        rows = max(len(moment.lines) for moment in moments)
        self.elements.append(f'<text class="title" x="{MARGIN_PX}" y="{top + LINE_PX}">'
                             f'{escape(who)}’s terminal</text>')
        for span in spans(moments):
            self.put(span, top + TITLE_PX)
        return top + TITLE_PX + rows * LINE_PX + MARGIN_PX

    def svg(self, description):
        top = 0
        for i, who in enumerate(dict.fromkeys(moment.who for moment in self.recording.moments)):
            if i > 0:
                self.elements.append(f'<line class="rule" x1="0" x2="{self.width}" y1="{top}" '
                                     f'y2="{top}"/>')
            top = self.put_terminal(who, top)
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {top}" '
            f'width="{self.width}" height="{top}" role="img" aria-label={quoteattr(description)}>',
            "<!-- Written by tests/demo/record.py; change that instead. -->",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="window" width="{self.width}" height="{top}" rx="6"/>',
            *self.elements, "</svg>", ""])


def draw(recording):
    return Picture(recording).svg("Two people meet: what their terminals show")
