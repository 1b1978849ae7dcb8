/*
 * zoo_svg.c - survival curves: the share of trials that have not found a defect after n runs.
 *
 * gnuplot draws them. A trial that ended without the verdict stays in the share for good.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "cli/zoo.h"

bool zoo_can_draw(void)
{
	return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static void put_curve(FILE *f, const struct zoo_job *job)
{
	const struct zoo_result *r = job->result;
	uint64_t *runs = calloc(r->trials + 1, sizeof(*runs)), nr = 0, last = 1;

	must(runs);
	for (uint64_t i = 0; i < r->trials; i++) {
		if (!r->missed[i])
			runs[nr++] = r->first[i];
		if (r->first[i] > last)
			last = r->first[i];
	}
	cli_spread(runs, nr); /* sorts them */
	fputs("0.9 1\n", f);  /* before the first run; the axis has no 0 */
	for (uint64_t i = 0; i < nr; i++)
		fprintf(f, "%llu %.6f\n", (unsigned long long)runs[i],
			1 - (double)(i + 1) / (double)r->trials);
	fprintf(f, "%llu %.6f\ne\n", (unsigned long long)last, 1 - (double)nr / (double)r->trials);
	free(runs);
}

static bool is_of(const struct zoo_job *job, const char *strategy)
{
	return job->result->trials && !strcmp(job->strategy->name, strategy);
}

static void put_plot(FILE *f, const char *strategy, const struct zoo_job *jobs, unsigned nr)
{
	const char *between = "plot ";

	fprintf(f,
		"set terminal svg size 1000,700 noenhanced\n"
		"set title 'Not found yet: %s'\n"
		"set xlabel 'runs'\nset ylabel 'share of trials'\n"
		"set logscale x\nset xrange [0.9:*]\nset yrange [0:1.02]\n"
		"set key outside right font ',9'\nset grid\n",
		strategy);
	for (unsigned i = 0; i < nr; i++) {
		if (!is_of(&jobs[i], strategy))
			continue;
		fprintf(f, "%s'-' using 1:2 with steps%s title '%s'", between,
			jobs[i].sequential ? " dashtype 2" : "", jobs[i].defect->name);
		between = ", ";
	}
	fputs("\n", f);
	for (unsigned i = 0; i < nr; i++)
		if (is_of(&jobs[i], strategy))
			put_curve(f, &jobs[i]);
}

static bool any_trial(const char *strategy, const struct zoo_job *jobs, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		if (is_of(&jobs[i], strategy))
			return true;
	return false;
}

bool zoo_draw(const char *dir, const char *strategy, const struct zoo_job *jobs, unsigned nr)
{
	char path[4096], data[1 << 16];
	FILE *svg, *plot, *gnuplot;
	size_t n;
	bool ok;

	if (!any_trial(strategy, jobs, nr))
		return true;
	snprintf(path, sizeof(path), "%s/%s.svg", dir, strategy);
	svg = fopen(path, "wb");
	if (!svg) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	/* The plot is a file of no name: neither the shell nor gnuplot has a path to quote. */
	plot = tmpfile();
	must(plot);
	put_plot(plot, strategy, jobs, nr);
	rewind(plot);
	snprintf(data, sizeof(data), "gnuplot <&%d", fileno(plot));
	gnuplot = popen(data, "r");
	must(gnuplot);
	while ((n = fread(data, 1, sizeof(data), gnuplot)) > 0)
		fwrite(data, 1, n, svg);
	ok = pclose(gnuplot) == 0;
	ok = fclose(svg) == 0 && ok;
	fclose(plot);
	if (!ok)
		fprintf(stderr, "%s: gnuplot failed\n", path);
	return ok;
}
