/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of xl.cfg(5) that have no effect here, and why. */
#include <string.h>

#include "tools/cfg/cfg_absent.h"

static const struct {
	bool error; /* the guest would not be what the file asks for */
	const char *reason, *names; /* between blanks */
} absent[] = {
	{ true, "the kernel is loaded directly, use kernel=", " bootloader " },
	{ true, "give the boot loader's own image as kernel=", " firmware " },
	{ true, "there are no NUMA nodes", " vnuma " },
	{ true, "there is no processor trace", " vmtrace_buf_kb " },
	{ true, "there are no driver domains", " driver_domain " },
	{ true, "there is no device pass-through", " passthrough dtdev " },
	{ true, "only for PVH domains", " pvshim " },
	{ true, "only for Arm", " device_tree vuart gic_version tee vpmu " },
	{ false, "there is no boot loader", " bootloader_args " },
	{ false, "there is no security module", " seclabel init_seclabel " },
	{ false, "there are no NUMA nodes", " nodes " },
	{ false, "guests see no host memory map", " e820_host " },
	{ false, "guests see UTC", " localtime rtc_timeoffset " },
	{ false, "memory is taken in one step", " claim_mode " },
	{ false, "domains do not migrate", " nomigrate " },
	{ false, "domains do not suspend", " xend_suspend_evtchn_compat " },
	{ false, "unknown MSRs are always refused", " msr_relaxed " },
	{ false, "there is no PCI pass-through",
	  " pci_msitranslate pci_permissive pci_power_mgmt pci_seize rdm rdm_mem_boundary gfx_passthru " },
	{ false, "only for PVH domains", " pvshim_path pvshim_cmdline pvshim_extra " },
	{ false, "PV domains have no device model",
	  " device_model_version device_model_override device_model_args device_model_args_pv"
	  " device_model_args_hvm device_model_user device_model_stubdomain_override"
	  " device_model_stubdomain_seclabel dm_restrict stubdomain_kernel stubdomain_cmdline"
	  " stubdomain_ramdisk stubdomain_memory " },
	{ false, "only for HVM domains",
	  " acpi acpi_firmware acpi_laptop_slate acpi_s3 acpi_s4 altp2m altp2mhvm apic bios"
	  " bios_path_override boot hap hdtype hpet keymap mca_caps mmio_hole ms_vm_genid nestedhvm"
	  " nographic nx oos opengl pae sdl serial shadow_memory smbios_firmware soundhw spice"
	  " spice_clipboard_sharing spice_image_compression spice_streaming_video spiceagent_mouse"
	  " spicedisable_ticketing spicehost spicepasswd spiceport spicetls_port spiceusbredirection"
	  " spicevdagent stdvga timer_mode usb usbdevice usbversion vendor_device vga videoram"
	  " viridian vkb_device vnc vncdisplay vnclisten vncpasswd vncunused vpt_align"
	  " xen_platform_pci " },
};

const char *cfg_absent(const char *key, bool *error)
{
	size_t i, len = strlen(key);
	const char *at;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		for (at = absent[i].names; (at = strstr(at, key)); at++) {
			if (at[-1] != ' ' || at[len] != ' ')
				continue;
			*error = absent[i].error;
			return absent[i].reason;
		}
	}
	return NULL;
}

/* Off is what everything here is. */
bool cfg_is_off(const struct cfg_value *value)
{
	static const char *const words[] = { "", "none", "disabled", "default" };
	size_t i;

	if (value->type == CFG_NUMBER)
		return !value->number;
	if (value->type == CFG_LIST)
		return !value->items;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(value->string, words[i]))
			return true;
	return false;
}
