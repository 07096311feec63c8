/* SPDX-License-Identifier: GPL-2.0-only */
/* xl.cfg(5) files: what is understood, and where and how everything else is reported. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tools/cfg/domain_config.h"

static char reported[4096];
static unsigned int errors, warnings;
static struct domain_config config;

static void put(struct cfg_report *report, bool error, const char *text)
{
	(void)report;
	if (error)
		errors++;
	else
		warnings++;
	strncat(reported, text, sizeof(reported) - strlen(reported) - 2);
	strcat(reported, "\n");
}

static struct cfg_report report = { put };

static int read_cfg(const char *text)
{
	struct cfg cfg = { 0 };
	int rc;

	reported[0] = '\0';
	errors = warnings = 0;
	rc = cfg_parse(&cfg, "f.cfg", text, strlen(text), &report);
	if (!rc)
		rc = domain_config_from_cfg(&config, &cfg, &report);
	cfg_free(&cfg);
	return rc;
}

#define refused(text, words)                                                                       \
	do {                                                                                       \
		ck_assert_int_eq(read_cfg(text), -EINVAL);                                         \
		ck_assert_uint_ge(errors, 1);                                                      \
		ck_assert_msg(strstr(reported, words), "%s", reported);                            \
	} while (0)

#define GOOD "name='a'\nkernel='/k'\n"

START_TEST(test_reads_all_keys)
{
	ck_assert_msg(
		!read_cfg("# a comment\n"
			  "name = \"web-1\"  # another\n"
			  "type='pv'; builder = \"generic\"\r\n"
			  "kernel = '/guests/k'\n"
			  "ramdisk = \"/r\"\n"
			  "root = '/dev/xvda1 ro'\n"
			  "extra = \\\n  'quiet \\x41\\t\\\"'\n"
			  "memory = 0x40\n"
			  "maxmem = 128\n"
			  "vcpus = 2\nmaxvcpus=4\n"
			  "cpus = [ '0-3,^2', \"1\",\n 5, ]\ncpus_soft='node:0,^1'\n"
			  "max_grant_version=1\npool='Pool-0'\n"
			  "cpu_weight = 512\ncap=50\n"
			  "uuid = '01234567-89ab-cdef-0123-456789abcdef'\n"
			  "on_crash = 'preserve'\non_reboot='destroy'\n"
			  "on_poweroff=\"rename-restart\"\n"
			  "on_watchdog='coredump-restart'\non_soft_reset='destroy'\n"
			  "max_event_channels=100\nmax_grant_frames=4\nmax_maptrack_frames=8\n"
			  "disk = []\nvif=[ ]\n"),
		"%s", reported);
	ck_assert_uint_eq(warnings, 0);
	ck_assert_str_eq(config.name, "web-1");
	ck_assert_str_eq(config.cmdline, "root=/dev/xvda1 ro quiet A\t\"");
	ck_assert_uint_eq(config.target_kb, 64 << 10);
	ck_assert_uint_eq(config.max_kb, 128 << 10);
	ck_assert_uint_eq(config.cpus[0], 0xb);
	ck_assert_uint_eq(config.cpus[1], 2);
	ck_assert_uint_eq(config.cpus[2], 0x20);
	ck_assert_uint_eq(config.cpus[3], 0);
	ck_assert_uint_eq(config.cpus_soft[3], ~2ull);
	ck_assert_uint_eq(config.cpus_soft[4], 0);
	ck_assert_uint_eq(config.max_grant_version, 1);
	ck_assert_uint_eq(config.vcpus, 2);
	ck_assert_uint_eq(config.max_vcpus, 4);
	ck_assert_uint_eq(config.weight, 512);
	ck_assert_uint_eq(config.cap, 50);
	ck_assert(config.has_uuid);
	ck_assert_uint_eq(config.uuid[15], 0xef);
	ck_assert_int_eq(config.on[DEATH_CRASH], ACTION_PRESERVE);
	ck_assert_int_eq(config.on[DEATH_REBOOT], ACTION_DESTROY);
	ck_assert_int_eq(config.on[DEATH_POWEROFF], ACTION_RENAME_RESTART);
	ck_assert_int_eq(config.on[DEATH_WATCHDOG], ACTION_COREDUMP_RESTART);
	ck_assert_uint_eq(config.max_grant_frames, 4);
}
END_TEST

START_TEST(test_defaults)
{
	ck_assert_msg(!read_cfg(GOOD), "%s", reported);
	ck_assert_uint_eq(config.target_kb, 32 << 10);
	ck_assert_uint_eq(config.max_kb, 32 << 10);
	ck_assert_uint_eq(config.max_vcpus, 1);
	ck_assert_uint_eq(config.cpus[0], 0);
	ck_assert_int_eq(config.on[DEATH_REBOOT], ACTION_RESTART);
	ck_assert_int_eq(config.on[DEATH_CRASH], ACTION_DESTROY);
}
END_TEST

START_TEST(test_assignments_replace_and_append)
{
	ck_assert_msg(!read_cfg("name='a'\nname='b'\nkernel='/k'\ncmdline='x'\ncmdline += ' y'\n"
				"cpus=['1']\ncpus += ['2']\nvcpus=2\nmemory=1\nmemory=8\n"), "%s", reported);
	ck_assert_str_eq(config.name, "b");
	ck_assert_str_eq(config.cmdline, "x y");
	ck_assert_uint_eq(config.cpus[0], 2);
	ck_assert_uint_eq(config.cpus[1], 4);
	ck_assert_uint_eq(config.target_kb, 8 << 10);
	refused(GOOD "memory=1\nmemory += 2", "f.cfg:4:11: '+='");
	refused(GOOD "cmdline='a'\ncmdline += ['b']", "'+='");
}
END_TEST

START_TEST(test_reports_syntax_with_place)
{
	refused("name = \"a", "f.cfg:1:8: the string does not end on its line");
	refused("name = 'a\n'", "f.cfg:1:8: the string does not end on its line");
	refused("\n\n  = 3", "f.cfg:3:3: expected the name of a setting, found '='");
	refused("name 'a'", "f.cfg:1:6: expected '=', found '''");
	refused("name =",
		"f.cfg:1:7: expected a string, a number or a list, found the end of the file");
	refused("name = 'a' 'b'", "f.cfg:1:12: expected the end of the line, found '''");
	refused("disk = [ 'a' 'b' ]", "f.cfg:1:14: expected ',' or ']', found '''");
	refused("disk = [ 'a',\n", "f.cfg:2:1: expected a string");
	refused("memory = 12x", "f.cfg:1:10: '12x' is not a number");
	refused("memory = 99999999999999999999", "too large");
	refused("memory = 1234567890123456789012345678901234567890", "too long");
	refused("disk=[[[[[[[[[1]]]]]]]]]", "f.cfg:1:14: lists are nested too deeply");
	refused("name='\\xg0'", "two hexadecimal digits");
	refused("name='\\x00'", "not both zero");
	refused("name='\\", "f.cfg:1:8: the string does not end");
	refused("\x01", "found 0x01");
}
END_TEST

START_TEST(test_tsc_mode)
{
	ck_assert_int_eq(read_cfg(GOOD), 0);
	ck_assert_int_eq(config.tsc_mode, TSC_DEFAULT);
	ck_assert_int_eq(read_cfg(GOOD "tsc_mode='always_emulate'\n"), 0);
	ck_assert_int_eq(config.tsc_mode, TSC_ALWAYS_EMULATE);
	ck_assert_int_eq(read_cfg(GOOD "tsc_mode=2\n"), 0);
	ck_assert_int_eq(config.tsc_mode, TSC_NATIVE);
	refused(GOOD "tsc_mode='native_paravirt'\n", "tsc_mode: must be");
	refused(GOOD "tsc_mode=3\n", "tsc_mode: must be");
	refused(GOOD "tsc_mode=[]\n", "tsc_mode: must be");
}
END_TEST

START_TEST(test_warns_of_unknown_keys)
{
	ck_assert_int_eq(read_cfg(GOOD "colour='red'\nnomigrate=1\n"), 0);
	ck_assert_uint_eq(warnings, 2);
	ck_assert_msg(strstr(reported, "f.cfg:3:1: unknown setting \"colour\" is ignored"), "%s",
		      reported);
	ck_assert_msg(strstr(reported, "nomigrate: ignored"), "%s", reported);
	ck_assert_int_eq(read_cfg(GOOD "cmdline='x'\nroot='y'\n"), 0);
	ck_assert_msg(strstr(reported, "root= and extra= are ignored"), "%s", reported);
}
END_TEST

/* Every key of xl.cfg(5) of Xen 4.17 that is not acted on: refused or ignored by name, with the reason. */
START_TEST(test_names_what_is_absent)
{
	static const char *const refused_keys[] = {
		"bootloader", "firmware", "vnuma", "vmtrace_buf_kb", "driver_domain",
		"passthrough", "dtdev", "pvshim", "device_tree", "vuart", "gic_version", "tee",
		"vpmu",
	};
	static const char *const ignored_keys[] = {
		"acpi", "acpi_firmware", "acpi_laptop_slate", "acpi_s3", "acpi_s4", "altp2m",
		"altp2mhvm", "apic", "bios", "bios_path_override", "boot", "bootloader_args",
		"device_model_args", "device_model_args_hvm", "device_model_args_pv",
		"device_model_override", "device_model_stubdomain_override",
		"device_model_stubdomain_seclabel", "device_model_user", "device_model_version",
		"dm_restrict", "e820_host", "gfx_passthru", "hap", "hdtype", "hpet",
		"init_seclabel", "keymap", "localtime", "mca_caps", "mmio_hole", "ms_vm_genid",
		"msr_relaxed", "nestedhvm", "nographic", "nomigrate", "nx", "oos", "opengl",
		"pae", "pci_msitranslate", "pci_permissive", "pci_power_mgmt", "pci_seize",
		"pvshim_cmdline", "pvshim_extra", "pvshim_path", "rdm", "rdm_mem_boundary",
		"rtc_timeoffset", "sdl", "seclabel", "serial", "shadow_memory",
		"smbios_firmware", "soundhw", "spice", "spice_clipboard_sharing",
		"spice_image_compression", "spice_streaming_video", "spiceagent_mouse",
		"spicedisable_ticketing", "spicehost", "spicepasswd", "spiceport",
		"spicetls_port", "spiceusbredirection", "spicevdagent", "stdvga",
		"stubdomain_cmdline", "stubdomain_kernel", "stubdomain_memory",
		"stubdomain_ramdisk", "timer_mode", "usb", "usbdevice", "usbversion",
		"vendor_device", "vga", "videoram", "viridian", "vkb_device", "vnc",
		"vncdisplay", "vnclisten", "vncpasswd", "vncunused", "vpt_align",
		"xen_platform_pci", "xend_suspend_evtchn_compat",
	};
	char text[128], words[64];
	size_t i;

	for (i = 0; i < sizeof(refused_keys) / sizeof(refused_keys[0]); i++) {
		snprintf(text, sizeof(text), GOOD "%s='x'", refused_keys[i]);
		snprintf(words, sizeof(words), "f.cfg:3:1: %s: not supported: ", refused_keys[i]);
		refused(text, words);
	}
	for (i = 0; i < sizeof(ignored_keys) / sizeof(ignored_keys[0]); i++) {
		snprintf(text, sizeof(text), GOOD "%s=1", ignored_keys[i]);
		snprintf(words, sizeof(words), "f.cfg:3:1: %s: ignored: ", ignored_keys[i]);
		ck_assert_msg(!read_cfg(text) && warnings == 1, "%s", reported);
		ck_assert_msg(strstr(reported, words), "%s", reported);
	}
	ck_assert_int_eq(read_cfg(GOOD "hap=1"), 0);
	ck_assert_msg(strstr(reported, "hap: ignored: only for HVM domains"), "%s", reported);
	/* What is switched off is as it shall be. */
	ck_assert_int_eq(read_cfg(GOOD "hap=0\nvnuma=[]\npassthrough='disabled'\nbootloader=''"), 0);
	ck_assert_str_eq(reported, "");
}
END_TEST

