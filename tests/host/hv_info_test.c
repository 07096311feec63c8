/* SPDX-License-Identifier: GPL-2.0-only */
/* xen_version, console_io, physdev_op, hvm_op and xenpmu_op, in both widths. */
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "hypervisor/arch/console.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/hypercall/console_io.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/version.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "pvabi/compat/physdev.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_control.h"

static struct domain *control, *guest;
char machine_cmdline[CMDLINE_MAX] = "console=com1 secret";

/* What the linker gives the hypervisor. */
const struct {
	u32 name_size, id_size, type;
	char name[4];
	u8 id[20];
} build_id_note = { 4, 20, 3, "GNU", { 0xb1, 0x1d } };

static char raw[4096];
static size_t raw_len;

void console_write_unkept(const char *text, size_t len)
{
	memcpy(raw + raw_len, text, len);
	raw_len += len;
}

static void setup_width(bool is_pv32)
{
	fake_reset();
	control = fake_domain(0, true, is_pv32, ~0u);
	guest = fake_domain(1, false, is_pv32, 64);
	memset(guest->handle, 0x5c, sizeof(guest->handle));
	fake_run(guest);
	raw_len = 0;
	fake_log_reset();
}

static void each_width(void (*test)(void))
{
	setup_width(false);
	test();
	setup_width(true);
	test();
	fake_reset();
}

static u64 arg(void)
{
	return (u64)fake_guest;
}

static long version(u32 cmd)
{
	memset(fake_guest, 0xdd, 2048);
	return do_xen_version(cmd, arg());
}

/* The text, zeros to the end of its room, and nothing behind. */
static void expect_text(const char *text, size_t room)
{
	ck_assert_str_eq(fake_guest, text);
	for (size_t i = strlen(text); i < room; i++)
		ck_assert_uint_eq((u8)fake_guest[i], 0);
	ck_assert_uint_eq((u8)fake_guest[room], 0xdd);
}

