/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that mistreat the store. */
#ifndef TESTS_STORE_GUEST_HOSTILE_H
#define TESTS_STORE_GUEST_HOSTILE_H

/* Runs the behaviour of this name for as long as the domain lives; returns if there is none. */
void hostile_run(const char *name);

#endif
