/* SPDX-License-Identifier: GPL-2.0-only */
/* Cores: the file itself, what guests and clients can do to its making, and that nothing is left. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pvabi/sched.h"
#include "tests/host/check_main.h"
#include "tests/host/daemon_harness.h"
#include "tests/host/fake_hypervisor.h"
#include "tests/host/fake_store.h"
#include "tools/builder/foreign.h"
#include "tools/core/core.h"
#include "tools/lib/base64.h"

static int fd;

static void setup(void)
{
	harness_start();
	fd = harness_connect();
}

static void teardown(void)
{
	close(fd);
	harness_stop();
}

#define answers(line, words)                                                                       \
	do {                                                                                       \
		const char *got = line;                                                            \
		ck_assert_msg(got && strstr(got, words), "%s", got ? got : "nothing");             \
	} while (0)

static void create(const char *name, const char *kernel, const char *more)
{
	answers(harness_ask(fd,
			    "{\"id\":5,\"op\":\"create\",\"config\":{\"c_info\":{\"name\":\"%s\"},"
			    "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":4096,\"target_memkb\":4096,"
			    "\"kernel\":\"%s\"}%s}}",
			    name, kernel, more),
		"\"ok\"");
}

/* --- the guest's side: the list of its memory ------------------------------------------------- */
#define SPARE 600 /* pfns from here on the guest has free */

/* The builder's own list, which start_info leads to. */
static uint64_t frame_of(domid_t domid, uint64_t pfn)
{
	bool is64 = fake_domains[domid].bits == 64;
	uint64_t info_mfn, list_mfn, va;
	bool writable;
	char *info, *list;
	struct foreign_context32 *c32 = (void *)fake_domains[domid].context;
	struct foreign_context64 *c64 = (void *)fake_domains[domid].context;
	size_t size = is64 ? 8 : 4;

	va = is64 ? c64->regs.rsi : c32->regs.esi;
	ck_assert(fake_walk(domid, va, &info_mfn, &writable));
	info = fake_frame(info_mfn);
	va = is64 ? ((struct foreign_start_info64 *)(void *)info)->mfn_list :
		    ((struct foreign_start_info32 *)(void *)info)->mfn_list;
	ck_assert(fake_walk(domid, va + pfn * size, &list_mfn, &writable));
	list = (char *)fake_frame(list_mfn) + (va + pfn * size) % 4096;
	return is64 ? *(uint64_t *)(void *)list : *(uint32_t *)(void *)list;
}

static void set_word(domid_t domid, uint64_t mfn, size_t i, uint64_t v)
{
	if (fake_domains[domid].bits == 64)
		((uint64_t *)fake_frame(mfn))[i] = v;
	else
		((uint32_t *)fake_frame(mfn))[i] = v;
}

static void publish(domid_t domid, uint64_t max_pfn, uint64_t root)
{
	char *shared = fake_frame(fake_domains[domid].shared_info);

	if (fake_domains[domid].bits == 64) {
		((struct foreign_shared64 *)(void *)shared)->max_pfn = max_pfn;
		((struct foreign_shared64 *)(void *)shared)->frame_list = root;
	} else {
		((struct foreign_shared32 *)(void *)shared)->max_pfn = max_pfn;
		((struct foreign_shared32 *)(void *)shared)->frame_list = root;
	}
}

/* Writes its list into spare pages of its own, and says where. */
static void tell_memory(domid_t domid)
{
	size_t per_page = fake_domains[domid].bits == 64 ? 512 : 1024, i;
	uint64_t root = frame_of(domid, SPARE), middle = frame_of(domid, SPARE + 1);
	uint64_t pages = fake_domains[domid].tot_pages;

	set_word(domid, root, 0, middle);
	for (i = 0; i * per_page < pages; i++)
		set_word(domid, middle, i, frame_of(domid, SPARE + 2 + i));
	for (i = 0; i < pages; i++)
		set_word(domid, frame_of(domid, SPARE + 2 + i / per_page), i % per_page,
			 frame_of(domid, i));
	publish(domid, pages, root);
}

