"""The text of a scenario, from Python values. What a key means, and whether it is right, only faultline itself decides."""

import datetime
import json
import re

MATCH = frozenset("host path method scheme header query json body client placement size response".split())
WHEN = frozenset("attempt age nth every chance chance_per times moment after for repeat_every from until daily days phase".split())


class ScenarioError(ValueError):
    """A scenario that faultline refused, in faultline's own words. The one that was in force stays."""


def sorted_into_tables(arguments, tables):
    """Arguments of one flat call as a TOML table: each goes into the table that has a key of its name, the rest stays where it is.

    tables: names of tables to their keys. A trailing underscore is dropped: Python keeps `for`, `from` and `pass` to itself.
    """
    sorted_ = {}
    for name, value in arguments.items():
        name = name.rstrip("_")
        home = next((table for table, keys in tables.items() if name in keys), None)
        if home:
            sorted_.setdefault(home, {})[name] = value
        elif name in tables:
            sorted_.setdefault(name, {}).update(value)
        else:
            sorted_[name] = value
    return sorted_


def text(scenario):
    """The TOML of a dict of settings, tables and, as lists of dicts, arrays of tables."""
    plain, tables = [], []
    for name, value in scenario.items():
        if value in ({}, []):
            continue
        if isinstance(value, dict):
            tables += [f"\n[{_key(name)}]", *_lines(value)]
        elif isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            for entry in value:
                tables += [f"\n[[{_key(name)}]]", *_lines(entry)]
        else:
            plain += _lines({name: value})
    return "\n".join(plain + tables) + "\n"


def _lines(table):
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _value(value):
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(_lines(value)) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _string(value)


def _key(name):
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _string(name)


def _string(value):
    # JSON's escapes are TOML's, but for the one character that JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