/* Those that are acted on are no strangers either: of the wrong kind each is refused by name. */
START_TEST(test_knows_the_others)
{
	static const char *const names[] = {
		"builder", "cap", "channel", "cmdline", "cpu_weight", "cpuid", "cpus", "cpus_soft",
		"disk", "extra", "iomem", "ioports", "irqs", "kernel", "max_event_channels",
		"max_grant_frames", "max_grant_version", "max_maptrack_frames", "maxmem",
		"maxvcpus", "memory", "name", "on_crash", "on_poweroff", "on_reboot",
		"on_soft_reset", "on_watchdog", "p9", "pci", "pool", "pvcalls", "ramdisk",
		"root", "tsc_mode", "type", "usbctrl", "usbdev", "uuid", "vcpus", "vdispl",
		"vfb", "vif", "vkb", "vsnd", "vtpm",
	};
	char text[128], words[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), GOOD "%s=[[1]]", names[i]);
		snprintf(words, sizeof(words), ": %s: ", names[i]);
		refused(text, words);
	}
}
END_TEST

START_TEST(test_checks_values)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{ "kernel='/k'", "name: a domain needs a name" },
		{ "name='a'", "kernel: a PV domain needs a kernel" },
		{ GOOD "name='a b'", "name: only printable" },
		{ GOOD "name='a/b'", "name: only printable" },
		{ GOOD "name='12'", "name: a number is taken" },
		{ GOOD "memory='12'", "f.cfg:3:8: memory: expected a number" },
		{ GOOD "memory=0", "memory: must be between" },
		{ GOOD "memory=-3", "memory: must be between" },
		{ GOOD "memory=8\nmaxmem=4", "maxmem: must be at least memory" },
		{ GOOD "vcpus=0", "vcpus: must be between" },
		{ GOOD "vcpus=33", "vcpus: must be between" },
		{ GOOD "vcpus=4\nmaxvcpus=2", "vcpus: must be between 1 and maxvcpus" },
		{ GOOD "cpu_weight=0", "cpu_weight: must be between" },
		{ GOOD "cap=101", "cap: must be at most 100" },
		{ GOOD "type='hvm'", "type: only \"pv\" runs here" },
		{ GOOD "builder='hvm'", "builder: only" },
		{ GOOD "uuid='xyz'", "uuid: \"xyz\" is not a UUID" },
		{ GOOD "on_crash='explode'", "on_crash: unknown action \"explode\"" },
		{ GOOD "on_soft_reset='soft-reset'", "f.cfg:3:15: on_soft_reset: soft-reset is only for HVM domains" },
		{ GOOD "cpus='0-99'", "cpus: expected CPU numbers" },
		{ GOOD "cpus='a'", "cpus: expected CPU numbers" },
		{ GOOD "cpus='3-1'", "cpus: expected CPU numbers" },
		{ GOOD "cpus=['1',['2']]", "f.cfg:3:11: cpus: expected" },
		{ GOOD "cpus='1,^1'", "cpus: no CPU is left" },
		{ GOOD "cpus='node:1'", "cpus: expected CPU numbers" },
		{ GOOD "cpus=['1', '2']", "f.cfg:3:12: cpus: there are only 1 vCPUs" },
		{ GOOD "cpus_soft=[]\ncpus_soft=['all', 1, 2]\nvcpus=2", "cpus_soft: there are only 2" },
		{ GOOD "pool='other'", "pool: there is only \"Pool-0\"" },
		{ GOOD "max_grant_version=3", "max_grant_version: must be between 1 and 2" },
		{ GOOD "disk=['phy:/dev/x,xvda,w']", "disk: this system has no such devices" },
		{ GOOD "bootloader='pygrub'", "bootloader: not supported: the kernel is loaded" },
		{ GOOD "name=['a']", "name: expected a string" },
	};
	char text[2000];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i].text, bad[i].words);
	strcpy(text, "name='a'\nkernel='");
	memset(text + strlen(text), 'k', 600);
	strcpy(text + 617, "'");
	refused(text, "kernel: longer than 511");
	strcpy(text, GOOD "extra='");
	i = strlen(text);
	memset(text + i, 'e', 1020);
	strcpy(text + i + 1020, "'\nroot='/dev/xvda'");
	refused(text, "together are longer");
	/* Every wrong value is reported, not just the first. */
	ck_assert_int_eq(read_cfg(GOOD "memory='x'\nvcpus=0\n"), -EINVAL);
	ck_assert_uint_eq(errors, 2);
}
END_TEST

