/*
 * triage.h - what triage writes for other tools.
 */
#ifndef EXPORT_TRIAGE_H
#define EXPORT_TRIAGE_H

#include "campaign/gather.h"

/** sarif_json() - SARIF 2.1.0: a result a signature, a notification a problem; a new reference */
json_t *sarif_json(struct gathering *g);

/** junit_text() - JUnit XML: a suite a campaign, a failed case a finding, an error a problem */
char *junit_text(struct gathering *g);

#endif
