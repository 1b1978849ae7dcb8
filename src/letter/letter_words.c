/*
 * letter_words.c - the words of one event.
 *
 * A line is the code as it stands at its site, then behind "//" what it led to: the new count, the
 * failure, who is waited for. No address is ever told: objects have names.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "letter/letter_page.h"

static const char *errno_text(int value)
{
	static const struct {
		int value;
		const char *name;
	} known[] = {
		{EINTR, "-EINTR"},	   {ENOENT, "-ENOENT"}, {EBUSY, "-EBUSY"},
		{ENOMEM, "-ENOMEM"},	   {ESRCH, "-ESRCH"},	{EEXIST, "-EEXIST"},
		{EINVAL, "-EINVAL"},	   {EFAULT, "-EFAULT"}, {ENOSPC, "-ENOSPC"},
		{EAGAIN, "-EAGAIN"},	   {ENODEV, "-ENODEV"}, {EPERM, "-EPERM"},
		{ESHUTDOWN, "-ESHUTDOWN"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].value == -value)
			return known[i].name;
	return NULL;
}

static void put_result(struct text *t, const struct trace_event *e)
{
	const char *name = errno_text(e->arg);

	text_puts(t, "returns ");
	if (name && e->arg)
		text_puts(t, name);
	else
		text_putf(t, "%d", e->arg);
}

static bool was_blocked(const struct trace *t, uint32_t index)
{
	for (uint32_t i = index; i-- > 0;)
		if (t->event[i].lane == t->event[index].lane)
			return t->event[i].kind == EV_blocked;
	return false;
}

static void put_waits(struct text *t, const struct trace *trace, uint32_t index)
{
	unsigned lane = letter_waits_for(trace, index);

	text_puts(t, "  // waits");
	if (lane != LANE_NONE)
		text_putf(t, " for %s", lane_name(lane));
	else if (letter_is_last_wait(trace, index))
		text_puts(t, " for ever");
}

static bool says(const struct trace_event *e, const char *word)
{
	return e->site && (strstr(e->site->prim, word) || strstr(e->site->text, word));
}

static bool is_interruptible(const struct trace_event *e)
{
	return says(e, "interruptible") || says(e, "killable") || says(e, "signal");
}

/* Why a wait is over that nobody ended: the platform lets it end as its kind allows. */
static const char *why_ended(const struct trace_event *e)
{
	if (e->site && !strncmp(e->site->prim, "try_", 4))
		return "fails";
	if (says(e, "timeout"))
		return is_interruptible(e) ? "ends by a timeout or a signal" : "ends by a timeout";
	return is_interruptible(e) ? "ends by a signal" : "woken for nothing";
}

static void put_failed_trylock(struct text *t, const struct trace *trace, uint32_t index)
{
	int holder = letter_holder(trace, index);

	text_puts(t, "  // fails");
	if (holder >= 0)
		text_putf(t, ": %s holds it", lane_name(trace->event[holder].lane));
}

/* What it led to. */
static void put_outcome(struct text *t, const struct trace *trace, uint32_t index)
{
	const struct trace_event *e = &trace->event[index];

	if (e->kind == EV_blocked)
		put_waits(t, trace, index);
	else if (e->kind == EV_trylock && !e->arg)
		put_failed_trylock(t, trace, index);
	else if (e->kind == EV_ref_get)
		text_putf(t, "  // %d -> %d", e->arg - 1, e->arg);
	else if (e->kind == EV_ref_put)
		text_putf(t, "  // %d -> %d", e->arg + 1, e->arg);
	else if (e->kind == EV_may_fail && is_interruptible(e))
		text_puts(t, e->arg < 0 ? "  // a signal is pending" : "  // no signal is pending");
	else if ((e->kind == EV_alloc || e->kind == EV_may_fail) && e->arg < 0)
		text_puts(t, "  // fails");
	else if (e->kind == EV_late)
		text_puts(t, e->arg ? "  // not visible yet" : "  // visible only now");
	else if (e->kind == EV_wait && e->arg < 0)
		text_putf(t, "  // %s", why_ended(e));
	else if (letter_is_step(e) && was_blocked(trace, index))
		text_puts(t, "  // goes on");
}

/* The words of a macro's argument come from behind the preprocessor. */
static void put_code(struct text *t, const char *code)
{
	static const char null[] = "((void*)0)";
	const char *at;

	while ((at = strstr(code, null))) {
		text_putn(t, code, (size_t)(at - code));
		text_puts(t, "NULL");
		code = at + strlen(null);
	}
	text_puts(t, code);
}

/* A store to a variable that is no block of the run: its name. */
static bool is_static(const struct trace_event *e)
{
	return e->kind == EV_late && e->site;
}

static bool has_code(const struct trace_event *e)
{
	return e->site &&
	       (event_is_visible(e->kind) || e->kind == EV_list || e->kind == EV_blocked);
}

void letter_event(const struct letter *l, uint32_t index, char *ret)
{
	const struct trace_event *e = &l->trace->event[index];
	const char *words = event_text(e->kind), *at = strstr(words, "%s");
	struct text t = text_init(ret, LETTER_WORDS);
	char type[32], name[32];

	if (e->kind == EV_op_begin) {
		l->op_text(l->arg, e->lane, e->op, ret);
		return;
	}
	if (e->kind == EV_op_end) {
		put_result(&t, e);
		return;
	}
	if (e->kind == EV_unregister_begin && e->arg) {
		l->describe(e->object, type, name);
		text_putf(&t, "the registration of %s fails", name);
		return;
	}
	if (has_code(e)) {
		put_code(&t, site_words(e->site));
		if (site_words(e->site) == e->site->text && site_is_changed(e->site))
			text_puts(&t, "  // file changed");
	} else {
		l->describe(e->object, type, name);
		text_putn(&t, words, at ? (size_t)(at - words) : strlen(words));
		text_puts(&t, !at ? "" : is_static(e) ? e->site->prim : name);
		text_puts(&t, at ? at + 2 : "");
	}
	put_outcome(&t, l->trace, index);
}

/* How many bytes of @words stand on a line of @room: up to a blank, where there is one. */
static size_t line_length(const char *words, size_t room)
{
	size_t at = strlen(words);

	if (at <= room)
		return at;
	for (at = room; at > 0; at--)
		if (words[at] == ' ')
			return at;
	return room;
}

unsigned letter_wrap(struct text *t, const char *words, size_t used, size_t width)
{
	unsigned lines = 0;

	while (*words) {
		size_t len = line_length(words, width > used + 8 ? width - used : 8);

		if (t && lines)
			text_puts(t, "    ");
		if (t) {
			text_putn(t, words, len);
			text_putc(t, '\n');
		}
		words += len + strspn(words + len, " ");
		used = 4;
		lines++;
	}
	return lines;
}

uint32_t trace_step(const struct trace *t, uint32_t index)
{
	uint32_t step = 0;

	for (uint32_t i = 0; i <= index && i < t->events_nr; i++)
		step += letter_is_step(&t->event[i]);
	return step;
}

int trace_event_of_step(const struct trace *t, uint32_t step)
{
	for (uint32_t i = 0; step && i < t->events_nr; i++)
		if (letter_is_step(&t->event[i]) && !--step)
			return (int)i;
	return -1;
}
