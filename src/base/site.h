/*
 * site.h - a place in the code under test: the function, the primitive and the words that stand
 * there.
 *
 * Every macro of kapi makes one static struct site where it is used. The ids are hashes of the
 * names, never addresses or line numbers, so that they are the same in every build and with every
 * compiler.
 */
#ifndef BASE_SITE_H
#define BASE_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct site {
	const char *func; /* "hmm_mirror_destroy" */
	const char *prim; /* "mutex_unlock" */
	const char *text; /* "mutex_unlock(&device->mutex)" */
	uint32_t func_id; /* name_id(func), 0 until site_ids() */
	uint32_t prim_id;
	const char *
		file; /* as the compiler got it, or NULL: nobody knows; for people, never for ids */
	uint32_t line;
};

/** site_file_name() - "hmm.c"; NULL where the file is not known */
const char *site_file_name(const struct site *s);

/**
 * site_path() - "src/core/hmm.c"; "mm/mmu_notifier.c" of a kernel tree; of other files the name alone
 *
 * Returns: NULL where the file is not known.
 */
const char *site_path(const struct site *s);

/* A file of a kernel tree or of its headers, as it was when its sites were made. */
struct site_source {
	const char *file; /* as in struct site */
	const char *path; /* below the tree or its headers: "mm/mmu_notifier.c" */
	uint32_t sum;	  /* site_sum() of its bytes */
};

/** site_set_tree() - these files are a kernel tree's; the table is kept */
void site_set_tree(const struct site_source *sources, unsigned nr);

/** site_has_tree() - is code of a kernel tree in this program? */
bool site_has_tree(void);

/** site_sum() - the CRC-32 of a file's bytes, in pieces: @sum is 0 at first */
uint32_t site_sum(uint32_t sum, const void *bytes, size_t n);

/**
 * site_is_changed() - is the file of @s, as it lies on the disk now, another one than was compiled?
 *
 * The words of a site are those of the compiled file. Where they are shown, this tells whether they are
 * what a reader finds at that line. Returns: false for files that are no kernel tree's.
 */
bool site_is_changed(const struct site *s);

/** site_hide_source() - from now on site_words() shows no source line of a kernel tree */
void site_hide_source(void);

/** site_words() - the call as its source line has it; where that is hidden, the primitive's name */
const char *site_words(const struct site *s);

/**
 * name_id() - a 32-bit id of a name, the same in every process; never 0
 * @name: NUL-terminated
 *
 * FNV-1a: names are few and short, and the id goes into traces, so it may never change.
 */
static inline uint32_t name_id(const char *name)
{
	uint32_t h = 2166136261u;

	while (*name)
		h = (h ^ (uint8_t)*name++) * 16777619u;
	return h ? h : 1;
}

/** site_ids() - make sure that the ids of a site are there */
static inline void site_ids(struct site *s)
{
	if (__builtin_expect(!s->func_id, 0)) {
		s->prim_id = name_id(s->prim);
		s->func_id = name_id(s->func);
	}
}

#endif
