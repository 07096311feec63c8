/* SPDX-License-Identifier: GPL-2.0-only */
/* xl's table of commands, its help, and the way into a command. */
#include <string.h>

#include "tools/xl/xl.h"

static const struct xl_command commands[] = {
	{ "create", xl_create, "Create a domain from config file <filename>",
	  "<ConfigFile> [options] [vars]",
	  "-f FILE, --defconfig=FILE  Use the given configuration file.\n"
	  "-p, --paused               Leave the domain paused after it is created.\n"
	  "-c                         Connect to the console after the domain is created.\n"
	  "-d                         Print the configuration, too.\n"
	  "-n, --dryrun               Dry run - prints the resulting configuration\n"
	  "                           and does not create the domain.\n"
	  "-q, --quiet                Quiet.\n"
	  "-F                         Stay until the domain has ended and will not start again.\n"
	  "-e                         Leave the domain as it is when it has ended, whatever\n"
	  "                           on_poweroff and so on say.\n"
	  "-V, --vncviewer, -A, --vncviewer-autopass, -i, --ignore-global-affinity-masks\n"
	  "                           Accepted; there are no screens and no global masks." },
	{ "config-update", xl_config_update, "Update a running domain's saved configuration, used when "
	  "rebooting the domain", "<Domain> <ConfigFile> [options] [vars]",
	  "-f FILE, --defconfig=FILE  Use the given configuration file.\n"
	  "-d                         Print the configuration, too.\n"
	  "-q                         Accepted.\n"
	  "Name and UUID stay as they are." },
	{ "list", xl_list, "List information about all/some domains", "[options] [Domain]",
	  "-l, --long              Output all VM details\n"
	  "-v, --verbose           Prints out UUIDs and the reason of a shutdown\n"
	  "-Z, --context           Prints security labels, of which there are none\n"
	  "-c, --cpupool           Prints the CPU pool, of which there is one\n"
	  "-n, --numa              Prints NUMA node affinity" },
	{ "vm-list", xl_vm_list, "List guest domains, excluding dom0", "", NULL },
	{ "destroy", xl_destroy, "Terminate a domain immediately", "[-f] <Domain>",
	  "-f                      Accepted; there is nothing to force." },
	{ "shutdown", xl_shutdown, "Issue a shutdown signal to a domain", "[options] <-a|Domain>",
	  "-a, --all               Shutdown all guest domains.\n"
	  "-w, --wait              Wait for guest(s) to shutdown; twice: until they are destroyed.\n"
	  "-F                      Accepted; a guest that ignores the request is not forced." },
	{ "reboot", xl_reboot, "Issue a reboot signal to a domain", "[options] <-a|Domain>",
	  "-a, --all               Reboot all guest domains.\n"
	  "-w, --wait              Wait for guest(s) to reboot; twice: until they are destroyed.\n"
	  "-F                      Accepted; a guest that ignores the request is not forced." },
	{ "pause", xl_pause, "Pause execution of a domain", "<Domain>", NULL },
	{ "unpause", xl_unpause, "Unpause a paused domain", "<Domain>", NULL },
	{ "console", xl_console, "Attach to domain's console", "[options] <Domain>",
	  "-t <type>       console type, pv\n"
	  "-n <number>     console number, 0\n"
	  "Ctrl-] leaves the console." },
	{ "rename", xl_rename, "Rename a domain", "<Domain> <NewDomainName>", NULL },
	{ "domid", xl_domid, "Convert a domain name to domain id", "<DomainName>", NULL },
	{ "domname", xl_domname, "Convert a domain id to domain name", "<DomainId>", NULL },
	{ "info", xl_info, "Get information about Xen host", "[-n] [name]",
	  "-n, --numa         List host NUMA topology information\n"
	  "name               Only the values of the rows that begin so." },
	{ "dmesg", xl_dmesg, "Read and/or clear dmesg buffer", "[-c]",
	  "-c, --clear               Clear dmesg buffer as well as printing it" },
	{ "uptime", xl_uptime, "Print uptime for all/some domains", "[-s] [Domain ...]",
	  "-s                      One line a domain, with the time of day." },
	{ "top", xl_top, "Monitor a host and the domains in real time", "[options]",
	  "-d SECONDS, --delay=SECONDS     Time between two rounds, 3\n"
	  "-i N,       --iterations=N      End after N rounds\n"
	  "-b,         --batch             For a file: one table below the other\n"
	  "q ends it." },
	{ "vcpu-list", xl_vcpu_list, "List the VCPUs for all/some domains", "[Domain, ...]", NULL },
	{ "vcpu-pin", xl_vcpu_pin, "Set which CPUs a VCPU can use",
	  "[option] <Domain> <VCPU|all> <Hard affinity|-|all> [<Soft affinity|-|all>]",
	  "-f, --force             Accepted; no guest overrides its pinning.\n"
	  "Hard: where it may run; soft: where it shall rather; \"-\" leaves one as it is." },
	{ "vcpu-set", xl_vcpu_set, "Set the number of active VCPUs allowed for the domain",
	  "[option] <Domain> <vCPUs>",
	  "-i, --ignore-host       Allow more VCPUs than the machine has CPUs." },
	{ "mem-max", xl_mem_max, "Set the maximum amount reservation for a domain",
	  "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>", NULL },
	{ "mem-set", xl_mem_set, "Set the current memory usage for a domain",
	  "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>", NULL },
	{ "sched-credit", xl_sched_credit, "Get/set credit scheduler parameters",
	  "[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]] [-s [-t TSLICE] [-r RATELIMIT]]",
	  "-d DOMAIN, --domain=DOMAIN     Domain to modify\n"
	  "-w WEIGHT, --weight=WEIGHT     Weight (int)\n"
	  "-c CAP,    --cap=CAP           Cap (int)\n"
	  "-s, --schedparam               Query / modify the parameters of all domains\n"
	  "-t TSLICE, --tslice_ms=TSLICE  Time slice in milliseconds\n"
	  "-r RLIMIT, --ratelimit_us=RLIMIT  The least time a vCPU runs, in microseconds\n"
	  "-m DELAY, --migration_delay_us=DELAY  Refused; vCPUs migrate without a delay\n"
	  "-p POOL,   --cpupool=POOL      Pool-0, the only one" },
	{ "trigger", xl_trigger, "Send a trigger to a domain",
	  "<Domain> <nmi|reset|init|power|sleep> [<VCPU>]", NULL },
	{ "sysrq", xl_sysrq, "Send a sysrq to a domain", "<Domain> <letter>", NULL },
	{ "debug-keys", xl_debug_keys, "Send debug keys to Xen", "<Keys>", NULL },
	{ "dump-core", xl_dump_core, "Core dump a domain", "[-k] <Domain> <filename>",
	  "-k, --kept              The core that on_crash=\"coredump-...\" has kept.\n"
	  "The domain stands still while its memory is read." },
};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