/* --- the file --------------------------------------------------------------------------------- */
static char *read_whole(domid_t domid, size_t *size)
{
	struct fault fault;
	struct core *core;
	char *file;

	ck_assert_msg(!core_open(domid, &core, &fault), "%s", fault.text);
	*size = core_size(core);
	file = malloc(*size);
	core_read(core, 0, file, *size);
	core_close(core);
	return file;
}

static const Elf32_Shdr *section(const char *file, const char *name)
{
	const Elf32_Ehdr *e = (const void *)file;
	const Elf32_Shdr *s = (const void *)(file + e->e_shoff);
	const char *names = file + s[e->e_shstrndx].sh_offset;
	int i;

	for (i = 0; i < e->e_shnum; i++)
		if (!strcmp(names + s[i].sh_name, name))
			return &s[i];
	ck_abort_msg("no section %s", name);
}

START_TEST(test_file)
{
	const struct { uint64_t pfn, mfn; } *p2m;
	const Elf32_Shdr *pages;
	const Elf32_Phdr *ph;
	const Elf32_Ehdr *e;
	uint64_t mfn;
	bool writable;
	size_t size, i, j;
	char *file;

	create("a", kernel32, "");
	tell_memory(1);
	strcpy(fake_frame(frame_of(1, 1000)), "a page of its own");
	file = read_whole(1, &size);
	e = (const void *)file;
	ck_assert_mem_eq(e->e_ident, "\177ELF\1\1\1\0\1\0\0\0\0\0\0", 16);
	ck_assert_uint_eq(e->e_type, ET_CORE);
	ck_assert_uint_eq(e->e_machine, EM_386);
	ck_assert_uint_eq(section(file, ".xen_prstatus")->sh_size, 2800);
	ck_assert_mem_eq(file + section(file, ".xen_prstatus")->sh_offset, fake_domains[1].context,
			 2800);
	/* Notes of no, 32, 1280 and 8 bytes; at the third one's end the page size in a 32-bit layout. */
	ck_assert_uint_eq(section(file, ".note.Xen")->sh_size, 4 * 16 + 32 + 1280 + 8);
	ck_assert_mem_eq(file + section(file, ".note.Xen")->sh_offset + 3 * 16 + 32 + 1268,
			 "\0\x10\0\0\0\0\0\0\0\0\0\0", 12);
	pages = section(file, ".xen_pages");
	ck_assert_uint_eq(pages->sh_size, 1024 * 4096);
	ck_assert_uint_eq(pages->sh_offset % 4096, 0);
	p2m = (const void *)(file + section(file, ".xen_p2m")->sh_offset);
	for (i = 0; i < 1024; i++) {
		ck_assert_uint_eq(p2m[i].pfn, i);
		ck_assert_uint_eq(p2m[i].mfn, frame_of(1, i));
		ck_assert_mem_eq(file + pages->sh_offset + i * 4096, fake_frame(p2m[i].mfn), 4096);
	}
	/* What gdb sees is what the guest sees. */
	ck_assert_uint_eq(e->e_phoff + e->e_phnum * sizeof(*ph), size);
	ph = (const void *)(file + e->e_phoff);
	ck_assert_uint_eq(ph[0].p_type, PT_NOTE);
	ck_assert_uint_gt(e->e_phnum, 1);
	for (i = 1; i < e->e_phnum; i++) {
		for (j = 0; j < ph[i].p_filesz; j += 4096) {
			ck_assert(fake_walk(1, ph[i].p_vaddr + j, &mfn, &writable));
			ck_assert_mem_eq(file + ph[i].p_offset + j, fake_frame(mfn), 4096);
		}
	}
	free(file);
}
END_TEST

START_TEST(test_both_widths)
{
	const Elf64_Ehdr *e;
	const Elf64_Phdr *ph;
	size_t size;
	char *file;

	create("b", kernel64, "");
	tell_memory(1);
	file = read_whole(1, &size);
	e = (const void *)file;
	ck_assert_uint_eq(e->e_ident[EI_CLASS], ELFCLASS64);
	ck_assert_uint_eq(e->e_machine, EM_X86_64);
	ph = (const void *)(file + e->e_phoff);
	ck_assert_uint_gt(e->e_phnum, 1);
	ck_assert_uint_eq(ph[0].p_filesz, 20 + 336);
	ck_assert_uint_eq(e->e_phoff + e->e_phnum * sizeof(*ph), size);
	free(file);
}
END_TEST

