/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console_io: the emergency console. The control domain reads and writes it as it is; what other
 * domains write goes to the log line by line, made printable and rate-limited.
 */
#include "hypervisor/arch/console.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/console_io.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"

#define CHUNK	128

/* --- output ---------------------------------------------------------------------------------- */

/* Appends one character; true when the line is to be put out. */
static bool line_add(struct guest_info *info, char c)
{
	if (c == '\n')
		return true;
	if ((c >= ' ' && c < 0x7f) || c == '\t')
		info->line[info->line_len++] = c;
	return info->line_len == GUEST_LINE_MAX - 1;
}

static void write_lines(struct guest_info *info, const char *text, size_t len)
{
	lock(&info->lock);
	for (size_t i = 0; i < len; i++) {
		if (!line_add(info, text[i]))
			continue;
		info->line[info->line_len] = '\0';
		info->line_len = 0;
		guest_log(LOG_DEBUG, "%s", info->line);
	}
	unlock(&info->lock);
}

static long write_console(u64 count, gva_t buffer)
{
	struct domain *d = current->domain;
	char text[CHUNK];

	for (u64 done = 0; done < count;) {
		size_t len = MIN(count - done, (u64)CHUNK);

		if (done && preempt_needed())
			return HYPERCALL_CONTINUE(CONSOLEIO_write, count - done, buffer + done);
		if (copy_from_guest(text, buffer + done, len))
			return -EFAULT;
		if (d->is_privileged)
			console_write_unkept(text, len);
		else
			write_lines(d->info, text, len);
		done += len;
	}
	return 0;
}

/* --- input ----------------------------------------------------------------------------------- */

#define INPUT_SIZE	1024	/* a power of two */

static struct {
	struct spinlock lock;
	u32 head, tail;		/* counted up for ever; guarded by `lock` */
	char ring[INPUT_SIZE];
} input = { .lock = SPINLOCK_INIT("console input", RANK_CONSOLE) };

bool console_input_put(char c)
{
	bool room;

	lock(&input.lock);
	room = input.head - input.tail < INPUT_SIZE;
	if (room)
		input.ring[input.head++ % INPUT_SIZE] = c;
	unlock(&input.lock);
	return room;
}

static size_t take_input(char *dst, size_t max)
{
	size_t n;

	lock(&input.lock);
	for (n = 0; n < max && input.tail != input.head; n++)
		dst[n] = input.ring[input.tail++ % INPUT_SIZE];
	unlock(&input.lock);
	return n;
}

static long read_console(u64 count, gva_t buffer)
{
	char text[CHUNK];
	u64 done = 0;
	size_t n;

	/* The result is a signed number of the guest's width. */
	if (count > INT32_MAX)
		return -E2BIG;
	while (done < count && (n = take_input(text, MIN(count - done, (u64)CHUNK))) > 0) {
		if (copy_to_guest(buffer + done, text, n))
			return -EFAULT;
		done += n;
	}
	return (long)done;
}

long do_console_io(u64 cmd, u64 count, u64 buffer)
{
	u32 chars = (u32)count;

	switch ((u32)cmd) {
	case CONSOLEIO_write:
		return write_console(chars, buffer);
	case CONSOLEIO_read:
		return current->domain->is_privileged ? read_console(chars, buffer) : -EPERM;
	default:
		return current->domain->is_privileged ? -ENOSYS : -EPERM;
	}
}