START_TEST(test_json_round_trip)
{
	struct domain_config back;
	struct buf text = { 0 };
	struct json_writer w;
	struct json json;
	const char *what;

	ck_assert_int_eq(
		read_cfg("name='a'\nkernel='/k'\nramdisk='/r'\ncmdline='x \"y\"'\nvcpus=2\n"
			 "cpus='1,3'\ncpus_soft=['all',3]\nmemory=16\ncap=10\non_crash='preserve'\n"
			 "uuid='01234567-89ab-cdef-0123-456789abcdef'\n"),
		0);
	json_writer_init(&w, &text);
	domain_config_to_json(&config, &w, NULL);
	ck_assert_int_eq(json_parse(&json, text.data, text.len), 0);
	ck_assert_int_eq(domain_config_from_json(&back, &json, JSON_ROOT, &what), 0);
	ck_assert_mem_eq(&back, &config, sizeof(config));
	json_free(&json);
	buf_free(&text);
}
END_TEST

START_TEST(test_json_is_checked)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{"[]", "name: a domain needs a name"},
		{"{\"c_info\":{\"name\":5}}", "name"},
		{"{\"c_info\":{\"name\":\"a\",\"uuid\":\"q\"}}", "uuid"},
		{"{\"c_info\":{\"name\":\"a\"},\"b_info\":{\"max_vcpus\":4294967297}}",
		 "max_vcpus"},
		{"{\"c_info\":{\"name\":\"a\"},\"b_info\":{\"vcpu_hard_affinity\":3}}",
		 "vcpu_hard_affinity"},
		{"{\"c_info\":{\"name\":\"a\"},\"b_info\":{\"vcpu_hard_affinity\":[[64]]}}",
		 "vcpu_hard_affinity"},
		{"{\"c_info\":{\"name\":\"a\"},\"b_info\":{\"vcpu_soft_affinity\":[1]}}",
		 "vcpu_soft_affinity"},
		{"{\"c_info\":{\"name\":\"a\"},\"on_crash\":\"explode\"}", "on_*"},
		{"{\"c_info\":{\"name\":\"a/b\"}}", "name: only"},
		{"{\"c_info\":{\"name\":\"a\"},\"b_info\":{\"kernel\":\"/k\",\"max_vcpus\":1,"
		 "\"max_memkb\":8192,\"target_memkb\":9000}}",
		 "maxmem"},
	};
	struct domain_config c;
	struct json json;
	const char *what;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(json_parse(&json, bad[i].text, strlen(bad[i].text)), 0);
		ck_assert_int_eq(domain_config_from_json(&c, &json, JSON_ROOT, &what), -EINVAL);
		ck_assert_msg(strstr(what, bad[i].what), "%s", what);
		json_free(&json);
	}
}
END_TEST

