/* SPDX-License-Identifier: MIT */
/*
 * The domain's console: the ring of start_info for a guest, console_io and VIRQ_CONSOLE for the
 * control domain. Files 0, 1 and 2 of newlib are this console.
 */
#ifndef MINIOS_CONSOLE_H
#define MINIOS_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Writes all of it, byte for byte; sleeps while the ring is full. In interrupt context and before
 * threads it drops what does not fit after having waited a bounded time.
 */
void console_write(const void *data, size_t len);

/* The same, with "\n" written as "\r\n", as a terminal wants it. */
void console_write_text(const void *data, size_t len);

/* Is there something to read? */
bool console_readable(void);

/*
 * Reads what is there, at least one byte, at most len: sleeps until then. console_read_until()
 * returns 0 when the deadline (monotonic ns, see <minios/time.h>) passes first; a deadline of 0
 * polls. Bytes come as typed: no echo, no editing.
 */
size_t console_read(void *data, size_t len);
size_t console_read_until(void *data, size_t len, uint64_t deadline);

/*
 * How read() and write() on files 0-2 behave. Cooked (the start): a read echoes, edits with
 * backspace and ^U, gives whole lines, ^D on an empty line is the end of file; "\n" is written as
 * "\r\n". Raw: bytes pass unchanged both ways, and a read gives what is there.
 */
void console_set_raw(bool raw);
bool console_is_raw(void);

/* Waits until the other side has taken all that was written, or the deadline. False: not all. */
bool console_drain(uint64_t deadline);

/* The kernel's. console_file_*: what file 0-2 do. */
void console_init(void);
ssize_t console_file_read(void *data, size_t len);
ssize_t console_file_write(const void *data, size_t len);

#endif