/* Commands of Xen's xl that mean nothing here; a name that ends in '-' stands for all that begin so. */
static const struct {
	const char *name, *reason;
} absent[] = {
	{ "getenforce", "there is no security module (XSM)" },
	{ "setenforce", "there is no security module (XSM)" },
	{ "loadpolicy", "there is no security module (XSM)" },
	{ "save", "domains cannot be saved" },
	{ "restore", "domains cannot be saved" },
	{ "migrate", "domains do not migrate" },
	{ "migrate-receive", "domains do not migrate" },
	{ "remus", "domains do not migrate" },
	{ "block-", "there are no virtual disks yet" },
	{ "network-", "there are no virtual networks yet" },
	{ "network2-", "there are no virtual networks yet" },
	{ "channel-", "there are no channels" },
	{ "pci-", "there is no PCI pass-through" },
	{ "usb", "there are no virtual USB devices" },
	{ "vtpm-", "there is no virtual TPM" },
	{ "vkb-", "there are no virtual keyboards" },
	{ "vdispl-", "there are no virtual displays" },
	{ "vsnd-", "there are no virtual sound cards" },
	{ "p9-", "there are no shared file systems" },
	{ "cd-", "PV domains have no CD drive" },
	{ "vncviewer", "PV domains have no screen here" },
	{ "qemu-monitor-command", "PV domains have no device model" },
	{ "cpupool-", "there is one CPU pool" },
	{ "sched-credit2", "the scheduler is credit" },
	{ "sched-rtds", "the scheduler is credit" },
	{ "psr-", "there is no resource monitoring of processors" },
	{ "dt-overlay", "only for Arm" },
	{ "soft-reset", "a domain asks for it itself" },
	{ "devd", "the control daemon is always there" },
	{ "claims", "a domain's memory is taken in one step" },
	{ "sharing", "domains share no memory by its content" },
	{ "button-press", "PV domains have no buttons" },
	{ "set-parameters", "the hypervisor's are set when it is booted" },
	{ "suspend", "domains cannot be saved" },
	{ "resume", "domains cannot be saved" },
};

