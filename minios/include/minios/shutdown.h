/* SPDX-License-Identifier: MIT */
/* Ending the domain. */
#ifndef MINIOS_SHUTDOWN_H
#define MINIOS_SHUTDOWN_H

/*
 * Shuts the domain down for a SHUTDOWN_* reason of pvabi/sched.h, after the console was given a
 * second to drain. Returning from main() is SHUTDOWN_poweroff, exit(n != 0) too; panic() is
 * SHUTDOWN_crash.
 */
void domain_shutdown(unsigned int reason) __attribute__((noreturn));
void domain_poweroff(void) __attribute__((noreturn));
void domain_reboot(void) __attribute__((noreturn));

/*
 * A function to be called (in a thread) when the toolstack asks for a shutdown through
 * control/shutdown; without one the domain obeys at once. Gets the reason; should end in
 * domain_shutdown().
 */
void shutdown_on_request(void (*fn)(unsigned int reason));

/* The kernel's: watches control/shutdown, if there is a store. */
void shutdown_init(void);

#endif
