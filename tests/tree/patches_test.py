#!/usr/bin/env python3
"""patches.py: a series in every form that people send is the same patches, what cannot be one is refused with its line, and nothing is
written beside the copy."""
import base64
import gzip
import os
import quopri
import sys
import tempfile
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "src/tree/build"))
import errors  # noqa: E402
import patches  # noqa: E402

DIFF = """diff --git a/mm/a.c b/mm/a.c
index 1234567..89abcde 100644
--- a/mm/a.c
+++ b/mm/a.c
@@ -1,3 +1,3 @@
 int a; /* \u00e4 = 1 */
--- a decrement, and no header
+++ an increment

"""
BEFORE, AFTER = "int a; /* \u00e4 = 1 */\n-- a decrement, and no header\n\n", "int a; /* \u00e4 = 1 */\n++ an increment\n\n"
PROSE = "--- is what a rule looks like\nFrom here on: see +++ below\n"


def mail(subject, text, encoding="8bit", end="\n", extra=""):
    data = text.encode()
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data)
    head = f"From: A <a@b.c>\nSubject: {subject}\n{extra}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n"
    return (head.encode() + data).replace(b"\n", end.encode())


def mailbox(mails, end="\n"):
    return b"".join(b"From 0123abcd Mon Sep 17 00:00:00 2001" + end.encode() + m + 2 * end.encode() for m in mails)


def one(number, count=20):
    """Patch @number of a series that counts a file up."""
    return mail(f"[PATCH v2 {number}/{count}] count", f"{PROSE}---\n--- a/n\n+++ b/n\n@@ -1 +1 @@\n-{number - 1}\n+{number}\n-- \n2.39\n")


class Patches(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.makedirs(os.path.join(self.folder, "tree/mm"))
        self.write("tree/mm/a.c", BEFORE)
        self.write("tree/n", "0\n")

    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return os.path.join(self.folder, name)

    def text(self, name):
        with open(os.path.join(self.folder, "tree", name), encoding="utf-8", newline="") as f:
            return f.read()

    def apply(self, data):
        found = patches.load(self.write("p", data))
        patches.apply(found, os.path.join(self.folder, "tree"))
        return found

    def refused(self, words, data):
        with self.assertRaisesRegex(errors.Refused, words):
            self.apply(data)
        self.assertEqual(sorted(os.listdir(self.folder)), ["p", "tree"])

    def test_each_form_is_the_same_patch(self):
        forms = {"plain": DIFF, "behind prose": PROSE + DIFF + PROSE, "with CRLF": DIFF.replace("\n", "\r\n"), "compressed": gzip.compress(DIFF.encode())}
        for encoding in ("8bit", "base64", "quoted-printable"):
            for end in ("\n", "\r\n"):
                forms[f"{encoding} {end!r}"] = mail("[PATCH] a", PROSE + "---\n" + DIFF + "-- \n2.39\n", encoding, end)
                forms[f"mailbox {encoding} {end!r}"] = mailbox([forms[f"{encoding} {end!r}"]], end)
        for name, data in forms.items():
            with self.subTest(name):
                self.write("tree/mm/a.c", BEFORE)
                found = self.apply(data)
                self.assertEqual(self.text("mm/a.c"), AFTER)
                self.assertEqual([patch.paths for patch in found], [{"mm/a.c"}])

    def test_a_mailbox_is_applied_in_the_order_of_its_series(self):
        mails = [one(n) for n in range(20, 0, -1)] + [mail("[PATCH v2 0/20] counts", PROSE),
                                                      mail("Re: [PATCH v2 3/20] count", DIFF), mail("Re: [PATCH v2 4/20] count", "> " + DIFF)]
        self.assertEqual(len(self.apply(mailbox(mails))), 20)
        self.assertEqual(self.text("n"), "20\n")
        self.refused("2 patches have number 3", mailbox([*mails, one(3)]))

    def test_names_of_a_rename_a_copy_and_new_and_deleted_files(self):
        found = self.apply("diff --git a/n b/mm/n\nsimilarity index 100%\nrename from n\nrename to mm/n\n"
                           "diff --git a/new/x.c b/new/x.c\nnew file mode 100644\n--- /dev/null\n+++ b/new/x.c\n@@ -0,0 +1 @@\n+int x;\n")
        self.assertEqual(found[0].paths, {"n", "mm/n", "new/x.c"})
        self.assertEqual((self.text("mm/n"), self.text("new/x.c")), ("0\n", "int x;\n"))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "tree/n")))

    def test_a_file_with_crlf_keeps_it(self):
        self.write("tree/n", "0\r\n")
        self.apply(mail("[PATCH] n", "--- a/n\n+++ b/n\n@@ -1 +1 @@\n-0\r\n+1\r\n"))
        self.assertEqual(self.text("n"), "1\r\n")

    def test_what_is_refused(self):
        hunk = "@@ -1 +1 @@\n-0\n+1\n"
        for path in ("a/../../out", "/etc/out", "a//etc/out", "out", "a/./n", 'a/"n"\x1b', '"a/n"'):
            self.refused("line 1: no path", f"--- {path}\n+++ {path}\n{hunk}")
        self.refused("line 3: no path", f"diff --git a/n b/n\nrename from n\nrename to ../out\n--- a/n\n+++ b/n\n{hunk}")
        self.refused("line 2: a symbolic link", f"diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n")
        self.refused("line 2: a symbolic link", f"diff --git a/l b/l\nindex 12..34 120000\n--- a/l\n+++ b/l\n{hunk}")
        self.refused("line 3: a binary file", "diff --git a/b b/b\nindex 12..34 100644\nGIT binary patch\nliteral 3\n")
        self.refused("line 3: the hunk has fewer lines", "--- a/n\n+++ b/n\n@@ -1 +1,3 @@\n-0\n+1 and a line that was\nwrapped\n+2\n")
        self.refused("line 3: the hunk has fewer lines", "--- a/n\n+++ b/n\n@@ -1,9 +1 @@\n-0")
        self.refused("does not apply", f"--- a/n\n+++ b/n\n{hunk.replace('-0', '-7')}")
        self.refused("no patch", mailbox([mail("[PATCH 0/3] cover", PROSE)]))
        self.refused("no patch", b"")
        self.refused("no patch", os.urandom(5000))
        self.refused("cannot be read", b"\x1f\x8b broken")
        self.refused("cannot be read", gzip.compress(DIFF.encode())[:-9])


if __name__ == "__main__":
    unittest.main()