START_TEST(test_survives_rubbish)
{
	static const char letters[] = "ab=[]'\"\\,;#\n x0-+";
	unsigned int seed = 5, round;
	char text[64];
	size_t i, len;

	for (round = 0; round < 50000; round++) {
		len = rand_r(&seed) % 63;
		for (i = 0; i < len; i++)
			text[i] = letters[rand_r(&seed) % (sizeof(letters) - 1)];
		text[len] = '\0';
		read_cfg(text);
	}
}
END_TEST

struct device_case {
	const char *text, *words; /* NULL: right, so that only the devices are missing */
};

static void check_devices(const char *list, const struct device_case *c, size_t count)
{
	char text[512], right[80];

	snprintf(right, sizeof(right), "%s: this system has no such devices yet, use []", list);
	for (; count--; c++) {
		snprintf(text, sizeof(text), GOOD "%s=[%s]", list, c->text);
		ck_assert_int_eq(read_cfg(text), -EINVAL);
		ck_assert_uint_eq(errors, 1);
		ck_assert_msg(strstr(reported, c->words ? c->words : right), "%s: %s", text,
			      reported);
		ck_assert_msg(!c->words || !strstr(reported, right), "%s: %s", text, reported);
	}
}

#define check_all(list, cases) check_devices(list, cases, sizeof(cases) / sizeof(cases[0]))

