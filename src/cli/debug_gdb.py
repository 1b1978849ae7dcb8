# gdb's side of bondfuzz debug: the lanes of a stopped run as threads, their stacks, the objects.
#
# A parked fiber is three saved things: where it stands on its stack, and there, as Boost.Context's
# jump_fcontext() left them, the registers that a call keeps. For a backtrace they are lent to the one
# thread that gdb knows, and taken back before anybody goes on. x86-64 only.
import gdb

KEPT = (("r12", 0x08), ("r13", 0x10), ("r14", 0x18), ("r15", 0x20), ("rbx", 0x28), ("rbp", 0x30), ("rip", 0x38))
CONTEXT_SIZE = 0x40
BELOW = ("jump_fcontext", "arrive", "fiber_switch", "switch_to", "sim_choose")  # how a fiber came to be parked
BOTTOM = ("body", "lane_entry", "enter", "make_fcontext")


def value(text):
    return gdb.parse_and_eval(text)


def number(text):
    return int(value(text))


def string(pointer, default="?"):
    return pointer.string() if int(pointer) else default


class Lane:
    names = []

    @classmethod
    def all(cls):
        if not cls.names:
            fields = gdb.lookup_type("enum lane").fields()
            cls.names = [f.name.removeprefix("LANE_") for f in fields if f.name != "LANES"]
            cls.names = [n if len(n) == 1 else n.lower() for n in cls.names]
        return [cls(i) for i in range(len(cls.names))]

    @classmethod
    def find(cls, name):
        for lane in cls.all():
            if lane.name == name:
                return lane
        raise gdb.GdbError("no lane '%s'; there are: %s" % (name, " ".join(l.name for l in cls.all() if l.is_used())))

    def __init__(self, index):
        self.index = index
        self.name = self.names[index]
        self.data = value("sim")["lane"][index]
        self.next = value("sim")["choice"]["next"][index]

    def has(self, bits):
        return number("sim." + bits) >> self.index & 1

    def is_thread(self):
        return len(self.name) == 1

    def is_current(self):
        return number("sim.current") == self.index

    def is_used(self):
        if self.name == "main" or self.is_current():
            return True
        if not self.has("dirty"):
            return False
        return self.is_thread() or not int(self.data["idle"])

    def state(self):
        if self.is_current() and self.has("runnable"):
            return "runs"
        if self.name == "main" and number("sim.threads"):
            return "waits"
        if self.is_thread() and not self.has("threads"):
            return "ended"
        return "ready" if self.has("runnable") else "blocked"

    def is_parked(self):
        return bool(self.has("dirty") and int(self.data["fiber"]["started"])) and self.state() != "ended"

    def step(self):
        """Where it is, and what it is about to do (or does, if it is the one that stands)."""
        site = self.next["site"]
        if self.state() in ("ended", "waits") or not int(site):
            return "", ""
        return string(site["func"]), string(site["text"])

    def waits_for(self):
        d = self.data
        if self.name == "main" and number("sim.threads"):
            return "the threads"
        if int(d["want_lock"]):
            lock = d["want_lock"].dereference()
            return "%s is %s" % (place_of(int(lock["at"])), holders(lock))
        if int(d["want_wait"]):
            return "%s is not completed" % place_of(int(d["want_wait"].dereference()["at"]))
        if int(d["want_readers"]):
            domain = d["want_readers"].dereference()
            return "readers of %s: %s" % (string(domain["name"]), lanes_of(int(domain["readers"])))
        if int(d["want_callbacks"]):
            return "callbacks of %s" % string(d["want_callbacks"].dereference()["name"])
        if int(d["want_later"]):
            return "works or timers"
        return "asleep in a wait queue" if int(d["asleep"]) else ""

    def line(self):
        function, words = self.step()
        state, why = self.state(), ""
        if state in ("blocked", "waits"):
            why = self.waits_for()
        return "%s %-6s %-5s %-8s %-28s %s%s" % (
            "*" if self.is_current() else " ", self.name,
            "%s.%d" % (self.name, int(self.data["op"])) if self.is_thread() else int(self.data["op"]), state,
            function, words, "  [%s]" % why if why else "")


def lanes_of(bits):
    return ", ".join(l.name for l in Lane.all() if bits >> l.index & 1) or "none"


def holders(lock):
    if int(lock["owner"]):
        return "held by " + Lane.names[int(lock["owner"]) - 1]
    if int(lock["readers"]):
        return "read by " + lanes_of(int(lock["readers"]))
    return "free"


# ---- objects ----

def blocks():
    table, nr = value("sim_blocks"), number("blocks_nr")
    return [(i, table[i]) for i in range(1, nr + 1)]


def block_name(block):
    name = string(block["type"])
    return name if int(block["number"]) == 0xff else name + str(int(block["number"]))


def place_of(address):
    for _, block in blocks():
        start = int(block["at"])
        if start <= address < start + int(block["size"]):
            return "%s+%d" % (block_name(block), address - start)
    info = gdb.execute("info symbol 0x%x" % address, to_string=True).split()
    return info[0] if info and info[0] != "No" else "0x%x" % address


