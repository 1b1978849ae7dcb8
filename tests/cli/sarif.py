#!/usr/bin/env python3
"""Is FILE SARIF 2.1.0? usage: sarif.py FILE [SCHEMA]

Against the table below, which holds all that we write to the standard's keys, types and required keys,
and to what it says in words (an index that is one, a URI that is relative). And against the
standard's JSON schema where one is named or found: $BONDFUZZ_SARIF_SCHEMA.
"""
import json
import os
import re
import sys

TEXT, WHOLE, FLAG = str, int, bool
# key: (type, or the name of an object, in a list where there are many; "!" where it is required)
OBJECTS = {
    "log": {"$schema": TEXT, "version!": TEXT, "runs!": ["run"]},
    "run": {"tool!": "tool", "invocations": ["invocation"], "columnKind": TEXT, "results": ["result"]},
    "tool": {"driver!": "component"},
    "component": {"name!": TEXT, "version": TEXT, "rules": ["rule"]},
    "rule": {"id!": TEXT, "shortDescription": "message"},
    "message": {"text!": TEXT},
    "invocation": {"executionSuccessful!": FLAG, "toolExecutionNotifications": ["notification"]},
    "notification": {"level": TEXT, "message!": "message"},
    "result": {"ruleIndex": WHOLE, "ruleId": TEXT, "level": TEXT, "message!": "message", "locations": ["location"],
               "relatedLocations": ["location"], "partialFingerprints": dict, "occurrenceCount": WHOLE,
               "properties": dict},
    "location": {"physicalLocation": "physical", "logicalLocations": ["logical"]},
    "logical": {"name": TEXT, "kind": TEXT},
    "physical": {"artifactLocation!": "artifact", "region": "region"},
    "artifact": {"uri!": TEXT, "uriBaseId": TEXT},
    "region": {"startLine!": WHOLE},
}


def fail(where, what):
    sys.exit(f"{where}: {what}")


def check(value, kind, where):
    if isinstance(kind, list):
        if not isinstance(value, list):
            fail(where, "no list")
        for i, one in enumerate(value):
            check(one, kind[0], f"{where}[{i}]")
    elif not isinstance(kind, str):
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            fail(where, f"{value!r} is no {kind.__name__}")
    else:
        if not isinstance(value, dict):
            fail(where, "no object")
        keys = {key.rstrip("!"): kind for key, kind in OBJECTS[kind].items()}
        for key in OBJECTS[kind]:
            if key.endswith("!") and key[:-1] not in value:
                fail(where, f"no {key[:-1]}")
        for key, below in value.items():
            if key not in keys:
                fail(where, f"{key} is no key of {kind}")
            check(below, keys[key], f"{where}.{key}")


def check_words(log):
    if log["version"] != "2.1.0" or len(log["runs"]) != 1:
        fail("log", "not one run of version 2.1.0")
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    if len(set(rules)) != len(rules):
        fail("rules", "one is there twice")
    for i, result in enumerate(run["results"]):
        where = f"results[{i}]"
        if rules[result["ruleIndex"]] != result["ruleId"] or result["ruleIndex"] < 0:
            fail(where, "ruleIndex is not that of ruleId")
        if result["level"] not in ("none", "note", "warning", "error") or result["occurrenceCount"] < 1:
            fail(where, "level or occurrenceCount")
        if any(not isinstance(text, str) for text in result["partialFingerprints"].values()):
            fail(where, "a fingerprint that is no text")
        for place in result["locations"] + result["relatedLocations"]:
            physical = place.get("physicalLocation", {"artifactLocation": {"uri": "x"}})
            uri = physical["artifactLocation"]["uri"]
            if not re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri) or uri.startswith("/") or ".." in uri:
                fail(where, f"{uri!r} is no relative URI")
            if physical.get("region", {"startLine": 1})["startLine"] < 1:
                fail(where, "lines begin with 1")
    prints = [result["partialFingerprints"]["bondfuzzSignature/v1"] for result in run["results"]]
    if len(set(prints)) != len(prints):
        fail("results", "a signature is there twice")


def check_schema(log, path):
    try:
        import jsonschema
    except ImportError:
        print("skipped: the standard's schema (no python3-jsonschema)")
        return
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker()).validate(log)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        log = json.load(f)
    check(log, "log", "log")
    check_words(log)
    schema = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("BONDFUZZ_SARIF_SCHEMA")
    if schema:
        check_schema(log, schema)
    print(f"{len(log['runs'][0]['results'])} results")


main()
