"""What benchmarks have measured, as a table for people and as JSON for programs."""

import dataclasses
import json
import typing


@dataclasses.dataclass
class Result:
    """One figure of ours beside the same of another's; less is better, unless `more` is.

    Where there is no other (None), the goal is a bound of the figure itself."""
    name: str
    ours: float
    theirs: typing.Optional[float]
    unit: str
    goal: float  # what ours / theirs, or ours alone, is to be at most; at least, if more is better
    more: bool = False

    @property
    def ratio(self):
        return None if self.theirs is None else self.ours / self.theirs

    @property
    def met(self):
        figure = self.ours if self.theirs is None else self.ratio
        return figure >= self.goal if self.more else figure <= self.goal

    def as_json(self):
        return {**dataclasses.asdict(self), "ratio": self.ratio, "met": self.met}


def append(path, results):
    """Add to the list in a file, which may be missing yet."""
    known = json.loads(path.read_text()) if path.exists() else []
    path.write_text(json.dumps(known + [each.as_json() for each in results], indent=2) + "\n")


def row(entry):
    alone = entry["theirs"] is None
    return (entry["name"], f"{entry['ours']:.4g}", "–" if alone else f"{entry['theirs']:.4g}",
            entry["unit"], "–" if alone else f"{entry['ratio']:.3f}",
            f"{'≥' if entry['more'] else '≤'} {entry['goal']:g}"
            + (f" {entry['unit']}" if alone else ""),
            "met" if entry["met"] else "NOT MET")


def table(entries):
    rows = [("", "ours", "theirs", "unit", "ratio", "goal", ""), *map(row, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column in (0, 3, 6) else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows)
