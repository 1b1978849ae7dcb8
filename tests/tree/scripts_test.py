#!/usr/bin/env python3
"""The scripts of src/tree/build, on texts of our own: which statements are mutated, what is a call's primitive,
how a stub is answered, and what of a project folder is written again.
"""
import importlib
import os
import re
import shutil
import sys
import tempfile
import types
import unittest
import unittest.mock

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../..")
sys.path[:0] = [os.path.join(ROOT, "src/tree/build"), os.path.join(ROOT, "ci")]
import derive  # noqa: E402
import devices  # noqa: E402
import errors  # noqa: E402
import kbuild  # noqa: E402
import kernel_cover  # noqa: E402
import kernel_doc  # noqa: E402
import kernel_run  # noqa: E402
import mutants  # noqa: E402
import nightly_close  # noqa: E402
import price  # noqa: E402
import repair  # noqa: E402
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
\tdevice_tlb_inv(&domain);
}
"""


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class Mutants(unittest.TestCase):
    def found(self):
        return {(m.kind, m.line): m for m in mutants.mutants(CODE) if "hlist_del_rcu for" not in m.what}

    def test_each_kind_is_found_at_its_line(self):
        for place in (("synchronize", 10), ("wake-up", 11), ("put", 13), ("unlink", 14), ("put", 15), ("lock pair", 6), ("lock pair", 5),
                      ("flush", 16), ("twice", 13)):
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

    def test_a_statement_of_several_lines_goes_whole(self):
        code = "void drop(struct core *c)\n{\n\tc->seq = seq =\n\t\tmmu_interval_read_begin(&c->sub);\n\tuse(c, seq);\n}\n"
        made = mutants.mutants(code)
        self.assertEqual([(m.kind, m.line) for m in made], [("wait", 4)])
        self.assertEqual(mutants.applied(code.split("\n"), made[0])[2:5], ["\tc->seq = seq = 0;", "", "\tuse(c, seq);"])

    def test_a_put_is_made_twice_and_what_only_frees_is_not(self):
        found = self.found()
        self.assertEqual("\n".join(self.text(found["twice", 13])).count("mmdrop(c->mm);"), 2)
        self.assertNotIn(("twice", 15), found)

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

    def test_a_marked_access_in_a_macro_is_what_it_is(self):
        found = self.site([self.frame("drop", "/t/x.c", 2)], "__tsan_volatile_read1", "\twait_event(c->queue, !READ_ONCE(c->busy));")
        self.assertEqual(found[:3], ("drop", "READ_ONCE", "READ_ONCE(c->busy)"))

    def update(self, head, symbol="__kcsan_check_access"):
        s = sites.Sources()
        s.files = {"/t/include/asm-generic/x.h": ["", *head.split("\n")]}
        frames = [self.frame("instrument_atomic_write", "/t/include/linux/instrumented.h"),
                  {**self.frame("set_it", "/t/include/asm-generic/x.h"), "StartLine": 1 + len(head.split("\n"))}]
        return sites.update(frames, symbol, s)

    def test_an_update_that_returns_nothing_is_known_by_its_declaration(self):
        self.assertEqual(self.update("static __always_inline void set_it(long nr)"), "set_it")
        self.assertEqual(self.update("static __always_inline void\nset_it(long nr)"), "set_it")
        self.assertIsNone(self.update("static __always_inline bool set_it(long nr)"))
        self.assertIsNone(self.update("static __always_inline int\nset_it(void *word)"))
        self.assertIsNone(self.update("static __always_inline void set_it(long nr)", "__tsan_write8"))

    def test_a_plain_access_is_a_load_or_a_store(self):
        found = self.site([self.frame("drop", "/t/x.c")], "__tsan_write8", "\tc->mm = mm;")
        self.assertEqual(found[:3], ("drop", "store", "c->mm = mm;"))

    def test_a_file_of_the_kernel_has_a_path_and_a_sum(self):
        with tempfile.TemporaryDirectory() as tree:
            tree = os.path.realpath(tree)
            file = os.path.join(tree, "a.c")
            with open(file, "w", encoding="utf-8") as f:
                f.write("123456789")
            self.assertEqual(sites.path_below(file, ("/none", tree)), "a.c")
            self.assertIsNone(sites.path_below(file, (tree + "/b",)))
            self.assertIn('"a.c", 0xcbf43926', sites.source(file, "a.c"))

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

    def test_a_table_that_is_not_there_is_told(self):
        self.assertEqual(stubs.values(None), {})
        with self.assertRaisesRegex(errors.Refused, "no such table"):
            stubs.values("no/stubs.txt")

    def test_code_gets_a_stub_and_data_zeros(self):
        text = stubs.text(["call", "data", "__SCT__off"], {"call"}, {"call": 7})
        self.assertIn('{.name = "call", .value = 7l, .answered = true}', text)
        self.assertIn("long k_data[", text)
        self.assertIn("void k___SCT__off(void)\n{\n}", text)

    def test_prices_name_who_answers(self):
        found = price.classify({"__tsan_read8", "kfree", "mmput", "rb_erase", "boot", "call"}, {"kfree"}, {"mmput"},
                               {"rb_erase": "lib/rbtree.c"}, {"call"})
        self.assertEqual([found[c] for c in price.CLASSES],
                         [["__tsan_read8"], ["kfree"], ["rb_erase"], ["mmput"], [], ["boot"], ["call"]])


class Expectations(unittest.TestCase):
    ROWS = {("finds", "notifier", "warn:none@f"), ("fuzz", "notifier", "bug:none@g"), ("corpus", "broken", "a.bond")}

    def wrong(self, found, corpus=(), rows=ROWS, status=1, follows=()):
        result = {"known": rows, "corpus": {"broken": list(corpus)},
                  "fuzz": {"notifier": {"found": dict.fromkeys(found), "runs": 100, "status": status, "follows": dict(follows)}}}
        return kernel_run.wrong_of(result, 100)

    def test_what_is_known_is_expected(self):
        self.assertEqual(self.wrong(["warn:none@f", "bug:none@g"], [("a.bond", "")]), [])

    def test_what_follows_from_what_is_known_is_expected(self):
        found = ["warn:none@f", "bug:none@h"]
        self.assertEqual(self.wrong(found, follows=[("bug:none@h", "warn:none@f")]), [])
        self.assertEqual(self.wrong(found, follows=[("bug:none@h", "hang:none@k")]), ["fuzz notifier: bug:none@h"])

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
            self.assertIn(row[1], ("files", "fuzz", "finds", "race", "corpus", "as"))

    def test_a_race_is_known_by_its_functions(self):
        rows = self.ROWS | {("race", "f+g")}
        self.assertEqual(self.wrong(["warn:none@f", "data_race:client@f+g"], [("b.bond", "data_race:vm@f+g")], rows), [])
        self.assertEqual(self.wrong(["warn:none@f", "data_race:vm@f+h", "dead_use:vm@f+g"], (), rows),
                         ["fuzz notifier: data_race:vm@f+h", "fuzz notifier: dead_use:vm@f+g"])

    def test_one_checksum_may_be_known_as_another(self):
        lines = [["a", "as", "b"], ["b", "fuzz", "notifier", "warn:none@f"], ["c", "files", "core"]]
        self.assertEqual(kernel_run.rows_for("a", lines), {("fuzz", "notifier", "warn:none@f")})
        self.assertEqual(kernel_run.rows_for("c", lines), {("files", "core")})
        self.assertIsNone(kernel_run.rows_for("d", lines))


class Page(unittest.TestCase):
    def test_a_finding_is_known_or_new_and_has_no_text_of_the_tree(self):
        row = {"found": {"warn:none@f=a > b": 1234}}
        say = lambda known: kernel_doc.finding(row, "notifier", "warn:none@f=a > b", known)
        self.assertEqual(say({("fuzz", "notifier", "warn:none@f")}), "`warn:none@f` after 1,234 (known)")
        self.assertEqual(say(set()), "`warn:none@f` after 1,234 (NEW)")
        self.assertEqual(say(None), "`warn:none@f` after 1,234 (files not known)")


    def test_the_page_is_that_of_the_records(self):
        self.assertEqual(read(kernel_doc.PAGE), kernel_doc.page(kernel_doc.records()), "ci/kernel --doc")
        self.assertNotIn("not explained", read(kernel_doc.PAGE), kernel_doc.WHY)

    def test_a_record_has_no_text_of_the_tree(self):
        result = {"title": "6.12.1", "part": "core", "files": ["mm/a.c"], "checksum": "0", "corpus": {"holds": [("a.bond", "")]},
                  "fuzz": {"notifier": {"found": {"warn:none@f=a > b": 7}, "runs": 9, "stubs": [{"call": "g, called from f", "runs": 2}]}},
                  "covered": {}, "covered_by_all": {}, "symbols": {"stubs": 1}}
        kept = kernel_doc.record(result, "ci/kernel core")
        self.assertEqual(kept["fuzz"]["notifier"]["found"], {"warn:none@f": 7})
        self.assertEqual(kept["fuzz"]["notifier"]["stubs"], ["g"])
        self.assertEqual(kept["corpus"], {"holds": 1})


class Cover(unittest.TestCase):
    A = {"mm/a.c": {"f": [True, {"0x1": True, "0x2": False}], "g": [False, {"0x3": False}]}}
    B = {"mm/a.c": {"f": [True, {"0x1": True, "0x2": True}], "g": [False, {"0x3": False}]}}

    def test_campaigns_reach_together_what_one_of_them_does(self):
        self.assertEqual(kernel_cover.numbers(self.A["mm/a.c"]),
                         {"functions": 2, "entered": 1, "edges": 3, "passed": 1, "left": {"f": [1, 2], "g": [0, 1]}})
        self.assertEqual(kernel_cover.numbers(kernel_cover.union([self.A, self.B])["mm/a.c"])["passed"], 2)

    def test_an_edge_is_of_a_file_of_the_tree_that_was_asked_for(self):
        places = kernel_cover.Places("program", "/tree")
        places.at = {"0x1": ("mm/a.c", "f"), "0x2": (None, "ours"), "0x3": ("mm/b.c", "g")}
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
            f.write("0x1 1 1\n0x2 1 1\n0x3 1 0\n")
            f.flush()
            self.assertEqual(kernel_cover.take(places, f.name, ["mm/a.c"]), {"mm/a.c": {"f": [True, {"0x1": True}]}})


class Night(unittest.TestCase):
    def test_only_what_is_not_as_known_fails(self):
        say = lambda status: nightly_close.kernel_sentence({"status": status, "text": "why"})
        self.assertEqual([say(s) for s in (0, 1, 2, 77, None)],
                         ["as known", "NOT AS KNOWN: why", "FAILED: why", "skipped: why", "ended, it took too long"])

    def test_ci_kernel_takes_what_the_lane_tells_it(self):
        for words in nightly_close.KERNEL_LANES.values():
            with unittest.mock.patch.object(nightly_close, "KERNEL_LANES", {"lane": [*words, "nobody"]}), \
                    tempfile.TemporaryDirectory() as out:
                os.mkdir(os.path.join(out, "logs"))
                row = nightly_close.kernel_lane(types.SimpleNamespace(out=out, no_build=True), 60, "lane")
            self.assertEqual(row["status"], 2)
            self.assertIn("no part 'nobody'", row["text"])

    def test_the_lane_is_what_its_worst_part_is(self):
        rows = iter([{"status": 0, "text": "a"}, {"status": nightly_close.SKIPPED, "text": "b"}, {"status": 1, "text": "c"}])
        with unittest.mock.patch.object(nightly_close, "kernel_lane", lambda *a: next(rows)):
            self.assertEqual(nightly_close.kernels(None, 60, lambda text: None)["text"], "c")


class Repairs(unittest.TestCase):
    TEXT = "int radeon_mn_register(int a)\n{\n\tret = insert(a);\n\tif (ret)\n\t\treturn ret;\n\n\treturn 0;\n}\n"

    def test_a_repair_is_made_once(self):
        text = repair.edited(self.TEXT, "radeon")
        self.assertIn("notifier.mm = NULL", text)
        with self.assertRaisesRegex(errors.Refused, "repaired already"):
            repair.edited(text, "radeon")

    def test_a_tree_without_the_function_is_refused(self):
        with self.assertRaisesRegex(errors.Refused, "radeon_mn_register.. is not there"):
            repair.edited(self.TEXT.replace("register", "other"), "radeon")

    def test_a_copy_has_links_and_the_repaired_file_and_the_tree_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            file = repair.REPAIRS["radeon"][0]
            os.makedirs(os.path.join(folder, "a", os.path.dirname(file)))
            for path, text in ((file, self.TEXT), ("Makefile", "VERSION = 6\n"), (os.path.dirname(file) + "/other.c", "")):
                with open(os.path.join(folder, "a", path), "w", encoding="utf-8") as f:
                    f.write(text)
            self.assertEqual(repair.fitting(os.path.join(folder, "a")), ["radeon"])
            repair.copy(os.path.join(folder, "a"), os.path.join(folder, "b"), ["radeon"])
            self.assertIn("NULL", read(os.path.join(folder, "b", file)))
            self.assertEqual(read(os.path.join(folder, "a", file)), self.TEXT)
            self.assertTrue(os.path.islink(os.path.join(folder, "b/Makefile")))
            self.assertTrue(os.path.islink(os.path.join(folder, "b", os.path.dirname(file), "other.c")))


class Kbuild(unittest.TestCase):
    def files(self, **texts):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        for path, text in texts.items():
            path = os.path.join(folder, path.replace("__", "/"))
            os.makedirs(path, exist_ok=True)
            with open(os.path.join(path, "Makefile"), "w", encoding="utf-8") as f:
                f.write(text)
        return folder

    def test_options_of_a_file_of_a_composite(self):
        tree = self.files(drivers__a="a-$(CONFIG_A_SVM) += x.o\na-y := \\\n\ty.o # z.o\nobj-$(CONFIG_A) += a.o\n")
        self.assertEqual(kbuild.Makefiles(tree, "drivers/a/x.c").options(), ["CONFIG_A_SVM", "CONFIG_A"])
        self.assertEqual(kbuild.Makefiles(tree, "drivers/a/y.c").options(), ["CONFIG_A"])
        self.assertEqual(kbuild.Makefiles(tree, "drivers/a/z.c").options(), [])

    def test_folders_that_are_there_also_through_variables_and_a_makefile_that_includes_this_one(self):
        tree = self.files(drivers__a="TOP = $(src)/..\nccflags-y := -I$(TOP)/b -I $(src)/none\ninclude $(TOP)/b/Makefile\na-y += $(B_FILES)\nobj-$(CONFIG_A) += a.o\n",
                          drivers__b="B_FILES := $(B)/x.o\n")
        made = kbuild.Makefiles(tree, "drivers/b/x.c")
        self.assertEqual(made.includes(), [os.path.join(tree, "drivers/b")])
        self.assertEqual(made.options(), ["CONFIG_A"])

    def test_folders_are_named_from_the_tree_on_or_whole(self):
        for here in ("$(src)", "$(srctree)/$(src)"):
            tree = self.files(a=f"TOP = {here}/..\nccflags-y := -I$(TOP)/b -I {here}\n", b="")
            self.assertEqual(kbuild.Makefiles(tree, "a/x.c").includes(), [os.path.join(tree, "b"), os.path.join(tree, "a")])

    def test_folders_beside_the_tree_are_none(self):
        tree = self.files(a="ccflags-y := -I/etc -I../../../../../../../../../etc -I$(src)\n")
        self.assertEqual(kbuild.Makefiles(tree, "a/x.c").includes(), [os.path.join(tree, "a")])

    def test_a_makefile_above_that_names_the_file_and_flags_for_all_below(self):
        tree = self.files(drivers__a="subdir-ccflags-y += -I$(src)\nb-y += b/x.o\na-y += $(b-y)\nother-$(CONFIG_NO) += c/x.o\nobj-$(CONFIG_A) += a.o\n",
                          drivers__a__b="# nothing\n", drivers="ccflags-y += -I$(src)\nsubdir-ccflags-y += -I$(src)/d\n", drivers__d="")
        made = kbuild.Makefiles(tree, "drivers/a/b/x.c")
        self.assertEqual(made.options(), ["CONFIG_A"])
        self.assertEqual(made.includes(), [os.path.join(tree, "drivers/a"), os.path.join(tree, "drivers/d")])

    def test_conditions_around_an_assignment(self):
        tree = self.files(a="ifneq ($(CONFIG_X),)\na-y += x.o\nelse\na-y += y.o\nendif\nifdef CONFIG_Z\nifeq ($(CONFIG_W),n)\nelse ifeq ($(CONFIG_V),y)\na-y += z.o\nendif\nendif\n")
        self.assertEqual(kbuild.Makefiles(tree, "a/x.c").options(), ["CONFIG_X"])
        self.assertEqual(kbuild.Makefiles(tree, "a/y.c").options(), [])
        self.assertEqual(kbuild.Makefiles(tree, "a/z.c").options(), ["CONFIG_Z", "CONFIG_V"])

    def test_variables_that_name_each_other_end(self):
        tree = self.files(a="A = " + "$(B)" * 50 + "\nB = " + "$(A)" * 50 + "\nccflags-y = -I$(A)\n")
        self.assertEqual(kbuild.Makefiles(tree, "a/x.c").includes(), [])


class Refusals(unittest.TestCase):
    def test_headers_of_another_kernel(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "include/generated"))
            with open(os.path.join(folder, "include/generated/utsrelease.h"), "w", encoding="utf-8") as f:
                f.write('#define UTS_RELEASE "6.1.0-57-amd64"\n')
            k = types.SimpleNamespace(tree="linux", generated=folder, version=(6, 1, 192), name=lambda: "6.1.192")
            imports.check_versions(k)
            k.version = (6, 12, 117)
            with self.assertRaisesRegex(errors.Refused, "are of 6.1: name those of the same version"):
                imports.check_versions(k)

    def test_a_compiler_that_is_no_clang(self):
        was, imports.tools.CLANG = imports.tools.CLANG, "true"
        try:
            with self.assertRaisesRegex(errors.Refused, "true is no clang"):
                imports.check_compiler()
        finally:
            imports.tools.CLANG = was


class Library(unittest.TestCase):
    def test_a_file_is_compiled_once_and_its_names_are_remembered(self):
        class Kernel:
            headers = generated = "somewhere"

            def name(self):
                return "6.12"

        i = imports.Import.__new__(imports.Import)
        i.kernel, i.code, times = Kernel(), {"before"}, []

        def take(_folder, path, _extra):
            times.append(path)
            i.code.add("code")
            return {"defined"}, {"undefined"}
        i.take = take
        with tempfile.TemporaryDirectory() as cache, unittest.mock.patch.dict(os.environ, BONDFUZZ_KERNEL_CACHE=cache):
            for _ in range(2):
                i.code = {"before"}
                self.assertEqual(i.take_library("", __file__), ({"defined"}, {"undefined"}))
                self.assertEqual(i.code, {"before", "code"})
            self.assertEqual(times, [__file__])
            kept, = os.listdir(os.path.join(cache, "names"))
            with open(os.path.join(cache, "names", kept), "w", encoding="utf-8") as f:
                f.write("[1, 2, 3]")
            i.take_library("", __file__)
            self.assertEqual(len(times), 2)


class Folder(unittest.TestCase):
    def test_what_a_person_wrote_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ops.c")
            self.assertTrue(imports.write_once(path, "ours"))
            with open(path, "w", encoding="utf-8") as f:
                f.write("theirs")
            self.assertFalse(imports.write_once(path, "ours"))
            self.assertEqual(read(path), "theirs")

    def test_nothing_is_written_through_a_link(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "import.cmake")
            os.symlink(os.path.join(folder, "elsewhere"), path)
            with self.assertRaises(errors.Refused):
                imports.write_own(path, "one\n")
            self.assertFalse(os.path.exists(os.path.join(folder, "elsewhere")))

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


DEVICE = """
static long ring_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
\tswitch (cmd) { /* case RING_OLD: */
\tcase RING_START:
\t\treturn 0;
\tdefault:
\t\treturn ring_more(file, cmd);
\t}
}
static long ring_more(struct file *file, unsigned int cmd) { return cmd == RING_STOP ? 0 : -ENOTTY; }
static int ring_open(struct inode *inode, struct file *file) { file->private_data = kzalloc(8, GFP_KERNEL); return 0; }
static int side_open(struct inode *inode, struct file *file) { file->private_data = inode->i_private; return 0; }
static const struct file_operations ring_fops = {
\t.open = ring_open,
\t.unlocked_ioctl = ring_ioctl,
};
static const struct file_operations side_fops = { .open = side_open, .read = side_read };
static const struct file_operations slot_fops = { .release = slot_release, .unlocked_ioctl = ring_ioctl };
static int ring_slot(void) { return anon_inode_getfd("slot", &slot_fops, NULL, 0); }
static const struct file_operations bound_fops = { .open = side_open, .mmap = bound_mmap };
static struct miscdevice bound = { .name = "bound", .fops = &bound_fops };
module_misc_device(bound);
"""


class Derive(unittest.TestCase):
    def devices(self, have):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ring.c")
            with open(path, "w", encoding="utf-8") as f:
                f.write(DEVICE)
            return derive.devices(path, "ring", have), derive.begins(path, have)

    def test_a_device_that_somebody_else_opens_is_none(self):
        found, _ = self.devices({"ring_fops", "side_fops", "bound_fops"})
        self.assertEqual([(d.label, d.table, d.registered) for d in found], [("ring", "ring_fops", False), ("bound", "bound_fops", True)])
        self.assertEqual(found[0].names, ["RING_START", "RING_STOP"])

    def test_a_table_that_is_compiled_out_is_none(self):
        self.assertEqual([d.label for d in self.devices({"ring_fops"})[0]], ["ring"])

    def test_a_file_that_an_ioctl_makes_is_given_by_it(self):
        found = self.devices({"slot_fops", "ring_fops"})[0]
        self.assertEqual([(d.label, d.giver and d.giver.label) for d in found], [("ring", None), ("slot", "ring")])
        self.assertEqual(self.devices({"slot_fops"})[0], [])

    def test_how_the_file_begins(self):
        self.assertEqual(self.devices({"init_module", "cleanup_module"})[1], ("init_module", "cleanup_module"))
        self.assertEqual(self.devices({"bound_init"})[1], ("bound_init", None))
        self.assertEqual(self.devices(set())[1], (None, None))

    def test_each_op_of_the_table_has_a_body(self):
        found = types.SimpleNamespace(devices=self.devices({"ring_fops", "bound_fops"})[0], init="init_module", exit=None)
        found.devices[0].commands = [("RING_START", 3), ("RING_STOP", 0x40046304)]
        texts = devices.texts("ring", "ring.c", found)
        ops = re.findall(r"^OP\((\w+),", texts["ring.def"], re.M)
        self.assertEqual(ops, ["ring_open", "ring_close", "ring_ioctl", "bound_open", "bound_close", "bound_mmap", "bound_munmap", "bound_touch"])
        for op in ops:
            self.assertIn(f"int op_{op}(const struct subject_call *call)\n", texts["ring_ops.c"])
        self.assertIn("0x40046304, /* RING_STOP */", texts["ring_ops.c"])
        self.assertIn("device_open(inode, file, &bound_fops, true)", texts["ring_tree.c"])


if __name__ == "__main__":
    unittest.main()
