/* SPDX-License-Identifier: GPL-2.0-only */
/* The reason why something failed, in words for the person who asked for it. */
#ifndef TOOLS_BUILDER_FAULT_H
#define TOOLS_BUILDER_FAULT_H

struct fault {
	int code; /* negative errno */
	char text[320];
};

/* Records the reason and returns @code, so that a failure is one statement. */
int fault_set(struct fault *fault, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts words in front of the reason that is there. */
int fault_prefix(struct fault *fault, const char *prefix);

#endif
