/* SPDX-License-Identifier: GPL-2.0-only */
/* The domain builder against a simulated hypervisor: what it builds, and that failures undo all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the foreign headers expect to have been defined. */
#include <stdint.h>
#define XEN_HAVE_PV_UPCALL_MASK 1
#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>

#include "pvabi/grant_table.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_hypervisor.h"
#include "tests/host/make_elf.h"
#include "tools/builder/builder.h"
#include "tools/builder/foreign.h"

static struct domain_config config;
static struct build_result result;
static struct fault fault;
static struct made_elf made;
static uint64_t free_before;
static char ramdisk_data[10000];

static void setup(void)
{
	size_t i;

	fake_reset();
	free_before = fake_free_frames();
	domain_config_init(&config);
	strcpy(config.name, "test");
	strcpy(config.kernel, "/kernel");
	strcpy(config.cmdline, "one two=3");
	config.target_kb = config.max_kb = 8 << 10;
	config.max_vcpus = 2;
	memset(config.uuid, 7, 16);
	for (i = 0; i < sizeof(ramdisk_data); i++)
		ramdisk_data[i] = i * 13;
}

static int build_with(const void *kernel, size_t len, size_t ramdisk_len)
{
	struct build_image k = { kernel, len, config.kernel }, r = { ramdisk_data, ramdisk_len, NULL };

	return build_domain(&config, &k, &r, &result, &fault);
}

static int build(struct elf_plan plan)
{
	int rc;

	free(made.data);
	made = make_elf(&plan);
	rc = build_with(made.data, made.len, sizeof(ramdisk_data));
	ck_assert_uint_eq(fake_maps(), 0);
	return rc;
}

static void check_nothing_left(void)
{
	ck_assert_uint_eq(fake_free_frames(), free_before);
	ck_assert_uint_eq(fake_live_domains(), 0);
	ck_assert_uint_eq(fake_maps(), 0);
}

static void teardown(void)
{
	free(made.data);
	made.data = NULL;
}

static struct fake_domain *dom(void)
{
	return &fake_domains[result.domid];
}

/* Compares guest memory at a virtual address, page by page through the guest's own tables. */
static void check_memory(uint64_t va, const void *want, size_t len, bool writable)
{
	const uint8_t *p = want;
	uint64_t mfn;
	bool w;

	while (len) {
		size_t piece = 4096 - (va & 4095);

		if (piece > len)
			piece = len;
		ck_assert_msg(fake_walk(result.domid, va, &mfn, &w), "%lx is not mapped", va);
		ck_assert_int_eq(w, writable);
		ck_assert_mem_eq((char *)fake_frame(mfn) + (va & 4095), p, piece);
		va += piece;
		p += piece;
		len -= piece;
	}
}

static void *guest(uint64_t va)
{
	uint64_t mfn;
	bool w;

	ck_assert_msg(fake_walk(result.domid, va, &mfn, &w), "%lx is not mapped", va);
	return (char *)fake_frame(mfn) + (va & 4095);
}

static void check_shared(void)
{
	uint8_t *shared = fake_frame(dom()->shared_info);
	struct grant_entry_v1 *grants = fake_frame(dom()->grant_frame);
	int i;

	for (i = 0; i < 32; i++)
		ck_assert_uint_eq(shared[64 * i + 1], 1);
	ck_assert_uint_eq(grants[0].flags, GTF_permit_access);
	ck_assert_uint_eq(grants[0].frame, result.console_mfn);
	ck_assert_uint_eq(grants[1].flags, GTF_permit_access);
	ck_assert_uint_eq(grants[1].frame, result.store_mfn);
	ck_assert(dom()->paused);
	ck_assert_uint_eq(dom()->tot_pages, 2048);
	ck_assert_uint_eq(dom()->ports[result.store_port].state, PORT_UNBOUND);
	ck_assert_uint_eq(dom()->ports[result.console_port].state, PORT_UNBOUND);
	ck_assert_uint_ne(result.store_port, result.console_port);
}