START_TEST(test_right_disks)
{
	static const struct device_case cases[] = {
		{ "'/dev/vg/v,,hda'", NULL },
		{ "'/dev/vg/v,raw,hda,rw'", NULL },
		{ "'format=raw, vdev=hda, access=rw, target=/dev/vg/v'", NULL },
		{ "'raw:/dev/vg/v,hda,w'", NULL },
		{ "'/i.iso,,hdc,cdrom'", NULL },
		{ "'/i.iso,,hdc,,cdrom'", NULL },
		{ "'/i.iso,raw,hdc,devtype=cdrom'", NULL },
		{ "'format=raw, vdev=hdc, access=ro, devtype=cdrom, target=/i.iso'", NULL },
		{ "'raw:/i.iso,hdc:cdrom,ro'", NULL },
		{ "',hdc:cdrom,r'", NULL },
		{ "'vdev=hdc,cdrom'", NULL },
		{ "'phy:/dev/x,xvda,w', 'tap:aio:/y,xvdb,r', 'file:/z,raw,xvdc,w'", NULL },
		{ "'tap2:qcow2:/x,xvda,w', 'tapdisk:vhd:/y,sda,r', 'ioemu:/z,hda,w'", NULL },
		{ "'iscsi:iqn,xvda,w', 'nbd:n,xvdb,w', 'enbd:n,xvdc,w', 'drbd:d,xvdd,w'", NULL },
		{ "'vdev=xvda,target=/a,b=c:d, '", NULL },
		{ "',,xvda,target=/a'", NULL },
		{ "'/a,format=qcow,xvda,r'", NULL },
		{ "'/a,,xvda,,format=qed'", NULL },
		{ "'/a,vhd,xvda,r,backend=dom-1,script=block-x,direct-io-safe,no-discard'", NULL },
		{ "'/a,,xvda,w,discard,untrusted', '/b,,xvdb,w,trusted'", NULL },
		{ "'/a,,xvda,w,backendtype=phy', '/a,qcow2,xvdb,w,backendtype=qdisk'", NULL },
		{ "'/a,,xvda,w,backendtype=standalone,specification=virtio'", NULL },
		{ "'/a,,xvda1', '/a,,xvdz255', '/a,,xvdaa', '/a,,sdp15', '/a,,hdd63'", NULL },
		{ "'/a,,d0p0', '/a,,d536p37', '/a,,51728', '/a,,0xca20'", NULL },
	};

	check_all("disk", cases);
}
END_TEST