static void check_version(void)
{
	struct xen_compile_info *compile = (void *)fake_guest;

	ck_assert_int_eq(version(XENVER_version), 4 << 16 | 17);
	ck_assert_int_eq(version(XENVER_extraversion), 0);
	expect_text(".0-paravane", 16);
	ck_assert_int_eq(version(XENVER_capabilities), 0);
	expect_text("xen-3.0-x86_64 xen-3.0-x86_32p ", 1024);
	ck_assert_int_eq(version(XENVER_changeset), 0);
	expect_text(BUILD_CHANGESET, 64);
	ck_assert_int_eq(version(XENVER_compile_info), 0);
#ifdef __clang__
	ck_assert_ptr_nonnull(strstr(compile->compiler, "lang"));	/* or "Clang" */
#else
	ck_assert_ptr_nonnull(strstr(compile->compiler, "gcc"));
#endif
	ck_assert_str_eq(compile->compile_by, "paravane");
	ck_assert_str_eq(compile->compile_domain, "localdomain");
	ck_assert_str_eq(compile->compile_date, BUILD_DATE);
	ck_assert_uint_eq((u8)fake_guest[sizeof(*compile)], 0xdd);
	ck_assert_int_eq(version(XENVER_guest_handle), 0);
	ck_assert_uint_eq((u8)fake_guest[15], 0x5c);
	ck_assert_uint_eq((u8)fake_guest[16], 0xdd);
	ck_assert_int_eq(do_xen_version(XENVER_pagesize, 0), 4096);
	ck_assert_int_eq(version(XENVER_pagesize), -EINVAL);
	ck_assert_int_eq(version(11), -ENOSYS);
	ck_assert_int_eq(version(~0u), -ENOSYS);
	ck_assert_int_eq(do_xen_version(XENVER_extraversion, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(do_xen_version(XENVER_capabilities, arg() + FAKE_GUEST_SIZE - 100),
			 -EFAULT);
}

START_TEST(tells_the_version)
{
	each_width(check_version);
}
END_TEST

static void check_secrets(void)
{
	ck_assert_int_eq(version(XENVER_commandline), 0);
	ck_assert_str_eq(fake_guest, "<denied>");
	ck_assert_int_eq(version(XENVER_build_id), -EPERM);
	fake_run(control);
	ck_assert_int_eq(version(XENVER_commandline), 0);
	expect_text("console=com1 secret", 1024);
	ck_assert_int_eq(do_xen_version(XENVER_build_id, 0), 20);
	ck_assert_int_eq(version(XENVER_build_id), 20);
	ck_assert_mem_eq(fake_guest + 4, build_id_note.id, 20);
	ck_assert_uint_eq((u8)fake_guest[24], 0xdd);
	*(u32 *)fake_guest = 19;
	ck_assert_int_eq(do_xen_version(XENVER_build_id, arg()), -ENOBUFS);
	*(u32 *)fake_guest = 0;
	ck_assert_int_eq(do_xen_version(XENVER_build_id, arg()), -EINVAL);
	ck_assert_int_eq(do_xen_version(XENVER_build_id, FAKE_BAD_ADDR), -EFAULT);
}

START_TEST(keeps_secrets)
{
	each_width(check_secrets);
}
END_TEST

static u32 features(u32 index)
{
	struct xen_feature_info *info = (void *)fake_guest;

	info->submap_idx = index;
	ck_assert_int_eq(do_xen_version(XENVER_get_features, arg()), 0);
	return info->submap;
}

static void check_features(void)
{
	u32 every = 1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_highmem_assist |
		    1u << XENFEAT_gnttab_map_avail_bits | 1u << XENFEAT_memory_op_vnode_supported |
		    1u << XENFEAT_not_direct_mapped;

	ck_assert_uint_eq(features(0), every);
	guest->vm_assist = 1u << VMASST_TYPE_pae_extended_cr3;
	ck_assert_uint_eq(features(0), every | 1u << XENFEAT_pae_pgdir_above_4gb);
	fake_run(control);
	ck_assert_uint_eq(features(0), every | 1u << XENFEAT_dom0);
	*(u32 *)fake_guest = 1;
	ck_assert_int_eq(do_xen_version(XENVER_get_features, arg()), -EINVAL);
}

START_TEST(tells_features)
{
	each_width(check_features);
}
END_TEST

START_TEST(tells_where_it_is)
{
	setup_width(false);
	ck_assert_int_eq(version(XENVER_platform_parameters), 0);
	ck_assert_uint_eq(*(u64 *)fake_guest, 0xffff800000000000);
	setup_width(true);
	ck_assert_int_eq(version(XENVER_platform_parameters), 0);
	ck_assert_uint_eq(*(u32 *)fake_guest, 0xf5800000);
	ck_assert_uint_eq((u8)fake_guest[4], 0xdd);
	fake_reset();
}
END_TEST

/* --- console --------------------------------------------------------------------------------- */

static long say(const char *text)
{
	memcpy(fake_guest, text, strlen(text));
	return do_console_io(CONSOLEIO_write, strlen(text), arg());
}

static void check_guest_lines(void)
{
	char big[450];

	ck_assert_int_eq(say("half a "), 0);
	ck_assert_uint_eq(fake_log_lines, 0);
	ck_assert_int_eq(say("line\nsecond\033[2J\x7f one\r\nthird"), 0);
	ck_assert_uint_eq(fake_log_lines, 2);
	ck_assert_str_eq(fake_log_last, "second[2J one");
	ck_assert_int_eq(say("\n"), 0);
	ck_assert_str_eq(fake_log_last, "third");
	/* Without an end of line it is put out when the buffer is full. */
	memset(big, 'x', sizeof(big));
	big[449] = '\0';
	ck_assert_int_eq(say(big), 0);
	ck_assert_uint_eq(fake_log_lines, 5);
	ck_assert_uint_eq(strlen(fake_log_last), 199);
	ck_assert_uint_eq(raw_len, 0);
	ck_assert_int_eq(do_console_io(CONSOLEIO_read, 1, arg()), -EPERM);
	ck_assert_int_eq(do_console_io(7, 1, arg()), -EPERM);
	ck_assert_int_eq(do_console_io(CONSOLEIO_write, 5, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(do_console_io(CONSOLEIO_write, 0, FAKE_BAD_ADDR), 0);
}

START_TEST(logs_what_guests_say)
{
	each_width(check_guest_lines);
}
END_TEST

static void check_control_console(void)
{
	fake_run(control);
	ck_assert_int_eq(say("\033[1mas it is\n"), 0);
	ck_assert_uint_eq(raw_len, 13);
	ck_assert_mem_eq(raw, "\033[1mas it is\n", 13);
	ck_assert_uint_eq(fake_log_lines, 0);
	/* Long texts go in pieces, between which others run. */
	memset(fake_guest, 'y', 1000);
	raw_len = 0;
	fake_preempt_after(1);
	ck_assert_int_eq(do_console_io(CONSOLEIO_write, 1000, arg()), FAKE_CONTINUED);
	ck_assert_uint_eq(fake_args[1] + raw_len, 1000);
	ck_assert_int_eq(do_console_io(fake_args[0], fake_args[1], fake_args[2]), 0);
	ck_assert_uint_eq(raw_len, 1000);
	ck_assert_int_eq(do_console_io(7, 1, arg()), -ENOSYS);
}

START_TEST(control_domain_writes_as_it_likes)
{
	each_width(check_control_console);
}
END_TEST

static void check_input(void)
{
	unsigned taken = 0;

	fake_run(control);
	ck_assert_int_eq(do_console_io(CONSOLEIO_read, 10, arg()), 0);
	for (const char *c = "typed text"; *c; c++)
		ck_assert(console_input_put(*c));
	ck_assert_int_eq(do_console_io(CONSOLEIO_read, 5, arg()), 5);
	ck_assert_int_eq(do_console_io(CONSOLEIO_read, 100, arg() + 5), 5);
	ck_assert_mem_eq(fake_guest, "typed text", 10);
	ck_assert_int_eq(do_console_io(CONSOLEIO_read, 0x80000000, arg()), -E2BIG);
	while (console_input_put('z'))
		taken++;
	ck_assert_uint_eq(taken, 1024);
	ck_assert_int_eq(do_console_io(CONSOLEIO_read, 4096, arg()), 1024);
}

START_TEST(control_domain_reads_what_is_typed)
{
	each_width(check_input);
}
END_TEST

/* --- devices and calls for others ------------------------------------------------------------ */

static void check_io_privilege(void)
{
	struct vcpu *v = guest->vcpu[0];
	bool narrow = guest->is_pv32;

	*(u32 *)fake_guest = 3;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_set_iopl, arg()), 0);
	ck_assert_uint_eq(v->iopl, 3);
	*(u32 *)fake_guest = 4;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_set_iopl, arg()), -EINVAL);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_set_iopl, FAKE_BAD_ADDR), -EFAULT);
	if (narrow)
		*(struct compat_physdev_set_iobitmap *)fake_guest =
			(struct compat_physdev_set_iobitmap){ { (u32)arg() + 64 }, 1024 };
	else
		*(struct physdev_set_iobitmap *)fake_guest =
			(struct physdev_set_iobitmap){ { (u8 *)fake_guest + 64 }, 1024 };
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_set_iobitmap, arg()), 0);
	ck_assert_uint_eq(v->iobitmap_guest, arg() + 64);
	ck_assert_uint_eq(v->iobitmap_limit, 1024);
	((u32 *)fake_guest)[narrow ? 1 : 2] = 65537;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_set_iobitmap, arg()), -EINVAL);
	/* The old form carries the command in front of the same argument. */
	*(u32 *)fake_guest = PHYSDEVOP_set_iopl;
	((u32 *)fake_guest)[narrow ? 1 : 2] = 1;
	ck_assert_int_eq(do_physdev_op_compat(arg()), 0);
	ck_assert_uint_eq(v->iopl, 1);
	*(u32 *)fake_guest = PHYSDEVOP_eoi;
	ck_assert_int_eq(do_physdev_op_compat(arg()), -ENOSYS);
	*(u32 *)fake_guest = PHYSDEVOP_IRQ_UNMASK_NOTIFY;
	ck_assert_int_eq(do_physdev_op_compat(arg()), 0);
}

