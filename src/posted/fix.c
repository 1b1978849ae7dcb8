/*
 * fix.c - the repair that is tried in this run. One at a time: each is judged alone.
 */
#include "posted/fix.h"

enum posted_fix posted_fix;
