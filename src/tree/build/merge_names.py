"""merge_names.py: which names the merged object changes, and back."""
import re

PREFIX = "k_"
# bondfuzz's own names, and what the linker and the coverage runtime look for by name.
OURS = re.compile(r"^(kapi_|bond_|subject_|mm_ops_|fake_device_|__start_|__stop_|__sanitizer_cov_(8bit_counters|pcs)_init$|\.)")


def is_ours(name):
    return OURS.match(name) is not None


def bare(name):
    """The name in the source: no prefix, no suffix of the compiler's (.constprop, .llvm.1)."""
    return name.removeprefix(PREFIX).split(".", 1)[0] if not name.startswith(".") else name


# What the definition of a tracepoint expands to, and the checks of mmap_lock's: called where one is switched on.
TRACING = re.compile(r"^(__SCT__|__SCK__|__tracepoint_|__traceiter_|__mmap_lock_do_trace_|__trace_trigger_soft_disabled$|mm_trace_rss_stat$|"
                     r"(perf_trace|trace_event|trace_raw_output|trace_print|trace_handle)_\w+$|bpf_trace_run\d+$)")


def is_nothing(name):
    """Tracepoints and static calls: data that is zero, and code that does nothing."""
    return TRACING.match(name) is not None