START_TEST(sets_io_privilege)
{
	each_width(check_io_privilege);
}
END_TEST

/* What the control domain asks of device interrupts, in its own layout; the pirqs are faked. */
static void check_map_pirq(void)
{
	size_t at = offsetof(struct physdev_map_pirq, pirq);
	struct physdev_map_pirq op = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 5,
				       .pirq = -1 };

	fake_run(control);
	if (control->irqs)
		rangeset_remove(control->irqs, 0, ~0u);
	memcpy(fake_guest, &op, sizeof(op));
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, arg()), -EPERM);
	if (!control->irqs)
		control->irqs = rangeset_new(malloc, free);
	ck_assert_int_eq(rangeset_add(control->irqs, 0, ~0u), 0);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, arg()), 0);
	ck_assert_int_eq(*(int *)(fake_guest + at), 5);
	op.index = 24;
	memcpy(fake_guest, &op, sizeof(op));
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, arg()), -EINVAL);
	op.index = op.type = 7;
	memcpy(fake_guest, &op, sizeof(op));
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, arg()), -EINVAL);
	op = (struct physdev_map_pirq){ .domid = 77, .type = MAP_PIRQ_TYPE_GSI, .pirq = -1 };
	memcpy(fake_guest, &op, sizeof(op));
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, arg()), -ESRCH);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, FAKE_BAD_ADDR), -EFAULT);
}