static const char *why_absent(const char *name)
{
	size_t i, len;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		len = strlen(absent[i].name);
		if (!strncmp(absent[i].name, name, len) &&
		    (!name[len] || absent[i].name[len - 1] == '-' || !strcmp(absent[i].name, "usb")))
			return absent[i].reason;
	}
	return NULL;
}

/* Of no command. */
static int unknown(struct xl_io *io, const char *name)
{
	const char *reason = why_absent(name);

	if (reason)
		xl_error(io, "%s is not available: %s", name, reason);
	else
		fprintf(io->err, "command not implemented: '%s', try 'xl help'\n", name);
	return XL_FAIL;
}

const struct xl_command *xl_commands(size_t *count)
{
	*count = COUNT;
	return commands;
}

const struct xl_command *xl_find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void help_all(FILE *out)
{
	size_t i;

	fprintf(out, "Usage xl [-vftN] <subcommand> [args]\n\nxl full list of subcommands:\n\n");
	for (i = 0; i < COUNT; i++)
		fprintf(out, " %-19s %s\n", commands[i].name, commands[i].help);
}

static int help(struct xl_io *io, const char *name)
{
	const struct xl_command *c = name ? xl_find_command(name) : NULL;

	if (!name || !strcmp(name, "--long")) {
		help_all(io->out);
		return XL_OK;
	}
	if (!c && why_absent(name))
		return unknown(io, name);
	if (!c) {
		fprintf(io->out, "command \"%s\" not implemented\n", name);
		return XL_OK;
	}
	fprintf(io->out, "Usage: xl [-vftN] %s %s\n\n%s.\n\n", c->name, c->usage, c->help);
	if (c->options)
		fprintf(io->out, "Options:\n\n%s\n", c->options);
	return XL_OK;
}

static bool asks_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return true;
	return false;
}

/* Options before the command, several in one word as for Xen's xl. */
static int take_global(struct xl *xl, const char *word)
{
	const char *c;

	for (c = word + 1; *c; c++) {
		switch (*c) {
		case 'v':
			xl->verbose = true;
			break;
		case 'N':
			xl->dry_run = true;
			break;
		case 't':
			xl->io->show_progress = true;
			break;
		case 'f': /* overrides checks that are not made here */
			break;
		case 'T':
			fprintf(xl->io->err, "xl: option -T: messages carry no times\n");
			return XL_USAGE;
		default:
			fprintf(xl->io->err, "xl: unknown global option %s, try 'xl help'\n", word);
			return XL_FAIL;
		}
	}
	return XL_OK;
}

int xl_main(struct xl_io *io, int argc, char **argv)
{
	struct xl xl = { .io = io, .fd = -1 };
	const struct xl_command *c;
	int rc;

	argc--;
	argv++;
	for (; argc && argv[0][0] == '-'; argc--, argv++) {
		if (!strcmp(argv[0], "-h") || !strcmp(argv[0], "--help")) {
			help_all(io->out);
			return XL_OK;
		}
		rc = take_global(&xl, argv[0]);
		if (rc != XL_OK)
			return rc;
	}
	if (!argc) {
		help_all(io->out);
		return XL_FAIL;
	}
	if (!strcmp(argv[0], "help"))
		return help(io, argc > 1 ? argv[1] : NULL);
	c = xl_find_command(argv[0]);
	if (!c)
		return unknown(io, argv[0]);
	if (asks_help(argc, argv))
		return help(io, argv[0]);
	if (xl.dry_run && c->run != xl_create && c->run != xl_config_update) {
		fprintf(io->err, "xl: option -N: %s has no dry run\n", c->name);
		return XL_USAGE;
	}
	xl.command = c->name;
	rc = c->run(&xl, argc, argv);
	xl_disconnect(&xl);
	fflush(io->out);
	return rc;
}
