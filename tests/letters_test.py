#!/usr/bin/env python3
"""The checker of letters (ci/letters) is silent on a letter that says what happened, and speaks where it does not."""
import importlib.machinery
import importlib.util
import os
import sys

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
loader = importlib.machinery.SourceFileLoader("letters", os.path.join(ROOT, "ci", "letters"))

letters = importlib.util.module_from_spec(importlib.util.spec_from_loader("letters", loader))
loader.exec_module(letters)


def event(lane, kind, words, offset=8):
    return {"lane": lane, "kind": kind, "object": "toy0", "offset": offset, "function": "toy", "words": words}


def deadlock(b="waits for A"):
    return [event("A", "lock", "mutex_lock(&x)"), event("B", "lock", "mutex_lock(&y)", 16),
            event("A", "blocked", "mutex_lock(&y)  // waits for B", 16), event("B", "blocked", f"mutex_lock(&x)  // {b}")]


TEXT = "A waits in mutex_lock(&y) for B; B waits in mutex_lock(&x) for A"


def faults(events, told=None, text=TEXT):
    return list(letters.wrong_waits(events, range(len(events)) if told is None else told, text))


def counts(*words):
    return list(letters.wrong_counts([event("A", "ref_get", f"get(&x)  // {w}") for w in words]))


assert not faults(deadlock()), faults(deadlock())
assert faults(deadlock("waits for C"))                    # nobody of that name holds it
assert faults(deadlock("waits"))                          # it hides who does
assert faults(deadlock(), told=[0, 1, 2])                 # a wait of the cycle is left out
released = deadlock()
released.insert(2, event("A", "unlock", "mutex_unlock(&x)"))
assert faults(released, text="")                          # A had it no more
failed = [event("A", "lock", "mutex_lock(&x)"), event("B", "trylock", "mutex_trylock(&x)  // fails: A holds it")]
assert not faults(failed, text="")
assert faults(failed[1:], text="")
assert not counts("1 -> 2", "2 -> 3") and counts("1 -> 2", "3 -> 4")
assert not list(letters.missing(deadlock(), [0, 1], "toy: mutex_lock(&x) | toy: ")) and \
    list(letters.missing(deadlock(), [0, 1], "toy: mutex_lock(&x) | toy: kfree"))
assert len(letters.table()) > 100 and all(row["told"] for row in letters.table())
print("the checker of letters tells good ones from bad ones")