static void check_lines(void)
{
	struct physdev_setup_gsi gsi = { 10, 1, 1 };
	u32 *word = (u32 *)fake_guest;

	fake_run(control);
	memcpy(fake_guest, &gsi, sizeof(gsi));
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_setup_gsi, arg()), 0);
	gsi.gsi = -1;
	memcpy(fake_guest, &gsi, sizeof(gsi));
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_setup_gsi, arg()), -EINVAL);
	word[0] = 9;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_alloc_irq_vector, arg()), 0);
	ck_assert_uint_eq(word[1], 9);
	word[0] = MAP_PIRQ_TYPE_GSI;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_get_free_pirq, arg()), 0);
	ck_assert_uint_eq(word[1], 16);
	word[0] = MAP_PIRQ_TYPE_MSI;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_get_free_pirq, arg()), -ENOSPC);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0), 0);
	if (control->is_pv32) {
		*(struct compat_physdev_apic *)fake_guest =
			(struct compat_physdev_apic){ 0xfec00000, 1, 0 };
	} else {
		*(struct physdev_apic *)fake_guest = (struct physdev_apic){ 0xfec00000, 1, 0 };
	}
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_apic_read, arg()), 0);
	ck_assert_uint_eq(word[control->is_pv32 ? 2 : 3], 0x170020);
	/* The entry of GSI 11, level-triggered, and of one that does not exist; another register. */
	word[control->is_pv32 ? 1 : 2] = 0x10 + 2 * 11;
	word[control->is_pv32 ? 2 : 3] = 0x800b;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_apic_write, arg()), 0);
	word[control->is_pv32 ? 1 : 2] = 0x10 + 2 * 24;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_apic_write, arg()), -EINVAL);
	word[control->is_pv32 ? 1 : 2] = 0;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_apic_write, arg()), 0);
	word[0] = 0xfee00000;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_apic_write, arg()), -EINVAL);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_apic_read, arg()), -EINVAL);
	memset(fake_guest, 0, 8);
	*word = 7;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, arg()), 0);
	*word = 8;
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v1, arg()), -EINVAL);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, arg()), -ENODEV);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_pci_device_add, arg()), 0);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_restore_msi, arg()), -ENODEV);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_restore_msi_ext, arg()), -ENODEV);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_dbgp_op, arg()), -ENOSYS);
}

START_TEST(control_domain_maps_interrupts)
{
	each_width(check_map_pirq);
	each_width(check_lines);
}
END_TEST

static void check_refusals(void)
{
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_eoi, arg()), -EINVAL);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_eoi, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_map_pirq, arg()), -EPERM);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_dbgp_op, FAKE_BAD_ADDR), -EPERM);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_restore_msi, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_restore_msi, arg()), -ENODEV);
	ck_assert_int_eq(do_physdev_op(PHYSDEVOP_manage_pci_add, arg()), -EPERM);
	ck_assert_int_eq(do_physdev_op(99, arg()), -ENOSYS);
	ck_assert_int_eq(do_xenpmu_op(0, arg()), -EOPNOTSUPP);
	*(u16 *)fake_guest = DOMID_SELF;
	((u32 *)fake_guest)[1] = 0;
	ck_assert_int_eq(do_hvm_op(0, arg()), -EINVAL);
	ck_assert_int_eq(do_hvm_op(0, FAKE_BAD_ADDR), -EFAULT);
	*(u16 *)fake_guest = 6;
	ck_assert_int_eq(do_hvm_op(1, arg()), -ESRCH);
	ck_assert_int_eq(do_hvm_op(77, arg()), -ENOSYS);
}

START_TEST(refuses_what_is_for_others)
{
	each_width(check_refusals);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hv_info");
	TCase *t = tcase_create("info");

	tcase_add_test(t, tells_the_version);
	tcase_add_test(t, keeps_secrets);
	tcase_add_test(t, tells_features);
	tcase_add_test(t, tells_where_it_is);
	tcase_add_test(t, logs_what_guests_say);
	tcase_add_test(t, control_domain_writes_as_it_likes);
	tcase_add_test(t, control_domain_reads_what_is_typed);
	tcase_add_test(t, sets_io_privilege);
	tcase_add_test(t, control_domain_maps_interrupts);
	tcase_add_test(t, refuses_what_is_for_others);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
