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


def is_nothing(name):
    """Tracepoints and static calls: data that is zero, and code that does nothing."""
    return name.startswith(("__SCT__", "__SCK__", "__tracepoint_", "__traceiter_"))
