/* SPDX-License-Identifier: MIT */
/* The console as files 0-2: line editing and echo in cooked mode, bytes in raw mode. */
#include <string.h>
#include <minios/console.h>
#include <minios/sync.h>

#define CTRL(c)  ((c) & 0x1f)
#define LINE_MAX 1024

static bool raw;
static struct mutex read_lock = MUTEX_INIT(read_lock);

/* The line that is being typed, or was and is being read: bytes [taken, length) are left. */
static char line[LINE_MAX];
static size_t length, taken;

void console_set_raw(bool on)
{
	raw = on;
}

bool console_is_raw(void)
{
	return raw;
}

static void rub_out(size_t count)
{
	while (count-- && length) {
		length--;
		console_write("\b \b", 3);
	}
}

/* One typed byte; true when the line is complete (or, if empty, the end of the file). */
static bool edit(char c)
{
	switch (c) {
	case '\b':
	case 0x7f:
		rub_out(1);
		return false;
	case CTRL('U'):
		rub_out(length);
		return false;
	case CTRL('D'):
		return length == 0;
	case '\r':
	case '\n':
		console_write("\r\n", 2);
		line[length++] = '\n';
		return true;
	}
	/* One place is kept for the newline. */
	if ((unsigned char)c >= ' ' && length < LINE_MAX - 1) {
		line[length++] = c;
		console_write(&c, 1);
	}
	return false;
}

static void read_line(void)
{
	char c;

	length = taken = 0;
	do
		console_read(&c, 1);
	while (!edit(c));
}

ssize_t console_file_read(void *data, size_t len)
{
	size_t n;

	if (raw)
		return console_read(data, len);
	mutex_lock(&read_lock);
	if (taken == length)
		read_line();
	n = length - taken < len ? length - taken : len;
	memcpy(data, line + taken, n);
	taken += n;
	mutex_unlock(&read_lock);
	return n;
}

ssize_t console_file_write(const void *data, size_t len)
{
	if (raw)
		console_write(data, len);
	else
		console_write_text(data, len);
	return len;
}
