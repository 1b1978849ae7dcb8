/*
 * sequences.h - short programs, one after the other: what a campaign begins with.
 *
 * A drawn program has many ops, and each of them rarely. A bug of two to four ops needs just these, and
 * nothing around them. So all short sequences of one thread come first, grown op by op from small
 * set-ups: one that did something goes on, one whose last op was refused does not. And behind each
 * short sequence each pair of ops that it allows, in two threads. Those that are likely to be drawn
 * come first (the weights of a subject's ops say what it is about), and those that grow from what
 * showed something new.
 */
#ifndef GUIDE_SEQUENCES_H
#define GUIDE_SEQUENCES_H

#include "exec/place.h"
#include "guide/likely.h"
#include "program/program.h"

#define SEQUENCE_OPS 4	     /* in threads, the ops of a pair not counted */
#define SEQUENCE_SETUP 16    /* ops that make the objects to start from */
#define SEQUENCE_NODES 4096  /* sequences that may go on */
#define SEQUENCE_GOOD 64     /* of the ops that a sequence allows: those that pairs are made of */
#define SEQUENCE_CURSORS 8   /* ways through the pairs of a sequence */
#define SEQUENCE_KNOWN 65536 /* ops behind sequences, of which the behaviour is kept */
#define SEQUENCE_PLACES 1024
#define SEQUENCE_FAILURES                                                                          \
	12 /* operations of a sequence's last op that are made to fail, each once */

/* A sequence that did something. */
struct sequence {
	uint8_t ops_nr; /* the set-up's included */
	uint8_t length; /* those of the thread */
	uint8_t good_nr;
	uint16_t from;	    /* node[]: the sequence without its last op */
	uint32_t hash;	    /* of its ops */
	float bits;	    /* how unlikely it is to be drawn, and the less so the more it showed */
	float bonus;	    /* for what it showed, or one that has the same verbs */
	struct likely next; /* op to put behind it */
	uint16_t pair[SEQUENCE_CURSORS]; /* the next pair of each cursor */
	uint8_t cursor;			 /* the one whose pair is next */
	struct likely good[SEQUENCE_GOOD];
	struct program_op op[SEQUENCE_SETUP + SEQUENCE_OPS];
};

enum sequence_kind {
	SEQUENCE_GROWN, /* a sequence and one op more */
	SEQUENCE_FAILS, /* the same, and one operation in that op fails */
	SEQUENCE_PAIR,	/* behind a sequence two ops in two threads */
	SEQUENCE_KINDS,
};

/* Plain data that a process may leave to the one that comes after it. */
struct sequences {
	const struct descriptor *descriptor; /* NULL: not begun */
	bool over;			     /* there is no program left */
	bool no_pairs;			     /* to see what they are worth */
	enum sequence_kind kind;	     /* of the program under way */
	unsigned at;			     /* node[]: which sequence it grows from */
	unsigned pass;			     /* of a pair: how often it has been there */
	struct likely added;		     /* which op was put behind it */
	uint64_t runs[2];		     /* of sequences, of pairs */
	unsigned failures_nr;		     /* still to be tried with the last sequence */
	struct program_deviation failure[SEQUENCE_FAILURES];
	uint8_t failed[SEQUENCE_PLACES]; /* how often, by a hash of the place */
	struct program failing;		 /* with the names of these */
	struct {
		uint32_t key, behaviour;
	} known[SEQUENCE_KNOWN]; /* by a hash of a sequence and an op */
	unsigned known_nr;
	unsigned nodes_nr;
	float cost[SEQUENCE_KINDS][SEQUENCE_NODES]; /* of the next programs; LIKELY_NEVER: none */
	struct sequence node[SEQUENCE_NODES];
};

/* What the runs of a program showed. */
struct sequence_shown {
	unsigned runs;
	unsigned news;	    /* marks that were never seen before */
	bool ended;	    /* one of them came to its end; what follows is of the first that did */
	int returned;	    /* by its last op; negative: it was refused */
	bool waited;	    /* that op waited for what did not come: another thread may bring it */
	uint32_t behaviour; /* of its last op: a hash of what it did; 0: not known */
	const struct place *can_fail; /* operations that failures were asked for */
	unsigned can_fail_nr;
};

/** sequences_begin() - nothing has been tried yet */
void sequences_begin(struct sequences *s, const struct descriptor *d);

/**
 * sequences_next() - the next program
 * @ret: valid; with a schedule if an operation is to fail in it, else without one
 *
 * Sequences and pairs take turns. sequences_ran() comes before the
 * next call; where it does not, because the process died of the program, the program is left behind.
 *
 * Returns: false when there is none, and @s->over.
 */
bool sequences_next(struct sequences *s, struct program *ret);

/** sequences_ran() - what the runs of the last program showed */
void sequences_ran(struct sequences *s, const struct sequence_shown *shown);

#endif
