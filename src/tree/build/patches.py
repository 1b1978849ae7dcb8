"""patches.py: patches as people send them: a diff, a mail in any transfer encoding, the mailbox of a series.

A file is read into patches, and of each only its unified diffs are kept, line by line as their hunks
count them. So the prose of a mail is never taken for a diff, every path is known before anything is
written, and what `patch` alone would pass over in silence (binary files, links) is refused.
"""
import email
import email.errors
import email.header
import gzip
import os
import re
import subprocess
import zlib

import errors

SIZE_MAX = 64 << 20
HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
HEADER = re.compile(rb"(---|\+\+\+|index|(old|new) mode|(new|deleted) file mode|(dis)?similarity index|rename|copy) |GIT binary patch|Binary files ")
LINK = re.compile(rb"(.* mode|index \S+) 1[26]0000$")
NAMES = re.compile(rb"(?:---|\+\+\+) ([^\t]+)|(?:rename|copy) (?:from|to) (.+)|diff --git (\S+) (\S+)$")
NUMBER = re.compile(r"\[[^]]*?\b(\d{1,4})/(\d{1,4})[^]]*\]")


class Patch:
    """@name is for messages; @diff: bytes for `patch -p1`; @paths: every file that it names, from the tree on."""

    def __init__(self, name, text):
        self.name, self.paths = name, set()
        self.diff = b"".join(line + b"\n" for line in self.diffs(text))

    def refuse(self, number, why):
        raise errors.Refused(f"{self.name}: line {number}: {why}")

    def diffs(self, text):
        """The lines of @text that belong to diffs."""
        lines, at, found, inside = lines_of(text), 0, [], None
        while at < len(lines):
            line, end = lines[at], at + 1
            if inside and (hunk := HUNK.match(line)):
                end, inside = self.hunk_end(lines, at, hunk), "hunks"
            elif line.startswith(b"diff --git ") or is_pair(lines, at) or inside == "header" and HEADER.match(line):
                self.header(line, end)
                inside = "header"
            else:
                inside = None
            if inside:
                found += [kept or b" " for kept in lines[at:end]]
            at = end
        return found

    def header(self, line, number):
        if line.startswith((b"GIT binary patch", b"Binary files ")):
            self.refuse(number, "a binary file")
        if LINK.match(line):
            self.refuse(number, "a symbolic link or a submodule")
        names = NAMES.match(line)
        for name in filter(None, names.groups() if names else ()):
            name = name.strip()
            if name == b"/dev/null":
                continue
            if not line.startswith((b"rename", b"copy")) and name[:1] != b"/": # those have no a/ and b/
                name = name.partition(b"/")[2]
            self.paths.add(self.checked(os.fsdecode(name), number))

    def checked(self, path, number):
        """The path; one that leaves the tree is refused."""
        if path.startswith("/") or '"' in path or not path.isprintable() or {"", ".", ".."} & set(path.split("/")):
            self.refuse(number, f"no path of a file in a folder a/ or b/: {path[:100]!r}")
        return path

    def hunk_end(self, lines, at, hunk):
        """The line behind a hunk, which has as many lines as its head says."""
        old, new = (int(n) if n is not None else 1 for n in hunk.groups())
        begin, at = at, at + 1
        while old > 0 or new > 0:
            sign = lines[at][:1] if at < len(lines) else b"?"
            if sign not in (b" ", b"", b"-", b"+", b"\\"): # a blank line of context may have lost its blank
                self.refuse(begin + 1, "the hunk has fewer lines than it says (cut short, or wrapped by a mail program?)")
            old -= sign in (b" ", b"", b"-")
            new -= sign in (b" ", b"", b"+")
            at += 1
        if old or new:
            self.refuse(begin + 1, "the hunk has other lines than it says")
        return at + 1 if at < len(lines) and lines[at].startswith(b"\\") else at


def lines_of(text):
    """Without CR, if the whole came with CRLF: a diff of a file with CRLF has them in its hunks alone."""
    lines = text.split(b"\n")
    if any(line.startswith((b"+++ ", b"diff --git ")) and line.endswith(b"\r") for line in lines):
        lines = [line.removesuffix(b"\r") for line in lines]
    return lines


def is_pair(lines, at):
    return len(lines) > at + 2 and lines[at].startswith(b"--- ") and lines[at + 1].startswith(b"+++ ") and bool(HUNK.match(lines[at + 2]))


# ---- mails ----

def read(path):
    try:
        with open(path, "rb") as f:
            data = f.read(SIZE_MAX + 1)
        if data.startswith(b"\x1f\x8b"):
            with gzip.open(path) as f:
                data = f.read(SIZE_MAX + 1)
    except (OSError, EOFError, zlib.error) as why:
        raise errors.Refused(f"{path}: cannot be read: {getattr(why, 'strerror', None) or why}") from None
    if len(data) > SIZE_MAX:
        raise errors.Refused(f"{path}: more than {SIZE_MAX >> 20} MB")
    return data


def body(mail):
    """What the text parts of a mail say, whatever they were encoded in for the way."""
    parts = [part.get_payload(decode=True) or b"" for part in mail.walk() if part.get_content_maintype() == "text"]
    return b"\n".join(parts)


def is_mail(data):
    head = data[:1 << 16].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return re.match(rb"[!-9;-~]+:[ \t]", head) is not None and re.search(rb"^(From|Subject):", head, re.M | re.I) is not None


def mails(data):
    """The mails of a mailbox, or the one that @data is; none: a plain diff."""
    parts = re.split(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From \S+ [^\n]*\d\d:\d\d[^\n]*\n", data)
    found = [part for part in parts if is_mail(part)]
    return [email.message_from_bytes(part) for part in found]


def subject(mail):
    words = str(email.header.make_header(email.header.decode_header(mail.get("Subject", "no subject"))))
    return "".join(c for c in " ".join(words.split()) if c.isprintable())[:100]


def title(mail):
    try:
        return subject(mail)
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return "a subject that cannot be read"


def in_order(path, found):
    """[(number of the series or None, patch)]: by the numbers, if all have one; answers that repeat a number are refused."""
    numbers = [number for number, _ in found]
    if len(found) < 2 or None in numbers:
        return [patch for _, patch in found]
    twice = [n for n in numbers if numbers.count(n) > 1]
    if twice:
        raise errors.Refused(f"{path}: {numbers.count(twice[0])} patches have number {twice[0]}: keep one version of the series")
    return [patch for _, patch in sorted(found, key=lambda row: row[0])]


def load(path):
    """The patches of a file, in the order of their series."""
    data, found = read(path), []
    for mail in mails(data):
        name = title(mail)
        if not re.match(r"re\s*:", name, re.I):
            patch, number = Patch(f"{path}: {name}", body(mail)), NUMBER.search(name)
            if patch.diff:
                found.append((int(number.group(1)) if number else None, patch))
    patches = in_order(path, found) if found else [Patch(path, data)]
    if not any(patch.paths for patch in patches):
        raise errors.Refused(f"{path}: no patch (no unified diff in it names a file)")
    return patches


def apply(patches, to):
    """The @patches over the copy @to, in which what they name is no link."""
    for patch in patches:
        done = subprocess.run(["patch", "-d", to, "-p1", "-u", "--no-backup-if-mismatch", "--batch", "--forward"], input=patch.diff,
                              capture_output=True, check=False)
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise errors.Refused(f"{patch.name} does not apply:\n{said}".rstrip())
