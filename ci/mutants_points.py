"""Where a core can be broken by leaving one thing out, and the source with a switch at each place.

The one idea: read function bodies as nested statements, with no list of files, functions or lines, and say
of each leaf statement what it is: a get, a put, a store of a flag. The text stays as it is but for the switch, so that
lines, function names and with them the anchors of schedules are those of the core itself.

Not mutated: the body of `if (defect(x))`, which a build without defects does not have; what sets a count or
a lock up; local variables. Not known: statements made by macros of the core's own, preprocessor conditionals.
"""
import re

CLASSES = ["get", "put", "lock", "list_del", "null_out", "grace", "wait", "flag_store"]

LOCKS = {}  # each way to take a lock, and the ways to give it back
for family, takes in {
        "mutex": ["mutex_lock", "mutex_lock_interruptible", "mutex_lock_killable", "mutex_trylock"],
        "spin": ["spin_lock", "spin_lock_irq", "spin_lock_irqsave", "spin_lock_bh", "spin_trylock"],
        "write": ["down_write", "down_write_killable", "down_write_trylock"],
        "read": ["down_read", "down_read_killable", "down_read_trylock"],
        "mmap_write": ["mmap_write_lock", "mmap_write_lock_killable", "mmap_write_trylock"],
        "mmap_read": ["mmap_read_lock", "mmap_read_lock_killable", "mmap_read_trylock"],
        "all": ["mm_take_all_locks"]}.items():
    gives = {"mutex": ["mutex_unlock"], "spin": ["spin_unlock", "spin_unlock_irq", "spin_unlock_irqrestore",
                                                 "spin_unlock_bh"],
             "write": ["up_write", "downgrade_write"], "read": ["up_read"],
             "mmap_write": ["mmap_write_unlock"], "mmap_read": ["mmap_read_unlock"],
             "all": ["mm_drop_all_locks"]}[family]
    LOCKS.update({take: gives for take in takes})
READERS = {"rcu_read_lock": ["rcu_read_unlock"], "srcu_read_lock": ["srcu_read_unlock"]}
PAIRS = {**{take: ("lock", gives) for take, gives in LOCKS.items()},
         **{take: ("grace", gives) for take, gives in READERS.items()}}
TAKE = re.compile(r"\b(" + "|".join(PAIRS) + r")\(")
GIVES = {give for _, gives in PAIRS.values() for give in gives}

CALLS = [  # (class, the name of a function whose call is a statement)
    ("grace", r"synchronize_\w+|\w+_synchronize|s?rcu_barrier\w*"),
    ("grace", r"call_s?rcu|kfree_rcu|kvfree_rcu"),
    ("list_del", r"h?list_(bl_)?del\w*|interval_tree_remove|rb_erase\w*"),
    ("wait", r"wait_for_completion\w*|wait_event\w*|wait_on_\w+|flush_work\w*|drain_\w+|cancel_\w*_sync"),
    ("put", r"\w+_put(_\w+)?|put_\w+|mmput\w*|mmdrop\w*|(refcount|atomic\w*)_dec\w*"),
    ("get", r"\w+_get(_\w+)?|get_\w+|mmget\w*|mmgrab\w*|(refcount|atomic\w*)_inc\w*"),
    ("null_out", r"(rcu_assign_pointer|RCU_INIT_POINTER|WRITE_ONCE|smp_store_release)(?=\(.*, NULL\);$)"),
    ("flag_store", r"WRITE_ONCE|set_bit|clear_bit"),
]
VALUES = [  # (class, a function whose value is used, the value when it is left out)
    ("put", r"\w*_(?:dec_and_test|sub_and_test|dec_and_lock|dec_and_mutex_lock)|kref_put\w*", "0"),
    ("get", r"\w*_(?:get_unless_zero|inc_not_zero|get_not_zero|inc_unless_zero)|mmget_not_zero", "1"),
]
MEMBER = r"\(?\*?\w+(?:(?:->|\.)\w+|\[[^][]*\])+\)?|\*\w+"  # something that others see


def blank(text):
    """The same text, to the byte position, with comments, strings and preprocessor lines blanked."""
    def spaces(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|^[ \t]*#(?:\\\n|[^\n])*', spaces, text,
                  flags=re.S | re.M)