START_TEST(test_wrong_disks)
{
	static const struct device_case cases[] = {
		{ "1", "f.cfg:3:7: disk: expected a string" },
		{ "''", "f.cfg:3:8: disk: vdev: missing" },
		{ "'/a'", "vdev: missing" },
		{ "'/a,,vdev='", "vdev: missing" },
		{ "'vdev=xvda'", "target: missing" },
		{ "'vdev=xvda,target='", "target: missing" },
		{ "'/a,,xvda,target=/b'", "f.cfg:3:17: disk: target: given twice" },
		{ "'/a,bochs,xvda'", "f.cfg:3:11: disk: format: \"bochs\" is not one of raw" },
		{ "'/a,,xvda,format=x'", "f.cfg:3:24: disk: format: \"x\"" },
		{ "'/a,raw,xvda,format=raw'", "format: given twice" },
		{ "'qcow2:/a,xvda,w,format=raw'", "format: given twice" },
		{ "'raw:vhd:/a,xvda,w'", "format given twice" },
		{ "'nbd:x,xvda,w,script=y'", "script: given twice" },
		{ "'/a,,xvda,rx'", "access: \"rx\"" },
		{ "'/a,,xvda,w,access=r'", "access: given twice" },
		{ "'/a,,xvda,w,w'", "one parameter too many" },
		{ "'phy:/a,xvda,w,w'", "access: given twice" },
		{ "'/a,,xvda,w,devtype=floppy'", "devtype: \"floppy\"" },
		{ "'/a,,hdc:tape,r'", "devtype: \"tape\"" },
		{ "'/a,,hdc,cdrom,devtype=cdrom'", "devtype: given twice" },
		{ "'/a,,hdc,cdrom=1'", "cdrom: takes no value" },
		{ "'/a,,xvda,w,backend=a/b'", "backend: \"a/b\" is not a domain's name" },
		{ "'/a,,xvda,w,backend=a,backend=b'", "backend: given twice" },
		{ "'/a,,xvda,w,backendtype=nfs'", "backendtype: \"nfs\"" },
		{ "'/a,qcow2,xvda,w,backendtype=phy'", "phy supports only format=raw" },
		{ "'/a,,xvda,w,backendtype=standalone'", "needs specification=virtio" },
		{ "'/a,,xvda,w,specification=kvm'", "specification: \"kvm\"" },
		{ "'/a,,xvda,w,script=\\x01'", "script: " },
		{ "'/a,,xvda,w,direct-io-safe=1'", "direct-io-safe: takes no value" },
		{ "'/a,,xvda,w,discard,no-discard'", "no-discard: given twice" },
		{ "'/a,,xvda,w,trusted,untrusted'", "untrusted: given twice" },
		{ "'/a,,xvda,w,colour=red'", "f.cfg:3:19: disk: unknown parameter \"colour\"" },
		{ "'/a,,xvda,w,colo'", "colo: not supported: there is no COLO" },
		{ "'/a,,xvda,w,colo-port=1'", "colo-port: not supported" },
		{ "'/a,,xvda', '/b,,xvda'", "f.cfg:3:20: disk: vdev: already taken by device 1" },
		{ "'/a,,xvda', '/b,,d0p0'", "vdev: already taken" },
		{ "'/a,,xvda', '/b,,51712'", "vdev: already taken" },
		{ "'/a,,xvd'", "vdev: \"xvd\" is not a virtual device" },
		{ "'/a,,xvdA'", "vdev: " },
		{ "'/a,,xvda0'", "vdev: " },
		{ "'/a,,xvda01'", "vdev: " },
		{ "'/a,,xvda256'", "vdev: " },
		{ "'/a,,xvda1x'", "vdev: " },
		{ "'/a,,xvdzzzzz'", "vdev: " },
		{ "'/a,,sdq'", "vdev: " },
		{ "'/a,,sda16'", "vdev: " },
		{ "'/a,,hde'", "vdev: " },
		{ "'/a,,hda64'", "vdev: " },
		{ "'/a,,d1'", "vdev: " },
		{ "'/a,,d1048576p0'", "vdev: " },
		{ "'/a,,d1p256'", "vdev: " },
		{ "'/a,,12x'", "vdev: " },
		{ "'/a,,99999999999'", "vdev: " },
		{ "'/a,,vda'", "vdev: " },
	};

	check_all("disk", cases);
	refused(GOOD "disk='x'", "disk: expected a list");
}
END_TEST