START_TEST(test_builds_32)
{
	struct foreign_context32 *c = (void *)fake_domains[1].context;
	struct foreign_start_info32 *info;
	uint8_t zeros[8192] = { 0 };
	uint64_t mfn, va;
	uint32_t *list;
	bool w;

	ck_assert_msg(!build(plan32()), "%s", fault.text);
	ck_assert_uint_eq(result.bits, 32);
	check_shared();
	check_memory(0xc0100000, made.data + 4096, 12288, true);
	check_memory(0xc0103000, zeros, 8192, true);
	ck_assert_uint_eq(c->regs.eip, 0xc0100010);
	ck_assert_uint_eq(c->regs.cs, 0xe019);
	ck_assert_uint_eq(c->regs.ss, 0xe021);
	ck_assert_uint_eq(c->kernel_sp, c->regs.esp);
	ck_assert_uint_eq(c->ctrlreg[3], dom()->root << 12);
	ck_assert_uint_eq(c->vm_assist, 1 << 3);
	ck_assert_uint_eq(dom()->address_bits, 0);

	info = guest(c->regs.esi);
	ck_assert_str_eq(info->magic, "xen-3.0-x86_32p");
	ck_assert_uint_eq(info->nr_pages, 2048);
	ck_assert_uint_eq(info->shared_info, dom()->shared_info << 12);
	ck_assert_uint_eq(info->flags, 0);
	ck_assert_uint_eq(info->store_mfn, result.store_mfn);
	ck_assert_uint_eq(info->console.evtchn, result.console_port);
	ck_assert_str_eq(info->cmd_line, "one two=3");
	ck_assert_uint_eq(info->mod_start, 0xc0105000);
	check_memory(info->mod_start, ramdisk_data, info->mod_len, true);
	ck_assert_uint_eq(info->mod_len, sizeof(ramdisk_data));
	/* The list maps pfn 0 to what the tables map at the base. */
	list = guest(info->mfn_list);
	ck_assert(fake_walk(1, 0xc0000000, &mfn, &w));
	ck_assert_uint_eq(list[0], mfn);
	ck_assert(fake_walk(1, info->pt_base, &mfn, &w));
	ck_assert_uint_eq(mfn, dom()->root);
	ck_assert(!w);
	ck_assert_uint_eq(info->nr_pt_frames, 4); /* L3, L2, two L1 */
	/* Mapped to a 4 MiB boundary at least 512 KiB behind the stack, no further. */
	va = (c->regs.esp + (512 << 10) + 0x3fffff) & ~0x3fffffull;
	ck_assert(fake_walk(1, va - 4096, &mfn, &w));
	ck_assert(!fake_walk(1, va, &mfn, &w));
	memset(zeros, 0, 4096);
	check_memory(c->regs.esp - 4096, zeros, 4096, true);
	ck_assert_mem_eq(fake_frame(result.store_mfn), zeros, 4096);
	ck_assert_mem_eq(fake_frame(result.console_mfn), zeros, 4096);
}
END_TEST

/* It allocates further roots itself: all of its memory is where it can name them. */
START_TEST(test_keeps_old_kernels_below_4g)
{
	struct elf_plan plan = plan32();

	plan.notes = false;
	plan.guest_section = "XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,HYPERCALL_PAGE=0x101,PAE=yes";
	ck_assert_msg(!build(plan), "%s", fault.text);
	ck_assert_uint_eq(dom()->address_bits, 32);
	ck_assert_uint_eq(((struct foreign_context32 *)dom()->context)->vm_assist, 0);
}
END_TEST

START_TEST(test_builds_64)
{
	struct foreign_context64 *c = (void *)fake_domains[1].context;
	struct foreign_start_info64 *info;
	uint64_t mfn;
	bool w;

	fake_set_max_order(0); /* no large extents to be had */
	ck_assert_msg(!build(plan64()), "%s", fault.text);
	ck_assert_uint_eq(result.bits, 64);
	check_shared();
	check_memory(0xffffffff80100000, made.data + 4096, 12288, true);
	ck_assert_uint_eq(c->regs.cs, 0xe033);
	ck_assert_uint_eq(c->regs.ss, 0xe02b);
	ck_assert_uint_eq(c->ctrlreg[3], dom()->root << 12);
	info = guest(c->regs.rsi);
	ck_assert_str_eq(info->magic, "xen-3.0-x86_64");
	ck_assert_uint_eq(info->first_p2m_pfn, 0);
	ck_assert(fake_walk(1, 0xffffffff80000000, &mfn, &w));
	ck_assert_uint_eq(*(uint64_t *)guest(info->mfn_list), mfn);
	ck_assert_uint_eq(dom()->hypercall_page,
			  ((uint64_t *)guest(info->mfn_list))[0x101]);
}
END_TEST