def closing(text, at):
    """Where the bracket that opens at AT closes."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if depth == 0:
            return i
    raise ValueError("a bracket is not closed")


class Body:
    """The leaves of a function: (start, end, kind), kind being statement, value or condition."""

    def __init__(self, text, start, end):
        self.text, self.leaves, self.wrong = text, [], []
        self.block(start + 1, end)

    def skip(self, at):
        while self.text[at].isspace():
            at += 1
        return at

    def block(self, at, end):
        at = self.skip(at)
        while at < end:
            at = self.skip(self.statement(at))

    def bracket(self, at):
        at = self.skip(at)
        return at, closing(self.text, at) + 1

    def controlled(self, at, word):
        """if, while, for, switch, and the loops that are macros."""
        start, end = self.bracket(at)
        if word == "if" and re.match(r"\(\s*defect\s*\(", self.text[start:end]):
            seen = len(self.leaves)
            end = self.statement(self.skip(end))
            del self.leaves[seen:]
            self.wrong.append((start, end))
            return end
        if word in ("if", "while", "switch"):
            self.leaves.append((start, end, "condition"))
        end = self.statement(self.skip(end))
        after = re.compile(r"\s*else\b").match(self.text, end)
        if word == "if" and after:
            end = self.statement(self.skip(after.end()))
        return end

    def statement(self, at):
        if self.text[at] == "{":
            end = closing(self.text, at)
            self.block(at + 1, end)
            return end + 1
        word = (re.compile(r"\w+").match(self.text, at) or [""])[0]
        after = at + len(word)
        if word in ("if", "while", "for", "switch") or "for_each" in word:
            return self.controlled(after, word)
        if word == "do":
            end = self.statement(self.skip(after))
            return self.text.index(";", end) + 1
        label = re.compile(r"(?:case\b[^:;]*|\w+)\s*:(?!:)").match(self.text, at)
        if label:
            return self.statement(self.skip(label.end()))
        end = at
        while self.text[end] != ";":
            end = closing(self.text, end) + 1 if self.text[end] in "([{" else end + 1
        declaration = re.match(r"(?:const\s+|static\s+|struct\s+|unsigned\s+)*\w+[\s*]+\w+\s*(?:=|;|,|\[|$)",
                               self.text[at:end])
        value = word in ("return", "goto", "break", "continue") or declaration
        self.leaves.append((at, end + 1, "value" if value else "statement"))
        return end + 1


def functions(text):
    for match in re.finditer(r"^\{$", text, re.M):
        head = text[:match.start()].rstrip()
        depth, at = 0, len(head) - 1
        while depth or head[at] != "(":
            depth += (head[at] == ")") - (head[at] == "(") if head[at] in "()" else 0
            if depth == 0 and head[at] == "(":
                break
            at -= 1
        name = re.search(r"(\w+)\s*$", head[:at])
        yield name.group(1), match.start(), closing(text, match.start())


def call_of(statement):
    """(function, arguments) of a statement that is a call, or assigns one."""
    match = re.fullmatch(r"(?:[\w>.\[\]-]+\s*=\s*)?(\w+)\s*\((.*)\)\s*;", statement, re.S)
    if not match:
        return None, []
    arguments, depth, last = [], 0, ""
    for c in match.group(2):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            arguments.append(last.strip())
            last = ""
        else:
            last += c
    return match.group(1), arguments + [last.strip()]


def class_of(statement):
    """The class of a leaf statement, or None."""
    function, _ = call_of(statement)
    flat = re.sub(r"\s+", " ", statement)
    if function and "=" not in flat.split("(")[0]:
        for kind, name in CALLS:
            if re.fullmatch(name.split("(?=")[0], function) and re.match(name, flat):
                return kind
        return None
    if re.fullmatch(rf"(\+\+({MEMBER})|({MEMBER})\+\+);|({MEMBER}) \+= .*;", flat):
        return "flag_store" if "seq" in flat else "get"
    if re.fullmatch(rf"(--({MEMBER})|({MEMBER})--);|({MEMBER}) -= .*;", flat):
        return "put"
    if re.fullmatch(rf"({MEMBER}|\w+) = NULL;", flat) and not re.fullmatch(r"[a-z]\w{0,15} = NULL;", flat):
        return "null_out"
    if re.fullmatch(rf"({MEMBER}) = (true|false);|({MEMBER}) [|&^]= .*;", flat):
        return "flag_store"
    return None


def dropped(statement, number):
    """The statement with its switch. A deferred call is not left out but made at once."""
    function, arguments = call_of(statement)
    instead = ""
    if function in ("call_srcu", "call_rcu"):
        instead = f"{arguments[-1]}({arguments[-2]}); else "
    elif function in ("kfree_rcu", "kvfree_rcu"):
        instead = f"kfree({arguments[0]}); else "
    return f"{{ if ({'' if instead else '!'}mutant({number})) {instead}{statement} }}"


def without_lock(statement, number):
    """A lock or unlock; one that gives a value gives that of success."""
    match = re.fullmatch(r"(.*?=\s*)(\w+)(\(.*);", statement, re.S)
    if not match:
        return f"{{ if (!mutant({number})) {statement} }}"
    left, function, rest = match.groups()
    return f"{left}mutant({number}) ? {1 if 'try' in function else 0} : {function}{rest};"


class Source:
    """One file: its points, and what is to be written in their place."""

    def __init__(self, name, text, number_first):
        self.name, self.text, self.bare = name, text, blank(text)
        self.points, self.edits = [], []
        self.number = number_first
        bodies = {function: Body(self.bare, start, end) for function, start, end in functions(self.bare)}
        for function, body in bodies.items():
            if self.is_of_defects(function, bodies):
                continue
            self.ordinals, leaves = {}, body.leaves
            taken = self.pairs(function, leaves)
            for leaf in leaves:
                if leaf not in taken:
                    self.leaf(function, *leaf)

    def is_of_defects(self, function, bodies):
        """Is it called behind switches only? Then it is no part of the clean core."""
        wrong = [region for body in bodies.values() for region in body.wrong]
        calls = [m.start() for m in re.finditer(rf"\b{function}\b", self.bare)]
        calls = [at for at in calls if not re.search(rf"^\w[^;{{}}=]*$", self.bare[self.bare.rfind("\n", 0, at) + 1:at])]
        return bool(calls) and all(any(start <= at < end for start, end in wrong) for at in calls)

    def point(self, kind, function, at, what):
        ordinal = self.ordinals[kind] = self.ordinals.get(kind, 0) + 1
        self.points.append({"id": f"{kind}:{self.name}:{function}:{ordinal}", "class": kind, "number": self.number,
                            "file": self.name, "line": self.text.count("\n", 0, at) + 1,
                            "what": re.sub(r"\s+", " ", what).strip()})
        self.number += 1
        return self.number - 1

    def take_value(self, function, start, end, opened):
        """A lock whose value is tested, or declares something: left out, it gives that of success."""
        match = TAKE.search(self.bare, start, end)
        if not match:
            return False
        stop = closing(self.bare, match.end() - 1) + 1
        take, (kind, gives) = match.group(1), PAIRS[match.group(1)]
        number = self.point(kind, function, start, self.bare[match.start():stop])
        for give in gives:
            opened[give, call_of(self.bare[match.start():stop] + ";")[1][0]] = number
        call = self.bare[match.start():stop]
        self.edits.append((match.start(), stop, f"(mutant({number}) ? {1 if 'try' in take else 0} : {call})"))
        return True

    def pairs(self, function, leaves):
        """Locks and readers: one mutant leaves out the lock and the unlocks that follow it."""
        taken, opened = set(), {}
        for start, end, kind in leaves:
            if kind != "statement":
                if self.take_value(function, start, end, opened):
                    taken.add((start, end, kind))
                continue
            statement = self.bare[start:end]
            name, arguments = call_of(statement)
            if name in PAIRS:
                number = self.point(PAIRS[name][0], function, start, statement)
                for give in PAIRS[name][1]:
                    opened[give, arguments[0]] = number
            elif name in GIVES:
                number = opened.get((name, arguments[0]))
                if number is None:  # taken elsewhere: a mutant of its own
                    number = self.point("grace" if "rcu" in name else "lock", function, start, statement)
            else:
                continue
            self.edits.append((start, end, without_lock(statement, number)))
            taken.add((start, end, kind))
        return taken

    def leaf(self, function, start, end, kind):
        text = self.bare[start:end]
        statement_class = class_of(text) if kind == "statement" else None
        if statement_class:
            number = self.point(statement_class, function, start, text)
            self.edits.append((start, end, dropped(text, number)))
            return
        for value_class, name, instead in VALUES:
            for match in re.finditer(rf"\b(?:{name})\(", text):
                stop = closing(text, match.end() - 1) + 1
                self.value(function, value_class, start + match.start(), start + stop, instead)
        for match in re.finditer(rf"--({MEMBER})", text):
            self.value(function, "put", start + match.start(), start + match.end(), match.group(1))
        for match in re.finditer(rf"\+\+({MEMBER})", text):
            self.value(function, "get", start + match.start(), start + match.end(), match.group(1))

    def value(self, function, kind, start, end, instead):
        text = self.bare[start:end]
        number = self.point(kind, function, start, text)
        self.edits.append((start, end, f"(mutant({number}) ? {instead} : {text})"))

    def rewritten(self):
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        include = re.search(r"^#include.*$", text, re.M)
        line = text.count("\n", 0, include.start()) + 1
        return f'{text[:include.start()]}#include "zoo/mutant.h"\n#line {line}\n{text[include.start():]}'
