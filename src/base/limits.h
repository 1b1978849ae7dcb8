/*
 * limits.h - the bounds of what a program, a run and a file that is read may hold, in one place.
 *
 * Small on purpose: a lifetime bug needs few objects and few threads, and a bound that is written
 * here can be checked everywhere else. How much work an algorithm does (runs, rounds, depth of a search)
 * is defined in the file of the algorithm; no two files define the same bound (ci/tidy).
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define SUBJECTS_MAX 32	       /* of one program, repairs of posted versions included */
#define THREADS_MAX 6	       /* program threads, A..F */
#define OBJECTS_MAX 8	       /* objects of one kind in a program */
#define OBJECT_KINDS_MAX 8     /* kinds of object of one subject */
#define OPS_MAX 32	       /* ops of a program */
#define OPERANDS_MAX 3	       /* operands of an op */
#define DEVIATIONS_MAX 200     /* deviations of a schedule: a random run has up to so many */
#define EXPECTS_MAX 8	       /* expect lines of a program */
#define NAME_MAX_LEN 48	       /* bytes of a function, primitive, op or defect name */
#define PROGRAM_TEXT_MAX 16384 /* bytes of a program text */
#define POOL_MAX 4096	       /* bytes of names and comments that a program keeps */

#define STEPS_MAX 4096		 /* visible operations of a run: more is a livelock */
#define ACCESSES_MAX 40000	 /* loads and stores between two of them: more is a livelock, too */
#define PLAIN_MAX 4096		 /* plain accesses of a run that are visible operations, too */
#define EVENTS_MAX 16384	 /* events of a trace */
#define BLOCKS_MAX 1024		 /* kmalloc blocks of a run */
#define CLIENTS_MAX 256		 /* clients of notifiers that a run registers */
#define HELD_LOCKS_MAX 16	 /* locks one thread holds at a time */
#define CLASSES_MAX 128		 /* lock classes of a process */
#define WORKS_MAX 64		 /* works of a run that are queued or running at a time; timers */
#define PRIMS_MAX 4096		 /* locks, queues, completions, works and timers of a run */
#define MAP_ENTRIES_MAX 512	 /* entries of xarrays and idrs of a run */
#define CALLBACKS_MAX 1024	 /* of grace periods that are queued at a time */
#define DOMAINS_MAX 16		 /* SRCU domains of a run, and RCU */
#define READERS_MAX 32		 /* read sections of a domain that are open at a time */
#define PASIDS_MAX 16		 /* of the fake hardware */
#define STATICS_MAX (256 * 1024) /* bytes of writable statics that a run starts with afresh */

#define SIGNATURE_MAX 240	       /* bytes of a signature, with its NUL */
#define FINDINGS_MAX 256	       /* of a campaign */
#define KNOWN_MAX 1024		       /* signatures that a process remembers as known */
#define LETTER_TEXT_MAX (512 * 1024)   /* bytes of a letter as text */
#define LETTER_HTML_MAX (512 * 1024)   /* bytes of one as a part of a page */
#define FINDING_JSON_MAX (64 * 1024)   /* bytes of a finding.json that is read */
#define CAMPAIGN_JSON_MAX (256 * 1024) /* bytes of a campaign.json */
#define STRESS_REPORT_MAX (64 * 1024)  /* bytes of what bondfuzz-native says of a run */
#define ZOO_JSON_MAX (4 * 1024 * 1024) /* bytes of a zoo.json */

#define FOLDER_DEPTH_MAX 8 /* folders in folders that are searched for files */

#define CAN_FAIL_MAX 256	  /* operations of a run that could fail, and are remembered */
#define FAIL_RUNS 8		  /* one run in so many has failures, */
#define FAIL_ONE_IN 24		  /* and in it about one in so many operations that may fail */
#define TRIAL_SEEDS 1000000000ull /* between the first seeds of two trials of a search */

#endif
