"""verdict.py: whether a finding that a campaign printed is the one that was asked for."""
import re


def is_of(row, verdict):
    """Is the row of a finding with this verdict, RULE or RULE:TYPE? A campaign has others before the one that ends it."""
    rule, _, what = verdict.partition(":")
    # An object is its type and a number; a type may end with digits of its own.
    return row.get("verdict") == rule and (not what or re.fullmatch(re.escape(what) + r"\d*", row.get("object") or "") is not None)