def function_of_event(index):
    if index < 0:
        return "?"
    site = value("sim")["trace"]["event"][index]["site"]
    return string(site["func"]) if int(site) else "?"


# ---- stacks ----

def print_frame(n, frame):
    where = frame.find_sal()
    at = " (%s:%d)" % (where.symtab.filename, where.line) if where.symtab else ""
    print("#%-2d %s%s" % (n, frame.name() or "0x%x" % frame.pc(), at))


def walk():
    frame, n, started = gdb.newest_frame(), 0, False
    while frame is not None:
        name = frame.name() or ""
        if name in BOTTOM:
            return
        started = started or name not in BELOW
        if started:
            print_frame(n, frame)
            n += 1
        try:
            frame = frame.older()
        except gdb.error:
            return


def lend(context):
    memory = gdb.selected_inferior()
    word = gdb.lookup_type("unsigned long")

    def at(offset):
        return int(gdb.Value(memory.read_memory(context + offset, 8), word))

    for register, offset in KEPT[:-1]:
        gdb.execute("set $%s = 0x%x" % (register, at(offset)), to_string=True)
    gdb.execute("set $rsp = 0x%x" % (context + CONTEXT_SIZE), to_string=True)
    gdb.execute("set $rip = 0x%x" % at(KEPT[-1][1]), to_string=True)


def backtrace_of(lane):
    """The registers are the process's again before anything else can happen."""
    gdb.newest_frame().select()
    registers = [r for r, _ in KEPT[:-1]] + ["rsp", "rip"]
    own = {r: int(gdb.newest_frame().read_register(r)) & (1 << 64) - 1 for r in registers}
    try:
        lend(int(lane.data["fiber"]["context"]))
        walk()
    finally:
        for register in registers:
            gdb.execute("set $%s = 0x%x" % (register, own[register]), to_string=True)
        gdb.newest_frame().select()


# ---- commands ----

def must_stand():
    if not gdb.selected_inferior().pid or not number("sim.job"):
        raise gdb.GdbError("no run is stopped: bond start")


class Bond(gdb.Command):
    """The lanes and objects of a run of bondfuzz.

bond start      run up to the step, then up to where the rule is broken
bond threads    each lane: its op, its state, what it is about to do, whom it waits for
bond bt LANE    where a lane stands, also a parked one
bond objects    the blocks that are live, with names; 'bond objects all' also the freed ones"""

    def __init__(self):
        super().__init__("bond", gdb.COMMAND_USER, gdb.COMPLETE_NONE, True)


class Start(gdb.Command):
    """Run up to the step, and say who stands where."""

    def __init__(self):
        super().__init__("bond start", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        gdb.Breakpoint("sim_stopped", internal=True).silent = True
        gdb.execute("run", to_string=True)
        stop_told()


def stop_told():
    if not gdb.selected_inferior().pid:
        print("the run ended without a stop")
        return
    frame = gdb.newest_frame()
    if frame.name() != "sim_stopped":
        print("stopped in %s" % frame.name())
        return
    why = string(frame.read_var("why"))
    step = number("sim.trace.steps")
    print("step %d takes effect" % step if why == "step" else "%s is broken, after step %d" % (why, step))
    gdb.execute("bond threads")


class Go(gdb.Command):
    """Go on to where the rule is broken, and say who stands where."""

    def __init__(self):
        super().__init__("bond go", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        must_stand()
        gdb.execute("continue", to_string=True)
        stop_told()


class Threads(gdb.Command):
    """Each lane: its op, its state, what it is about to do, whom it waits for."""

    def __init__(self):
        super().__init__("bond threads", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        must_stand()
        print("  %-6s %-5s %-8s %-28s %s" % ("lane", "op", "state", "in", "next"))
        for lane in Lane.all():
            if lane.is_used():
                print(lane.line())


class Backtrace(gdb.Command):
    """bond bt LANE: where a lane stands, also a parked one."""

    def __init__(self):
        super().__init__("bond bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        must_stand()
        lane = Lane.find(argument.strip())
        if lane.is_current():
            walk()
        elif lane.is_parked():
            backtrace_of(lane)
        else:
            ended = lane.has("dirty") and lane.state() == "ended"
            print("%s is in no function: it %s" % (lane.name, "ended" if ended else "has not begun"))


class Objects(gdb.Command):
    """The blocks that are live, with names; 'bond objects all' also the freed ones."""

    def __init__(self):
        super().__init__("bond objects", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        must_stand()
        for _, block in blocks():
            live = int(block["limit"]) != 0
            if not live and argument.strip() != "all":
                continue
            print("%-20s %4d bytes at 0x%x, allocated in %s%s" % (
                block_name(block), int(block["size"]), int(block["at"]), function_of_event(int(block["allocated"])),
                "" if live else ", freed in %s" % function_of_event(int(block["freed"]))))


for command in (Bond, Start, Go, Threads, Backtrace, Objects):
    command()
