#!/usr/bin/env python3
"""The scripts of src/tree/build, on texts of our own: which statements are mutated, what is a call's primitive,
how a stub is answered, and what of a project folder is written again.
"""
import importlib
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../..")
sys.path[:0] = [os.path.join(ROOT, "src/tree/build"), os.path.join(ROOT, "ci")]
import errors  # noqa: E402
import kernel_run  # noqa: E402
import mutants  # noqa: E402
import price  # noqa: E402
import sites  # noqa: E402
import stubs  # noqa: E402

imports = importlib.import_module("import")

CODE = """static void drop(struct client *c)
{
\tint id;

\tid = srcu_read_lock(&domain);
\tspin_lock(&c->lock);
\thlist_del_init_rcu(&c->node);
\tspin_unlock(&c->lock);
\tsrcu_read_unlock(&domain, id);
\tsynchronize_srcu(&domain);
\twake_up_all(&c->queue);
\tif (c->last)
\t\tmmdrop(c->mm);
\tlist_del(&c->list);
\tkfree(c);
}
"""


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class Mutants(unittest.TestCase):
    def found(self):
        return {(m.kind, m.line): m for m in mutants.mutants(CODE) if "hlist_del_rcu for" not in m.what}

    def test_each_kind_is_found_at_its_line(self):
        for place in (("synchronize", 10), ("wake-up", 11), ("put", 13), ("unlink", 14), ("put", 15), ("lock pair", 6), ("lock pair", 5)):
            self.assertIn(place, self.found())

    def text(self, m):
        return mutants.applied(CODE.split("\n"), m)

    def test_a_mutant_keeps_the_numbers_of_lines(self):
        for m in mutants.mutants(CODE):
            self.assertEqual(len(self.text(m)), len(CODE.split("\n")))
            self.assertEqual(m.function, "drop")

    def test_one_program_has_all_mutants_each_with_its_number(self):
        made = mutants.mutants(CODE)
        text = mutants.with_switches(CODE, made)
        for number in range(1, len(made) + 1):
            self.assertIn(f"bond_mutant_is({number}))", text)
        self.assertEqual(len(text.split("\n")), len(CODE.split("\n")) + mutants.HEAD.count("\n"))
        self.assertEqual(text.count("{"), text.count("}"))

    def test_a_lock_goes_with_its_unlock(self):
        text = "\n".join(self.text(self.found()["lock pair", 6]))
        self.assertNotIn("spin_lock", text)
        self.assertNotIn("spin_unlock", text)
        self.assertIn("hlist_del_init_rcu", text)

    def test_release_comes_before_unlink_in_the_other_order(self):
        text = "\n".join(self.text(self.found()["order", 14]))
        self.assertLess(text.index("kfree"), text.index("list_del("))


class Sites(unittest.TestCase):
    def site(self, frames, symbol, line="\tspin_lock(&c->lock);"):
        s = sites.Sources()
        s.files = {f["FileName"]: [line] for f in frames}
        return sites.site(frames, symbol, s)

    def frame(self, function, file, column=9):
        return {"FunctionName": function, "FileName": file, "Line": 1, "Column": column}

    def test_a_function_of_a_header_of_primitives_is_the_primitive(self):
        frames = [self.frame("spin_lock", "/t/include/linux/spinlock.h"), self.frame("drop", "/t/drivers/x.c", 2)]
        self.assertEqual(self.site(frames, "_raw_spin_lock")[:3], ("drop", "spin_lock", "spin_lock(&c->lock)"))

    def test_else_the_macro_at_the_call_is(self):
        found = self.site([self.frame("drop", "/t/x.c", 2)], "finish_wait", "\twait_event(c->queue, c->done);")
        self.assertEqual(found[:3], ("drop", "wait_event:tail", "wait_event(c->queue, c->done)"))

    def test_a_plain_access_is_a_load_or_a_store(self):
        found = self.site([self.frame("drop", "/t/x.c")], "__tsan_write8", "\tc->mm = mm;")
        self.assertEqual(found[:3], ("drop", "store", "c->mm = mm;"))

    def test_text_ends_with_the_bracket_that_closes(self):
        self.assertEqual(sites.cut("f(a, g(b)) && h(c);"), "f(a, g(b))")


