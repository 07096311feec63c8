/* SPDX-License-Identifier: GPL-2.0-only */
/* Switching the machine off, resetting it, or leaving it halted. */
#include "hypervisor/arch/power.h"

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/smp.h"

#define PM1_SCI_EN	0x0001
#define PM1_SLP_TYPE(t)	((u16)(t) << 10)
#define PM1_SLP_TYPE_MASK	PM1_SLP_TYPE(7)
#define PM1_SLP_EN	0x2000

#define RESET_CONTROL	0xcf9	/* of every PC chip set since the PIIX */
#define KEYBOARD	0x64

bool opt_noreboot;

static u8 *reset_register;	/* when ACPI has it in memory */

void power_set_reset_register(void *reg)
{
	reset_register = reg;
}

static void __noreturn halt(void)
{
	for (;;)
		asm volatile("cli; hlt");
}

/* Firmware hands the power registers over when it is asked to. */
static void enable_acpi(void)
{
	if (inw(acpi.pm1a_control) & PM1_SCI_EN || !acpi.smi_command || !acpi.acpi_enable)
		return;
	outb(acpi.smi_command, acpi.acpi_enable);
	for (unsigned tries = 0; tries < 1000; tries++) {
		if (inw(acpi.pm1a_control) & PM1_SCI_EN)
			return;
		delay_us(1000);
	}
}

static void sleep_by(u32 port, u8 type)
{
	if (port)
		outw(port, (inw(port) & ~(PM1_SLP_TYPE_MASK | PM1_SLP_EN)) | PM1_SLP_TYPE(type) |
			   PM1_SLP_EN);
}

void machine_poweroff(void)
{
	irq_disable();
	smp_stop_others();
	if (acpi.has_s5 && acpi.pm1a_control) {
		enable_acpi();
		sleep_by(acpi.pm1a_control, acpi.s5_type_a);
		sleep_by(acpi.pm1b_control, acpi.s5_type_b);
		delay_us(1000000);
	}
	log_err("this machine cannot be switched off by ACPI: it may be switched off now");
	halt();
}

static void reset_by_acpi(void)
{
	if (reset_register)
		WRITE_ONCE(*reset_register, acpi.reset_value);
	else if (acpi.reset.address && acpi.reset.space == 1)
		outb(acpi.reset.address, acpi.reset_value);
	else
		return;
	delay_us(100000);
}

static void reset_by_triple_fault(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __packed no_idt = { 0, 0 };

	asm volatile("lidt %0; int3" : : "m"(no_idt));
}

/* From the most polite way to the one that cannot fail. */
void machine_reboot(void)
{
	irq_disable();
	smp_stop_others();
	reset_by_acpi();
	outb(RESET_CONTROL, 0x02);
	outb(RESET_CONTROL, 0x06);
	delay_us(100000);
	outb(KEYBOARD, 0xfe);
	delay_us(100000);
	reset_by_triple_fault();
	halt();
}

void machine_give_up(void)
{
	irq_disable();
	if (opt_noreboot) {
		hv_print("(PV) Halted: noreboot.\n");
		halt();
	}
	hv_print("(PV) Reboot in five seconds...\n");
	delay_us(5000000);
	machine_reboot();
}