/* --- address spaces larger than what can be said of them -------------------------------------- */
#define FILLED	     0xffffc90000000000ull
#define FILLED_PAGES (128u * 512)

/* 256 MiB of addresses at FILLED: two tables in turns, in them two pages, or twice the same. */
static void fill_addresses(domid_t domid, uint64_t table, uint64_t a, uint64_t b)
{
	uint64_t upper[2] = { frame_of(domid, SPARE + 10), frame_of(domid, SPARE + 11) };
	uint64_t lower[2] = { frame_of(domid, SPARE + 12), frame_of(domid, table) };
	unsigned int i;

	set_word(domid, fake_domains[domid].root, FILLED >> 39 & 511, upper[0] << 12 | 7);
	set_word(domid, upper[0], FILLED >> 30 & 511, upper[1] << 12 | 7);
	for (i = 0; i < FILLED_PAGES / 512; i++)
		set_word(domid, upper[1], i, lower[i & 1] << 12 | 7);
	for (i = 0; i < 512; i++) {
		set_word(domid, lower[0], i, frame_of(domid, i & 1 ? b : a) << 12 | 1);
		set_word(domid, lower[1], i, frame_of(domid, i & 1 ? b : a) << 12 | 1);
	}
}

/* The piece of the core with that address, or NULL; they stand in the order of addresses. */
static const Elf64_Phdr *load_at(const char *file, uint64_t va)
{
	const Elf64_Ehdr *e = (const void *)file;
	const Elf64_Phdr *ph = (const void *)(file + e->e_phoff), *found = NULL;
	unsigned int i;

	for (i = 1; i < e->e_phnum; i++) {
		ck_assert(i == 1 || ph[i].p_vaddr >= ph[i - 1].p_vaddr + ph[i - 1].p_filesz);
		if (va >= ph[i].p_vaddr && va - ph[i].p_vaddr < ph[i].p_filesz)
			found = &ph[i];
	}
	return found;
}

START_TEST(test_kernel_is_seen_above_all_else)
{
	const struct foreign_context64 *context = (void *)fake_domains[1].context;
	unsigned int pieces;
	size_t size;
	char *file;

	create("b", kernel64, "");
	tell_memory(1);
	file = read_whole(1, &size);
	pieces = ((const Elf64_Ehdr *)(const void *)file)->e_phnum;
	free(file);
	/* One table over and over, and one page in it, is one piece: the last. */
	fill_addresses(1, SPARE + 12, 1000, 1000);
	file = read_whole(1, &size);
	ck_assert_uint_eq(((const Elf64_Ehdr *)(const void *)file)->e_phnum, pieces + 1);
	ck_assert_ptr_nonnull(load_at(file, context->regs.rip));
	ck_assert_ptr_nonnull(load_at(file, FILLED + (FILLED_PAGES - 1) * 4096ull));
	free(file);
	/* What is too much is left out at the bottom. */
	fill_addresses(1, SPARE + 13, 1000, 1002);
	file = read_whole(1, &size);
	ck_assert_uint_eq(((const Elf64_Ehdr *)(const void *)file)->e_phnum, 60001);
	ck_assert_ptr_nonnull(load_at(file, context->regs.rip));
	ck_assert_ptr_nonnull(load_at(file, FILLED + (FILLED_PAGES - 1) * 4096ull));
	ck_assert_ptr_null(load_at(file, FILLED));
	free(file);
}
END_TEST