START_TEST(test_builds_64_with_p2m_apart)
{
	struct foreign_context64 *c = (void *)fake_domains[1].context;
	struct foreign_start_info64 *info;
	struct elf_plan plan = plan64();
	uint64_t *list, mfn, pfn;
	bool w;

	plan.p2m_base = 0x8000000000;
	ck_assert_msg(!build(plan), "%s", fault.text);
	info = guest(c->regs.rsi);
	ck_assert_uint_eq(info->mfn_list, 0x8000000000);
	ck_assert_uint_eq(info->nr_p2m_frames, 4 + 3); /* 2048 entries; L3, L2, L1 */
	for (pfn = 0; pfn < 2048; pfn++) {
		list = guest(info->mfn_list + 8 * pfn);
		if (!fake_walk(1, 0xffffffff80000000 + (pfn << 12), &mfn, &w))
			continue;
		ck_assert_uint_eq(*list, mfn);
		/* The tables of the list are in the initial mapping too, but never writable. */
		ck_assert(w || (pfn >= info->first_p2m_pfn + 4 &&
				pfn < info->first_p2m_pfn + 7) ||
			  pfn - (info->pt_base - 0xffffffff80000000) / 4096 < info->nr_pt_frames);
	}
}
END_TEST

/* The ramdisk is named by a frame, behind all that is mapped; and the mapping is no larger for it. */
START_TEST(test_ramdisk_apart)
{
	struct foreign_context64 *c = (void *)fake_domains[1].context;
	struct foreign_start_info64 *info;
	struct elf_plan plan = plan64();
	uint64_t mfn = 0, *list;
	unsigned int i;
	bool w;

	plan.mod_start_pfn = true;
	ck_assert_msg(!build(plan), "%s", fault.text);
	info = guest(c->regs.rsi);
	ck_assert_uint_eq(info->flags, SIF_MOD_START_PFN);
	ck_assert_uint_eq(info->mod_len, sizeof(ramdisk_data));
	ck_assert_uint_gt(info->mod_start, (c->regs.rsp - 1 - 0xffffffff80000000) >> 12);
	for (i = 0; i < sizeof(ramdisk_data); i += 4096) {
		list = guest(info->mfn_list + 8 * (info->mod_start + i / 4096));
		ck_assert(fake_walk(1, 0xffffffff80000000 + (info->mod_start << 12) + i, &mfn, &w));
		ck_assert_uint_eq(*list, mfn);
	}
	check_memory(0xffffffff80000000 + (info->mod_start << 12), ramdisk_data,
		     sizeof(ramdisk_data), true);
	plan.p2m_base = 0x8000000000;
	ck_assert_msg(!build(plan), "%s", fault.text);
	c = (void *)dom()->context;
	info = guest(c->regs.rsi);
	ck_assert_uint_ge(info->mod_start, info->first_p2m_pfn + info->nr_p2m_frames);
}
END_TEST

START_TEST(test_kernel_at_zero)
{
	struct elf_plan plan = plan32();

	plan.virt_base = 0;
	ck_assert_msg(!build(plan), "%s", fault.text);
	check_memory(0x100000, made.data + 4096, 12288, true);
}
END_TEST

START_TEST(test_applies_scheduling)
{
	config.cpus[0] = 2;
	config.cpus_soft[0] = 3;
	config.weight = 512;
	config.cap = 50;
	ck_assert_msg(!build(plan32()), "%s", fault.text);
	ck_assert_uint_eq(dom()->affinity, 2);
	ck_assert_uint_eq(dom()->soft_affinity, 3);
	ck_assert_uint_eq(dom()->weight, 512);
	ck_assert_uint_eq(dom()->cap, 50);
}
END_TEST

static struct cpuid_rule rule(uint32_t leaf, uint32_t subleaf, uint32_t eax_mask, uint32_t eax,
			      uint32_t ebx_mask, uint32_t ebx)
{
	return (struct cpuid_rule){ leaf, subleaf, { eax_mask, ebx_mask }, { eax, ebx } };
}

START_TEST(test_changes_cpuid)
{
	ck_assert_msg(!build(plan32()), "%s", fault.text);
	ck_assert_uint_eq(dom()->set_leaves, 0);
	config.cpuid[config.nr_cpuid++] = rule(7, 0, 0, 0, 0xff00000f, 0xab000005);
	config.cpuid[config.nr_cpuid++] = rule(1, CPUID_NO_SUBLEAF, 0xf00, 0x500, 0, 0);
	config.cpuid[1].mask[3] = 0x00010100;
	config.cpuid[1].value[3] = 0x00010000;
	ck_assert_msg(!build(plan64()), "%s", fault.text);
	ck_assert_uint_eq(dom()->set_leaves, 2);
	ck_assert_uint_eq(dom()->leaves[0].a, 0xd);
	ck_assert_uint_eq(dom()->leaves[1].a, 0x9050a);
	ck_assert_uint_eq(dom()->leaves[1].c, 0xffff0000);
	ck_assert_uint_eq(dom()->leaves[1].d, 0xff01fe00);
	ck_assert_uint_eq(dom()->leaves[2].b, 0xab345675);
}
END_TEST

