/*
 * reclaim.c - on real threads no allocation reclaims: memory is never short.
 */
#include "kapi/native/internal.h"

void kapi_may_reclaim(struct site *site)
{
}

void kapi_notifier_map(const char *waits, struct site *site)
{
}

void kapi_reclaim_by(bool (*reclaim)(bool dry))
{
}
