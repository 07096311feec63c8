/* SPDX-License-Identifier: GPL-2.0-only */
/* The start of the hypervisor, in order: each step uses only what the steps before it made. */
#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/console.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/smp.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/boot/boot_info.h"
#include "hypervisor/boot/cpus.h"
#include "hypervisor/boot/devices.h"
#include "hypervisor/boot/dom0.h"
#include "hypervisor/boot/memory.h"
#include "hypervisor/boot/multiboot.h"
#include "hypervisor/boot/params.h"
#include "hypervisor/boot/selftest.h"
#include "hypervisor/boot/watchdog.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/version.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/services/time.h"

void boot_main(u32 magic, u32 info) __noreturn;

static struct boot_info boot_info;

#ifdef PARAVANE_DEBUG
static const bool is_debug_build = true;
#else
static const bool is_debug_build = false;
#endif

/* --- what the loader left --------------------------------------------------------------------- */

/* head.S has mapped the first 4 GiB where they are, until memory_init(). */
static const void *read_low(u64 at, u64 len)
{
	return at + len <= GiB(4) ? (const void *)at : NULL;
}

static void read_boot_info(u32 magic, u32 info)
{
	int rc = -1;

	if (magic == MB2_LOADER_MAGIC)
		rc = multiboot2_parse(&boot_info, info, read_low);
	else if (magic == MB1_LOADER_MAGIC)
		rc = multiboot1_parse(&boot_info, info, read_low);
	if (rc)
		panic("the loader left no usable information (magic %#x)", magic);
	str_copy(machine_cmdline, boot_info.cmdline, sizeof(machine_cmdline));
}

static void banner(void)
{
	char brand[49];

	cpu_brand(brand);
	log_info("Paravane %u.%u%s", VERSION_MAJOR, VERSION_MINOR, VERSION_EXTRA);
	log_info("Compiler: " COMPILER "%s", is_debug_build ? ", debug build" : "");
	log_info("Loader: %s, %u modules", boot_info.loader[0] ? boot_info.loader : "?",
		 boot_info.nr_modules);
	log_info("Command line: %s", machine_cmdline);
	log_info("CPU: %s", brand);
	if (boot_info.left_out)
		log_warn("%u modules or memory regions are more than can be used",
			 boot_info.left_out);
}

/* Firmware of the BIOS kind leaves text mode unless the loader says otherwise. */
static bool has_text_screen(void)
{
	const struct boot_framebuffer *fb = &boot_info.framebuffer;

	return fb->present ? fb->type == 2 : !boot_info.is_efi;
}

/* --- guests ----------------------------------------------------------------------------------- */

static void name_current(u32 *domain, u32 *vcpu)
{
	const struct vcpu *v = current;

	*domain = v->domain->id;
	*vcpu = v->id;
}

static void start_first_domain(void)
{
	int rc;

	if (!boot_info.nr_modules)
		panic("no boot module: name a PV kernel as the first one (multiboot2: `module2 "
		      "KERNEL ARGUMENTS`; qemu: `-initrd \"KERNEL ARGUMENTS\"`)");
	log_guests_begin(tsc_khz(), name_current);
	rc = dom0_build(&boot_info);
	if (rc)
		panic("the control domain could not be built: error %d", rc);
	memory_free_modules(&boot_info);
}

void boot_main(u32 magic, u32 info)
{
	percpu_boot_init();
	read_boot_info(magic, info);
	params_parse(boot_info.cmdline);
	console_init();
	banner();
	cpu_detect();
	this_cpu()->cr4 = cpu_setup();
	acpi_init(boot_info.rsdp, boot_info.rsdp_len, read_low);
	memory_init(&boot_info);
	devices_init(has_text_screen());
	cpus_init_boot();
	cpus_start_others();
	if (is_debug_build)
		selftest_run();
	serial_irq_init();
	start_first_domain();
	watchdog_start();
	run_guests();
}
