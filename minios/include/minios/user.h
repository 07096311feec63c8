/* SPDX-License-Identifier: MIT */
/*
 * Applications in a ring of their own: ring 3 beside the kernel's ring 1 in pv32, and in pv64 ring
 * 3 under a page-table root that has nothing but the application's pages.
 *
 * One program at a time, in the thread that called user_run(). Its system calls (int 0x80 in pv32,
 * syscall in pv64) and its faults arrive in the handlers of <minios/trap.h>, in interrupt context,
 * as TRAP_USER_CALL and as the exception's vector.
 */
#ifndef MINIOS_USER_H
#define MINIOS_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <minios/trap.h>

/* Sets up what is needed to have applications. 0 or a negative errno. */
int user_init(void);

/* Maps fresh, cleared pages for the application between USER_START and USER_END. */
int user_map(uintptr_t va, size_t pages, bool writable);

/* Can the application read [va, va + len)? */
bool user_readable(uintptr_t va, size_t len);

/* Runs at ip with this stack; arg in eax or rdi. Returns what user_leave() is given. */
long user_run(uintptr_t ip, uintptr_t sp, unsigned long arg);

/* In a handler, for a frame of the application: user_run() returns value instead. */
void user_leave(struct trap_frame *frame, long value);

/* Each width's part. */
int user_root_init(void);
int user_root_update(void);
void user_frame_init(struct trap_frame *frame, uintptr_t ip, uintptr_t sp, unsigned long arg);
/* Makes a frame of the application one of the kernel: at ip, with this stack and result. */
void user_frame_leave(struct trap_frame *frame, uintptr_t sp, uintptr_t ip, long value);
/* user.S: saves the kernel's registers, notes the stack, continues with the frame. */
long user_switch(struct trap_frame *frame, uintptr_t *kernel_sp);
void user_landing(void);

#endif
