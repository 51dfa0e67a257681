"""What `faultline check --json` and the log say, as objects."""

import json

# pytest cuts what it shows of an object in an assertion's message at 240 characters.
_SHOWN = 230


class Record(dict):
    """A JSON object whose fields are attributes too: attempt.answer.status. Header names, which are none, by index."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no field {name!r}, there are {', '.join(self)}") from None


def records(lines):
    """The records of JSON lines; a last one that is still being written is left out."""
    return [json.loads(line, object_hook=Record) for line in lines.splitlines(keepends=True) if line.endswith("\n")]


def attempts(lines):
    """The attempts among the lines of a log, in the order written, corrected by what amends them."""
    by_id = {}
    for record in records(lines):
        if record.event == "attempt":
            by_id[record.id] = record
        elif record.event == "amend" and record.id in by_id:
            by_id[record.id].update(record, event="attempt")
    return list(by_id.values())


class Verdict:
    """The verdict of a log. Its fields are those of `faultline check --json`; text is what `faultline check` writes for people."""

    def __init__(self, told, text):
        fields = json.loads(told, object_hook=Record)
        self.result = fields.verdict  # "pass", "fail" or "inconclusive"
        self.checks = fields.checks
        self.defects = fields.defects
        self.policy = fields.policy
        self.deliveries = fields.deliveries  # how many are acknowledged, lost, open
        self.text = text

    @property
    def passed(self):
        """Whether it is a pass: what cannot be told, as without any traffic, is none."""
        return self.result == "pass"

    def __repr__(self):
        lines = [" ".join(line.split()) for line in self.text.splitlines()]
        # The head, what is wrong and why; the checks and deliveries stand in the report's own section.
        head, causes = lines[0], [line for line in lines[1:] if line.startswith(("cause ", "asked "))]
        shown = "; ".join([head, *causes])
        return shown if len(shown) <= _SHOWN else shown[:_SHOWN - 1] + "…"