static int build_packed(bool damage)
{
	char path[] = "/tmp/paravane-test-kernel-XXXXXX", command[100];
	struct elf_plan plan = plan32();
	int fd = mkstemp(path), rc;
	uint8_t *packed;
	size_t len;
	FILE *f;

	free(made.data);
	made = make_elf(&plan);
	ck_assert_int_eq(write(fd, made.data, made.len), made.len);
	close(fd);
	snprintf(command, sizeof(command), "gzip -c %s", path);
	f = popen(command, "r");
	packed = malloc(made.len + 1000);
	len = fread(packed, 1, made.len + 1000, f);
	ck_assert_int_eq(pclose(f), 0);
	unlink(path);
	if (damage)
		packed[len / 2] ^= 0xff;
	rc = build_with(packed, len, 0);
	free(packed);
	return rc;
}

START_TEST(test_packed_kernel)
{
	ck_assert_msg(!build_packed(false), "%s", fault.text);
	check_memory(0xc0100000, made.data + 4096, 12288, true);
	fake_reset();
	ck_assert_int_lt(build_packed(true), 0);
	ck_assert_msg(strstr(fault.text, "gzip"), "%s", fault.text);
	check_nothing_left();
}
END_TEST

#define refused(plan, words)                                                                       \
	do {                                                                                       \
		ck_assert_int_lt(build(plan), 0);                                                  \
		ck_assert_msg(strstr(fault.text, words), "%s", fault.text);                        \
		check_nothing_left();                                                              \
	} while (0)

START_TEST(test_refuses)
{
	struct elf_plan plan = plan32();

	config.target_kb = 1024;
	refused(plan, "more than memory=1 MiB");
	config.target_kb = 1080;
	refused(plan, "kernel, ramdisk, tables (");
	config.target_kb = config.max_kb = (FAKE_FRAMES / 256 + 16) << 10;
	refused(plan, "not enough free memory: 208 MiB wanted, 191 MiB free");
	config.target_kb = config.max_kb = 8 << 10;
	fake_set_capabilities("xen-3.0-x86_64 ");
	refused(plan, "no 32-bit PV kernels");
	fake_set_capabilities("xen-3.0-x86_32p ");
	refused(plan64(), "no 64-bit PV kernels");
	fake_set_capabilities("xen-3.0-x86_64 xen-3.0-x86_32p ");
	plan.paddr = 0x30000000;
	refused(plan, "more than memory");
	plan = plan32();
	plan.virt_base = 0xf5700000;
	config.target_kb = config.max_kb = 16 << 10;
	refused(plan, "address space");
	plan = plan64();
	plan.virt_base = 0xffff7fffffc00000;
	refused(plan, "virtual base is not canonical");
	plan.virt_base = 0xffff800000000000;
	refused(plan, "hypervisor's addresses");
	plan.virt_base = 0xfffffffffffd0000;
	plan.paddr = 0;
	refused(plan, "hypervisor's addresses");
	plan = plan64();
	plan.p2m_base = 0xffff800000000000;
	refused(plan, "INIT_P2M region overlaps");
	plan.p2m_base = 0xffffffff80000000;
	refused(plan, "INIT_P2M region overlaps");
	config.nr_cpuid = 1;
	config.cpuid[0] = rule(9, CPUID_NO_SUBLEAF, 0, 0, 0, 0);
	refused(plan32(), "cpuid: the hypervisor refuses leaf 0x9: ");
	config.cpuid[0] = rule(7, 3, 0, 0, 0, 0);
	refused(plan32(), "cpuid: the hypervisor refuses leaf 0x7, subleaf 0x3: ");
}
END_TEST

/* Each call to the hypervisor fails once; whatever it was, nothing stays behind. */
static void fail_everywhere(struct elf_plan plan, int error)
{
	unsigned int n, failures = 0;

	config.cpus[0] = 1;
	config.weight = 100;
	config.cpuid[0] = rule(1, CPUID_NO_SUBLEAF, 1, 1, 0, 0);
	config.nr_cpuid = 1;
	for (n = 1; ; n++) {
		fake_reset();
		fake_fail(n, error);
		if (!build(plan)) {
			/* Calls whose failure does no harm are few: asking for version texts. */
			if (!fake_failed())
				break;
			continue;
		}
		failures++;
		ck_assert_int_lt(fault.code, 0);
		ck_assert(fault.text[0]);
		check_nothing_left();
	}
	ck_assert_uint_ge(failures, 20);
}