START_TEST(test_right_vifs)
{
	static const struct device_case cases[] = {
		{ "''", NULL },
		{ "'mac=00:16:3E:74:3d:76,model=rtl8139,bridge=xenbr0'", NULL },
		{ "'mac=00:16:3e:74:34:32', ' gatewaydev=eth0, type=vif'", NULL },
		{ "'netdev=eth0,type=ioemu,vifname=v.1,script=vif-route,backend=net'", NULL },
		{ "'ip=10.0.0.1'", NULL },
		{ "'ip=10.0.0.0/24 2001:db8::1/64 ::1 fe80:: 1:2:3:4:5:6:7:8'", NULL },
		{ "'rate=10Mb/s', 'rate=250KB/s', 'rate=1MB/s@20ms', 'rate=5b/s@7'", NULL },
		{ "'rate=1GB/s@1s', 'rate=1B/s@50us'", NULL },
		{ "'devid=0', 'devid=65535,accel=x', 'mtu=68', 'mtu=9000'", NULL },
		{ "'trusted', 'untrusted', 'trusted=1', 'trusted=0', 'mac='", NULL },
	};

	check_all("vif", cases);
}
END_TEST

START_TEST(test_wrong_vifs)
{
	static const struct device_case cases[] = {
		{ "['a']", "f.cfg:3:6: vif: expected a string" },
		{ "'mac=00:16:3e:74:34'", "f.cfg:3:11: vif: mac: \"00:16:3e:74:34\" is not" },
		{ "'mac=00:16:3e:74:34:3g'", "mac: " },
		{ "'mac=00:16:3e:74:34:321'", "mac: " },
		{ "'mac=01:16:3e:74:34:32'", "mac: " },
		{ "'mac'", "mac: needs a value" },
		{ "'mac=00:16:3e:74:34:32,mac=00:16:3e:74:34:33'", "f.cfg:3:29: vif: mac: given twice" },
		{ "'bridge=a/b'", "bridge: " },
		{ "'bridge=a,bridge=a'", "bridge: given twice" },
		{ "'gatewaydev=a b'", "gatewaydev: " },
		{ "'gatewaydev=a,netdev=b'", "netdev: given twice" },
		{ "'type=pv'", "type: \"pv\" is not one of ioemu, vif" },
		{ "'model=a b'", "model: " },
		{ "'vifname=0123456789abcdef'", "vifname: " },
		{ "'script=\\x01'", "script: " },
		{ "'accel=\\x01'", "accel: " },
		{ "'ip=10.0.0'", "ip: " },
		{ "'ip=10.0.0.256'", "ip: " },
		{ "'ip=10.0.0.1/33'", "ip: " },
		{ "'ip=10.0.0.1 x'", "ip: " },
		{ "'ip=1::2::3'", "ip: " },
		{ "'ip=1:2:3:4:5:6:7'", "ip: " },
		{ "'ip=:1::2'", "ip: " },
		{ "'ip=1:2:3:4:5:6:7:8:9'", "ip: " },
		{ "'ip=12345::'", "ip: " },
		{ "'ip=::1/129'", "ip: " },
		{ "'backend=a b'", "backend: " },
		{ "'rate=10'", "rate: \"10\" is not a rate" },
		{ "'rate=0Mb/s'", "rate: " },
		{ "'rate=10Tb/s'", "rate: " },
		{ "'rate=10Mb'", "rate: " },
		{ "'rate=10M/s'", "rate: " },
		{ "'rate=10Mb/s@'", "rate: " },
		{ "'rate=10Mb/s@0ms'", "rate: " },
		{ "'rate=10Mb/s@1h'", "rate: " },
		{ "'rate=10Mb/s@5000s'", "rate: " },
		{ "'devid=-1'", "devid: " },
		{ "'devid=65536'", "devid: " },
		{ "'devid=1','devid=01'", "devid: already taken by device 1" },
		{ "'mtu=67'", "mtu: " },
		{ "'mtu=65536'", "mtu: " },
		{ "'mtu=1500b'", "mtu: " },
		{ "'trusted=maybe'", "trusted: " },
		{ "'untrusted=1'", "untrusted: takes no value" },
		{ "'trusted,untrusted'", "untrusted: given twice" },
		{ "'speed=1'", "f.cfg:3:7: vif: unknown parameter \"speed\"" },
		{ "'xenbr0'", "unknown parameter \"xenbr0\"" },
		{ "'forwarddev=x'", "forwarddev: not supported" },
	};

	check_all("vif", cases);
}
END_TEST

