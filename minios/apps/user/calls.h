/* SPDX-License-Identifier: MIT */
/* System calls between ring3.c and its application. */
#ifndef MINIOS_APPS_USER_CALLS_H
#define MINIOS_APPS_USER_CALLS_H

#define CALL_WRITE    1	/* address, length */
#define CALL_RING     2	/* the ring it finds itself in */
#define CALL_ON_FAULT 3	/* where to continue after the next fault */
#define CALL_EXIT     4	/* value */

#endif
