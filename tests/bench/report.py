"""What benchmarks have measured, as a table for people and as JSON for programs."""

import dataclasses
import json


@dataclasses.dataclass
class Result:
    """One figure of ours beside the reference's; less is better."""
    name: str
    ours: float
    theirs: float
    unit: str
    goal: float  # ours / theirs is to be at most this

    @property
    def ratio(self):
        return self.ours / self.theirs

    @property
    def met(self):
        return self.ratio <= self.goal

    def as_json(self):
        return {**dataclasses.asdict(self), "ratio": self.ratio, "met": self.met}


def append(path, results):
    """Add to the list in a file, which may be missing yet."""
    known = json.loads(path.read_text()) if path.exists() else []
    path.write_text(json.dumps(known + [each.as_json() for each in results], indent=2) + "\n")


def table(entries):
    rows = [("", "ours", "theirs", "unit", "ratio", "goal", "")]
    for entry in entries:
        rows.append((entry["name"], f"{entry['ours']:.4g}", f"{entry['theirs']:.4g}",
                     entry["unit"], f"{entry['ratio']:.3f}", f"≤ {entry['goal']:g}",
                     "met" if entry["met"] else "NOT MET"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column in (0, 3, 6) else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows)