START_TEST(test_undoes_every_failure)
{
	struct elf_plan apart = plan64();

	apart.p2m_base = 0x8000000000;
	fail_everywhere(plan32(), EINVAL);
	fail_everywhere(plan32(), ENOMEM);
	fail_everywhere(apart, EPERM);
	apart.mod_start_pfn = true;
	fail_everywhere(apart, EPERM);
}
END_TEST

#define SAME_SIZE(a, b) ck_assert_uint_eq(sizeof(struct a), sizeof(struct b))
#define SAME(a, fa, b, fb) ck_assert_uint_eq(offsetof(struct a, fa), offsetof(struct b, fb))

#define COMPARE(bits, ip, sp, flags_, si)                                                          \
	do {                                                                                       \
		SAME_SIZE(foreign_start_info##bits, start_info_x86_##bits);                        \
		SAME(foreign_shared##bits, max_pfn, shared_info_x86_##bits, arch.max_pfn);         \
		SAME(foreign_shared##bits, frame_list, shared_info_x86_##bits,                     \
		     arch.pfn_to_mfn_frame_list_list);                                             \
		SAME(foreign_start_info##bits, store_mfn, start_info_x86_##bits, store_mfn);       \
		SAME(foreign_start_info##bits, console.mfn, start_info_x86_##bits,                 \
		     console.domU.mfn);                                                            \
		SAME(foreign_start_info##bits, console.evtchn, start_info_x86_##bits,              \
		     console.domU.evtchn);                                                         \
		SAME(foreign_start_info##bits, pt_base, start_info_x86_##bits, pt_base);           \
		SAME(foreign_start_info##bits, mod_len, start_info_x86_##bits, mod_len);           \
		SAME(foreign_start_info##bits, cmd_line, start_info_x86_##bits, cmd_line);         \
		SAME(foreign_start_info##bits, nr_p2m_frames, start_info_x86_##bits,               \
		     nr_p2m_frames);                                                               \
		SAME_SIZE(foreign_context##bits, vcpu_guest_context_x86_##bits);                   \
		SAME(foreign_context##bits, flags, vcpu_guest_context_x86_##bits, flags);          \
		SAME(foreign_context##bits, regs.ip, vcpu_guest_context_x86_##bits, user_regs.ip); \
		SAME(foreign_context##bits, regs.sp, vcpu_guest_context_x86_##bits, user_regs.sp); \
		SAME(foreign_context##bits, regs.si, vcpu_guest_context_x86_##bits, user_regs.si); \
		SAME(foreign_context##bits, regs.cs, vcpu_guest_context_x86_##bits, user_regs.cs); \
		SAME(foreign_context##bits, regs.gs, vcpu_guest_context_x86_##bits, user_regs.gs); \
		SAME(foreign_context##bits, regs.flags_, vcpu_guest_context_x86_##bits,            \
		     user_regs.flags_);                                                            \
		SAME(foreign_context##bits, kernel_ss, vcpu_guest_context_x86_##bits, kernel_ss);  \
		SAME(foreign_context##bits, ctrlreg, vcpu_guest_context_x86_##bits, ctrlreg);      \
		SAME(foreign_context##bits, vm_assist, vcpu_guest_context_x86_##bits, vm_assist);  \
		ck_assert_uint_eq(sizeof(struct vcpu_info_x86_##bits), SHARED_VCPU_SIZE);          \
		ck_assert_uint_eq(offsetof(struct vcpu_info_x86_##bits, evtchn_upcall_mask),       \
				  SHARED_VCPU_UPCALL_MASK);                                        \
	} while (0)

START_TEST(test_layouts_are_the_interface)
{
	COMPARE(32, eip, esp, eflags, esi);
	COMPARE(64, rip, rsp, rflags, rsi);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("builder");
	TCase *t = tcase_create("builder");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_builds_32);
	tcase_add_test(t, test_keeps_old_kernels_below_4g);
	tcase_add_test(t, test_builds_64);
	tcase_add_test(t, test_builds_64_with_p2m_apart);
	tcase_add_test(t, test_ramdisk_apart);
	tcase_add_test(t, test_kernel_at_zero);
	tcase_add_test(t, test_applies_scheduling);
	tcase_add_test(t, test_changes_cpuid);
	tcase_add_test(t, test_packed_kernel);
	tcase_add_test(t, test_refuses);
	tcase_add_test(t, test_undoes_every_failure);
	tcase_add_test(t, test_layouts_are_the_interface);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