/* Any piece reads the same as from the whole. */
START_TEST(test_reads_from_anywhere)
{
	size_t size, at, len, i;
	struct fault fault;
	struct core *core;
	char piece[20000], *file;

	create("a", kernel32, "");
	tell_memory(1);
	file = read_whole(1, &size);
	ck_assert_int_eq(core_open(1, &core, &fault), 0);
	srandom(1);
	for (i = 0; i < 300; i++) {
		at = random() % size;
		len = random() % sizeof(piece);
		if (len > size - at)
			len = size - at;
		core_read(core, at, piece, len);
		ck_assert_mem_eq(piece, file + at, len);
		at &= ~4095u;
		len = core_zeros(core, at, sizeof(piece));
		memset(piece, 0, sizeof(piece));
		ck_assert_mem_eq(piece, file + at, len);
	}
	core_close(core);
	free(file);
}
END_TEST

static void refused(const char *words)
{
	struct fault fault;
	struct core *core;

	ck_assert_int_lt(core_open(1, &core, &fault), 0);
	ck_assert_msg(strstr(fault.text, words), "%s", fault.text);
}

static void accepted(void)
{
	size_t size;

	free(read_whole(1, &size));
	ck_assert_uint_lt(size, 8 << 20);
}

/* Whatever the guest says, the dump ends, is of its memory, and no larger than that. */
START_TEST(test_hostile_guest)
{
	uint64_t root, other;
	size_t i;

	create("other", kernel32, "");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"destroy\",\"domain\":\"1\"}"), "ok");
	create("a", kernel32, "");
	create("victim", kernel32, "");
	refused("not told");
	tell_memory(1);
	root = frame_of(1, SPARE);
	other = frame_of(2, 5);
	publish(1, 0, root);
	refused("not told");
	publish(1, 1000, other);
	refused("not told");
	publish(1, 0xffffffff, root);
	accepted();
	/* The list is its own root, over and over. */
	for (i = 0; i < 1024; i++)
		set_word(1, root, i, root);
	publish(1, 0xffffffff, root);
	accepted();
	/* It claims another's memory: that is zero in the file. */
	tell_memory(1);
	strcpy(fake_frame(other), "secret");
	set_word(1, frame_of(1, SPARE + 2), 7, other);
	{
		size_t size;
		char *file = read_whole(1, &size);

		ck_assert_ptr_null(memmem(file, size, "secret", 6));
		free(file);
	}
	/* Its page tables name one another without end. */
	tell_memory(1);
	for (i = 0; i < 512; i++)
		((uint64_t *)fake_frame(fake_domains[1].root))[i] =
			fake_domains[1].root << 12 | 1;
	accepted();
}
END_TEST

START_TEST(test_every_failure_is_undone)
{
	unsigned int n, maps;
	struct fault fault;
	struct core *core;
	int rc;

	create("a", kernel32, "");
	tell_memory(1);
	maps = fake_maps();
	for (n = 1;; n++) {
		fake_fail(n, -EIO);
		rc = core_open(1, &core, &fault);
		if (!rc)
			core_close(core);
		ck_assert_uint_eq(fake_maps(), maps);
		if (!fake_failed())
			break;
	}
	fake_fail(0, 0);
	ck_assert_uint_gt(n, 8);
}
END_TEST

/* --- through the daemon ----------------------------------------------------------------------- */
START_TEST(test_domain_stands_still_meanwhile)
{
	int other = harness_connect();

	create("a", kernel32, "");
	tell_memory(1);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "\"core\":1");
	ck_assert(fake_domains[1].paused);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"core-data\",\"core\":1}"), "\"data\":");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"core-data\",\"core\":1,\"offset\":99999999}"),
		"beyond the end");
	answers(harness_ask(other, "{\"id\":1,\"op\":\"core-data\",\"core\":1}"), "no such core");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"core-end\",\"core\":1}"), "ok");
	ck_assert(!fake_domains[1].paused);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"core-end\",\"core\":1}"), "no such core");
	/* Who goes away does not leave it standing. */
	answers(harness_ask(other, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "\"core\"");
	ck_assert(fake_domains[1].paused);
	close(other);
	daemon_work(&the_daemon);
	daemon_work(&the_daemon);
	ck_assert(!fake_domains[1].paused);
	/* The domain goes first. */
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "\"core\":3");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"destroy\",\"domain\":\"a\"}"), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"core-data\",\"core\":3}"), "no such core");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "invalid domain");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"0\"}"), "control domain");
	harness_check_clean();
}
END_TEST