START_TEST(test_reports_every_wrong_device)
{
	ck_assert_int_eq(read_cfg(GOOD "disk=['/a,,vda',\n'/b,,xvda',\n '/c,x,xvdb']"), -EINVAL);
	ck_assert_uint_eq(errors, 2);
	ck_assert_msg(strstr(reported, "f.cfg:3:12: disk: vdev"), "%s", reported);
	ck_assert_msg(strstr(reported, "f.cfg:5:6: disk: format"), "%s", reported);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("cfg");
	TCase *t = tcase_create("cfg");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_reads_all_keys);
	tcase_add_test(t, test_defaults);
	tcase_add_test(t, test_assignments_replace_and_append);
	tcase_add_test(t, test_reports_syntax_with_place);
	tcase_add_test(t, test_tsc_mode);
	tcase_add_test(t, test_warns_of_unknown_keys);
	tcase_add_test(t, test_names_what_is_absent);
	tcase_add_test(t, test_knows_the_others);
	tcase_add_test(t, test_checks_values);
	tcase_add_test(t, test_json_round_trip);
	tcase_add_test(t, test_json_is_checked);
	tcase_add_test(t, test_survives_rubbish);
	tcase_add_test(t, test_right_disks);
	tcase_add_test(t, test_wrong_disks);
	tcase_add_test(t, test_right_vifs);
	tcase_add_test(t, test_wrong_vifs);
	tcase_add_test(t, test_reports_every_wrong_device);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
