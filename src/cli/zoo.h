/*
 * zoo.h - what the searches of bondfuzz zoo found, for its table and its curves.
 */
#ifndef CLI_ZOO_H
#define CLI_ZOO_H

#include "cli/cli.h"
#include "zoo/defect.h"

#define ZOO_STRATEGIES_MAX 16

/* What one trial's finding became when it was made small. */
struct zoo_signed {
	char signature[SIGNATURE_MAX]; /* "": it was not found, or could not be written down */
	uint8_t lines;		       /* of the program, with its comment and expectations */
	uint8_t switches;
	uint8_t threads;
	bool proved;   /* that those are the fewest */
	uint64_t text; /* a hash of the program as it is written */
	float seconds;
};

/* What a worker tells of one defect under one strategy, in memory shared with the parent. */
struct zoo_result {
	bool ended;
	uint64_t trials; /* that were finished */
	uint64_t found;	 /* of those */
	uint64_t runs, steps;
	uint64_t reached;	  /* runs that asked for the switch */
	uint64_t compared;	  /* runs repeated with the defect off */
	uint64_t triggered;	  /* of those, runs whose trace is another one then */
	uint64_t *first;	  /* per trial: runs to the verdict, or all of them */
	bool *missed;		  /* per trial */
	struct zoo_signed *small; /* per trial; NULL: nobody asks */
};

struct zoo_job {
	const struct defect_row *defect;
	const struct strategy *strategy;
	struct program program;
	char wanted[128];
	struct exec_how how; /* until @wanted */
	bool sequential;     /* its file needs no switch of threads */
	struct zoo_result *result;
};

/** zoo_sign() - record and minimise the run that was found with @seed; the program of @x is its */
void zoo_sign(struct exec *x, const struct zoo_job *job, uint64_t seed, struct zoo_signed *ret);

/**
 * zoo_put_signatures() - the table of signatures, or with @json an object a defect
 *
 * Returns: true when each defect has one signature and one text in 95 of 100 findings, the sequential
 * ones have one thread, no signature is in two groups of zoo/group.def, and none has a defect's name
 * in it; else it says which.
 */
bool zoo_put_signatures(const struct zoo_job *jobs, unsigned nr, bool json);

/** zoo_can_draw() - is there a gnuplot? */
bool zoo_can_draw(void);

/**
 * zoo_draw() - survival curves of all jobs as DIR/STRATEGY.svg
 *
 * Returns: false with a message when it cannot be written.
 */
bool zoo_draw(const char *dir, const char *strategy, const struct zoo_job *jobs, unsigned nr);

#endif
