/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps and allocates what the drivers of arch/ work on. */
#include "hypervisor/boot/devices.h"

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/console.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/map.h"

static void *must_map(paddr_t at, u64 size, const char *what)
{
	void *mapped = map_device(at, size, MAP_UNCACHED);

	if (!mapped)
		panic("cannot map the %s at %#lx", what, at);
	return mapped;
}

static void init_console(bool has_text_screen)
{
	u32 size = console_ring_wanted();
	char *ring = size ? kalloc(size) : NULL;

	if (has_text_screen)
		console_add_screen(must_map(VGA_MEMORY, VGA_BYTES, "screen"));
	if (ring)
		console_set_ring(ring, size);
	else if (size)
		log_warn("conring_size: no memory for %u bytes", size);
}

static void init_interrupts(void)
{
	u64 lapic = acpi.lapic_address ?: XAPIC_DEFAULT_ADDRESS;

	apic_init(cpu_has.x2apic ? NULL : must_map(lapic, PAGE_SIZE, "local APIC"));
	for (u32 i = 0; i < acpi.nr_ioapics; i++)
		ioapic_add(must_map(acpi.ioapics[i].address, PAGE_SIZE, "I/O APIC"),
			   acpi.ioapics[i].gsi_base);
	log_debug("I/O APICs: %u with %u inputs", acpi.nr_ioapics, ioapic_gsis());
}

void devices_init(bool has_text_screen)
{
	init_console(has_text_screen);
	init_interrupts();
	if (acpi.reset.address && acpi.reset.space == 0)
		power_set_reset_register(must_map(acpi.reset.address, 1, "reset register"));
}