class Stubs(unittest.TestCase):
    def test_a_table_has_names_and_numbers(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
            f.write("# none\nname = -0x10 # why\n")
            f.flush()
            self.assertEqual(stubs.values(f.name), {"name": -16})
            f.write("name = many\n")
            f.flush()
            with self.assertRaisesRegex(errors.Refused, ":3: expected NAME=VALUE"):
                stubs.values(f.name)

    def test_code_gets_a_stub_and_data_zeros(self):
        text = stubs.text(["call", "data", "__SCT__off"], {"call"}, {"call": 7})
        self.assertIn('{.name = "call", .value = 7l, .answered = true}', text)
        self.assertIn("char k_data[", text)
        self.assertIn("void k___SCT__off(void)\n{\n}", text)

    def test_prices_name_who_answers(self):
        found = price.classify({"__tsan_read8", "kfree", "mmput", "rb_erase", "boot", "call"}, {"kfree"}, {"mmput"},
                               {"rb_erase": "lib/rbtree.c"}, {"call"})
        self.assertEqual([found[c] for c in price.CLASSES],
                         [["__tsan_read8"], ["kfree"], ["rb_erase"], ["mmput"], [], ["boot"], ["call"]])


class Expectations(unittest.TestCase):
    ROWS = {("finds", "notifier", "warn:none@f"), ("fuzz", "notifier", "bug:none@g"), ("corpus", "broken", "a.bond")}

    def wrong(self, found, corpus=(), rows=ROWS, status=1):
        result = {"checksum": "x", "corpus": {"broken": list(corpus)},
                  "fuzz": {"notifier": {"found": dict.fromkeys(found), "runs": 100, "status": status}}}
        with mock.patch.object(kernel_run, "known", lambda _: rows):
            return kernel_run.wrong_of(result, 100)

    def test_what_is_known_is_expected(self):
        self.assertEqual(self.wrong(["warn:none@f", "bug:none@g"], [("a.bond", "")]), [])

    def test_what_is_not_known_fails(self):
        self.assertEqual(self.wrong(["warn:none@f", "hang:none@h"], [("b.bond", "lost")]),
                         ["fuzz notifier: hang:none@h", "corpus broken: b.bond (lost)"])

    def test_what_has_to_be_found_and_is_not_fails(self):
        self.assertEqual(self.wrong(["bug:none@g"]), ["fuzz notifier: not found: warn:none@f"])

    def test_files_that_are_unknown_fail_nothing(self):
        self.assertIsNone(self.wrong(["hang:none@h"], rows=None))

    def test_a_program_that_does_not_run_fails(self):
        self.assertEqual(self.wrong(["warn:none@f"], status=74), ["fuzz notifier: exit status 74"])

    def test_each_row_of_the_list_is_of_a_known_kind(self):
        with open(kernel_run.KNOWN, encoding="utf-8") as f:
            rows = [line.split("#", 1)[0].split() for line in f]
        for row in filter(None, rows):
            self.assertRegex(row[0], "^[0-9a-f]{16}$")
            self.assertIn(row[1], ("files", "fuzz", "finds", "corpus"))


class Folder(unittest.TestCase):
    def test_what_a_person_wrote_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ops.c")
            self.assertTrue(imports.write_once(path, "ours"))
            with open(path, "w", encoding="utf-8") as f:
                f.write("theirs")
            self.assertFalse(imports.write_once(path, "ours"))
            self.assertEqual(read(path), "theirs")

    def test_import_cmake_is_written_again_unless_it_was_edited(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "import.cmake")
            imports.write_own(path, "one\n")
            imports.write_own(path, "two\n")
            self.assertIn("two", read(path))
            with open(path, "a", encoding="utf-8") as f:
                f.write("theirs\n")
            imports.write_own(path, "three\n")
            self.assertIn("theirs", read(path))
            self.assertIn("three", read(path + ".new"))


if __name__ == "__main__":
    unittest.main()
