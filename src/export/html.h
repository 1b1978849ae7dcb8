/*
 * html.h - the parts of the report's page. Whatever comes from a folder goes through put_markup().
 */
#ifndef EXPORT_HTML_H
#define EXPORT_HTML_H

#include "campaign/gather.h"

/** html_head() - up to the body: title, style, and the wish that nothing is loaded or run */
void html_head(FILE *f);

/** html_words() - a signature or a path as markup, which may be broken behind its separators only */
void html_words(FILE *f, const char *text);

/** html_number() - with commas */
void html_number(FILE *f, uint64_t n);

/** html_curve() - a campaign's runs and findings over time, as SVG */
void html_curve(FILE *f, const struct campaign *c);

/** html_coverage() - a campaign's ops by the state of their object, as a table */
void html_coverage(FILE *f, const struct campaign *c);

/** html_zoo() - a table of the lines that `bondfuzz zoo --json` prints; NULL or what is wrong */
const char *html_zoo(FILE *f, const char *lines);

#endif
