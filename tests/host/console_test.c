/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/console.c: what devices are told, and what the ring remembers. */
#include "hypervisor/arch/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"

#define RING	(16 * 1024)	/* the first one's size */

static char shown[3][65536];
static size_t nr_shown[3];
static bool is_there[3];
static u16 screen[VGA_COLUMNS * VGA_ROWS];

#define FAKE(n)									\
	static bool init##n(void)						\
	{									\
		return is_there[n];						\
	}									\
	static void write##n(const char *text, size_t len)			\
	{									\
		ck_assert_uint_lt(nr_shown[n] + len, sizeof(shown[n]));		\
		memcpy(shown[n] + nr_shown[n], text, len);			\
		nr_shown[n] += len;						\
		shown[n][nr_shown[n]] = '\0';					\
	}
FAKE(0)
FAKE(1)
FAKE(2)

struct console_device serial_com1 = { "com1", init0, write0, false };
struct console_device serial_com2 = { "com2", init1, write1, false };
struct console_device vga_console = { "vga", init2, write2, false };

void vga_set_memory(u16 *memory)
{
	ck_assert_ptr_eq(memory, screen);
}

static void setup(void)
{
	memset(nr_shown, 0, sizeof(nr_shown));
	memset(shown, 0, sizeof(shown));
	for (int i = 0; i < 3; i++)
		is_there[i] = true;
	serial_com1.on = serial_com2.on = vga_console.on = false;
	strcpy(opt_console, "com1,vga");
	console_clear_ring();
}

static void say(const char *text)
{
	console_write(text, strlen(text));
}

/* All the ring holds from *@index on. */
static char *read_all(u32 *index)
{
	static char text[RING * 8 + 1];
	size_t n = console_read_ring(text, sizeof(text) - 1, index);

	text[n] = '\0';
	return text;
}

START_TEST(devices_of_the_list)
{
	console_init();
	ck_assert(serial_com1.on && !serial_com2.on && !vga_console.on);
	console_add_screen(screen);
	ck_assert(vga_console.on);
	serial_com1.on = vga_console.on = false;
	strcpy(opt_console, "com2,vgax");
	console_init();
	console_add_screen(screen);
	ck_assert(!serial_com1.on && serial_com2.on && !vga_console.on);
}
END_TEST

/* A device is given what was said before it was there, and one that is absent nothing. */
START_TEST(late_devices_catch_up)
{
	say("early ");
	is_there[2] = false;
	console_init();
	console_add_screen(screen);
	say("late");
	ck_assert_str_eq(shown[0], "early late");
	ck_assert(!vga_console.on);
	ck_assert_uint_eq(nr_shown[2], 0);
	console_init();
	ck_assert_str_eq(shown[0], "early late");
}
END_TEST

START_TEST(ring_is_read_in_parts)
{
	u32 index = 0;
	char part[4];

	say("abcdefgh");
	ck_assert_uint_eq(console_read_ring(part, 4, &index), 4);
	ck_assert_int_eq(memcmp(part, "abcd", 4), 0);
	ck_assert_str_eq(read_all(&index), "efgh");
	ck_assert_str_eq(read_all(&index), "");
	say("ij");
	ck_assert_str_eq(read_all(&index), "ij");
	ck_assert_uint_eq(console_read_ring(part, 0, &index), 0);
}
END_TEST

START_TEST(cleared_text_is_gone)
{
	u32 index = 0;

	say("old");
	console_clear_ring();
	say("new");
	ck_assert_str_eq(read_all(&index), "new");
	ck_assert_int_gt(index, 0);
}
END_TEST

/* Old text gives way; a reader that was too slow goes on with the oldest there is. */
START_TEST(ring_wraps)
{
	u32 slow, index = 0;
	char line[64];

	read_all(&index);
	slow = index;
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(line, sizeof(line), "line %04d of one thousand\n", i);

		console_write(line, n);
	}
	ck_assert_uint_eq(strlen(read_all(&slow)), RING);
	ck_assert_int_eq(memcmp(read_all(&index) + RING - 27, "\nline 0999", 10), 0);
	index = ~0u - 5;
	ck_assert_uint_eq(strlen(read_all(&index)), RING);
}
END_TEST

START_TEST(ring_grows_and_keeps)
{
	u32 index = 0, size;
	char *memory;

	opt_conring_size = RING;
	ck_assert_uint_eq(console_ring_wanted(), 0);
	opt_conring_size = 0;
	ck_assert_uint_eq(console_ring_wanted(), 0);
	opt_conring_size = GiB(4);
	ck_assert_uint_eq(console_ring_wanted(), MiB(64));
	opt_conring_size = 3 * RING;
	size = console_ring_wanted();
	ck_assert_uint_eq(size, 2 * RING);
	memory = malloc(size);
	say("kept ");
	console_set_ring(memory, size);
	say("and more");
	ck_assert_str_eq(read_all(&index), "kept and more");
	/* The ring stays in use until the program ends. */
}
END_TEST

START_TEST(panic_breaks_the_lock_and_speaks)
{
	ck_assert(!serial_com1.on);
	console_force();
	ck_assert(serial_com1.on);
	say("last words");
	ck_assert(strstr(shown[0], "last words"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("console");
	TCase *t = tcase_create("console");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, devices_of_the_list);
	tcase_add_test(t, late_devices_catch_up);
	tcase_add_test(t, ring_is_read_in_parts);
	tcase_add_test(t, cleared_text_is_gone);
	tcase_add_test(t, ring_wraps);
	tcase_add_test(t, panic_breaks_the_lock_and_speaks);
	tcase_add_test(t, ring_grows_and_keeps);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
