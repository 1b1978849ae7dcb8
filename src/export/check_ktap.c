/*
 * check_ktap.c - the regression corpus as KTAP version 1, for the kernel's test tools: a result an
 * expect line. A file whose text is wrong is one result that is not ok.
 */
#include <stdio.h>

#include "export/check_cases.h"
#include "format/visible.h"

/* '#' begins a directive. */
static void put(const char *text)
{
	for (const char *c = visible(text); *c; c++)
		putchar(*c == '#' ? '%' : *c);
}

static void put_result(const struct check_case *c, size_t number)
{
	bool skipped = !c->unread && c->outcome == EXPECT_SKIPPED;
	bool ok = !c->unread && (skipped || c->outcome <= EXPECT_REPAIRED);

	if (!ok) {
		fputs("# ", stdout);
		put(c->told);
		putchar('\n');
	}
	printf("%s %zu ", ok ? "ok" : "not ok", number);
	put(c->file);
	fputs(": ", stdout);
	put(c->line);
	if (skipped) {
		fputs(" # SKIP ", stdout);
		put(c->told);
	}
	putchar('\n');
}

void check_print_ktap(const struct check_cases *c)
{
	printf("KTAP version 1\n1..%zu\n", c->nr);
	for (size_t i = 0; i < c->nr; i++)
		put_result(&c->at[i], i + 1);
}