START_TEST(test_so_many_at_once)
{
	int i;

	create("a", kernel32, "");
	tell_memory(1);
	for (i = 0; i < DAEMON_MAX_DUMPS; i++)
		answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "size");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "too many");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"hello\"}"), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "size");
}
END_TEST

static void crash(domid_t domid)
{
	strcpy(fake_frame(frame_of(domid, 1000)), "the cause of it all");
	fake_guest_shutdown(domid, SHUTDOWN_crash);
	fake_store_fire(domid);
	daemon_work(&the_daemon);
}

START_TEST(test_core_of_the_dead_is_kept)
{
	struct dump *dump;
	struct fault fault;
	char *file;

	create("a", kernel32, ",\"on_crash\":\"coredump-destroy\"");
	tell_memory(1);
	crash(1);
	ck_assert_uint_eq(fake_live_domains(), 0);
	ck_assert_msg(strstr(daemon_logged, "core is kept"), "%s", daemon_logged);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "\"core\":1");
	dump = dump_by_id(&the_daemon, NULL, 1);
	ck_assert_ptr_null(dump);
	ck_assert_int_eq(dump_begin_kept(&the_daemon, NULL, "a", &dump, &fault), 0);
	file = malloc(core_size(dump->core));
	core_read(dump->core, 0, file, core_size(dump->core));
	ck_assert_ptr_nonnull(memmem(file, core_size(dump->core), "the cause of it all", 19));
	free(file);
	dump_end(dump);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"b\",\"kept\":true}"),
		"no core of a domain b");
	harness_check_clean();
}
END_TEST

START_TEST(test_kept_cores_are_few)
{
	char name[2] = "a";
	int i;

	for (i = 1; i <= DAEMON_KEPT_CORES + 1; i++, name[0]++) {
		create(name, kernel32, ",\"on_crash\":\"coredump-destroy\"");
		tell_memory(1);
		crash(1);
	}
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"a\"}"), "invalid domain");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"b\"}"), "size");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"c\"}"), "size");
	/* One that restarts: its dead self's core beside it. */
	create("c", kernel32, ",\"on_crash\":\"coredump-restart\"");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"hello\"}"), "ok");
	tell_memory(1);
	crash(1);
	ck_assert_uint_eq(fake_live_domains(), 1);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dump-core\",\"domain\":\"c\",\"kept\":true}"),
		"size");
}
END_TEST

START_TEST(test_base64)
{
	struct buf text = { 0 }, back = { 0 };
	char data[300];
	size_t len;

	for (len = 0; len < sizeof(data); len++) {
		data[len] = len * 37;
		text.len = back.len = 0;
		base64_encode(&text, data, len);
		ck_assert_int_eq(base64_decode(&back, text.data, text.len), 0);
		ck_assert_uint_eq(back.len, len);
		ck_assert_mem_eq(back.data ? back.data : "", data, len);
	}
	ck_assert_int_eq(base64_decode(&back, "abc", 3), -EINVAL);
	ck_assert_int_eq(base64_decode(&back, "ab=c", 4), -EINVAL);
	ck_assert_int_eq(base64_decode(&back, "a\x80zz", 4), -EINVAL);
	buf_free(&text);
	buf_free(&back);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("core");
	TCase *t = tcase_create("core");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_file);
	tcase_add_test(t, test_both_widths);
	tcase_add_test(t, test_kernel_is_seen_above_all_else);
	tcase_add_test(t, test_reads_from_anywhere);
	tcase_add_test(t, test_hostile_guest);
	tcase_add_test(t, test_every_failure_is_undone);
	tcase_add_test(t, test_domain_stands_still_meanwhile);
	tcase_add_test(t, test_so_many_at_once);
	tcase_add_test(t, test_core_of_the_dead_is_kept);
	tcase_add_test(t, test_kept_cores_are_few);
	tcase_add_test(t, test_base64);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
