/* SPDX-License-Identifier: GPL-2.0-only */
/* xl list, vm-list, domid, domname, uptime: what domains there are. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pvabi/sched.h"
#include "tools/cfg/domain_config.h"
#include "tools/xl/xl.h"

static void state_text(const struct reply *r, int d, char out[7])
{
	/* By the reason of a shutdown. */
	static const char letters[] = {
		[SHUTDOWN_poweroff] = '-', [SHUTDOWN_reboot] = 'r',   [SHUTDOWN_suspend] = 's',
		[SHUTDOWN_crash] = 'c',	   [SHUTDOWN_watchdog] = 'w', [SHUTDOWN_soft_reset] = 'S',
	};
	bool shutdown = reply_bool(r, d, "shutdown");
	uint64_t reason = shutdown ? reply_u64(r, d, "reason") : 0;

	out[0] = reply_bool(r, d, "running") ? 'r' : '-';
	out[1] = reply_bool(r, d, "blocked") ? 'b' : '-';
	out[2] = reply_bool(r, d, "paused") ? 'p' : '-';
	out[3] = shutdown ? 's' : '-';
	out[4] = reason < sizeof(letters) ? letters[reason] : '?';
	out[5] = reply_bool(r, d, "dying") ? 'd' : '-';
	out[6] = '\0';
}

/* What is shown beside the usual. */
struct columns {
	bool verbose, label, pool, nodes;
};

static void print_domain(FILE *out, const struct reply *r, int d, const struct columns *columns)
{
	uint64_t tenths = reply_u64(r, d, "cpu_time") / 100000000;
	char name[DOMAIN_NAME_MAX], uuid[UUID_TEXT_SIZE], state[7], seconds[32];

	reply_text(r, d, "name", name, sizeof(name));
	state_text(r, d, state);
	snprintf(seconds, sizeof(seconds), "%llu.%llu", (unsigned long long)tenths / 10,
		 (unsigned long long)tenths % 10);
	fprintf(out, "%-40s %5u %5llu %5u     %s  %8s", name,
		(unsigned int)reply_u64(r, d, "domid"),
		(unsigned long long)reply_u64(r, d, "memory_kb") / 1024,
		(unsigned int)reply_u64(r, d, "vcpus"), state, seconds);
	if (columns->verbose) {
		reply_text(r, d, "uuid", uuid, sizeof(uuid));
		fprintf(out, " %s", uuid);
		if (reply_bool(r, d, "shutdown"))
			fprintf(out, " %8x", (unsigned int)reply_u64(r, d, "reason"));
		else
			fprintf(out, " %8s", "-");
	}
	/* There are no security labels, one pool, one node. */
	if (columns->verbose || columns->label)
		fprintf(out, " %16s", "-");
	if (columns->pool)
		fprintf(out, "%16s", "Pool-0");
	if (columns->nodes)
		fputs(" all", out);
	fputc('\n', out);
}

static void print_long(FILE *out, const struct reply *r, int d, bool first)
{
	int config = json_get(&r->json, d, "config");

	fprintf(out, "%s    {\n        \"domid\": %u,\n        \"config\": ", first ? "" : ",\n",
		(unsigned int)reply_u64(r, d, "domid"));
	xl_print_json(out, &r->json, config, 2);
	fputs("\n    }", out);
}

static int list_long(struct xl_walk *w, FILE *out)
{
	bool first = true;
	int rc;

	fputs("[\n", out);
	while ((rc = xl_walk_next(w)) > 0) {
		print_long(out, &w->reply, w->at, first);
		first = false;
	}
	fputs("\n]\n", out);
	return rc;
}

static int list_table(struct xl_walk *w, FILE *out, const struct columns *columns)
{
	int rc;

	fputs("Name                                        ID   Mem VCPUs\tState\tTime(s)", out);
	if (columns->verbose)
		fputs("   UUID                            Reason-Code\tSecurity Label", out);
	else if (columns->label)
		fputs("   Security Label", out);
	if (columns->pool)
		fputs("         Cpupool", out);
	if (columns->nodes)
		fputs(" NODE Affinity", out);
	fputc('\n', out);
	while ((rc = xl_walk_next(w)) > 0)
		print_domain(out, &w->reply, w->at, columns);
	return rc;
}

int xl_list(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = {
		{ "long", 'l' }, { "verbose", 'v' }, { "context", 'Z' }, { "cpupool", 'c' },
		{ "numa", 'n' }, { NULL, 0 },
	};
	FILE *out = xl->io->out;
	struct columns columns;
	struct xl_walk w;
	struct opts opts;
	int rc = opts_parse(xl, &opts, argc, argv, "lvZcn", longs, 0);

	if (rc != XL_OK)
		return rc;
	if (opts.count > 1) {
		opts_usage(xl);
		return XL_FAIL;
	}
	columns = (struct columns){ opts_has(&opts, 'v'), opts_has(&opts, 'Z'), opts_has(&opts, 'c'),
				    opts_has(&opts, 'n') };
	rc = xl_walk_begin(&w, xl, opts.count ? opts.args[0] : NULL, opts_has(&opts, 'l'));
	if (!rc && opts_has(&opts, 'l'))
		rc = list_long(&w, out);
	else if (!rc)
		rc = list_table(&w, out, &columns);
	xl_walk_end(&w);
	return rc ? XL_FAIL : XL_OK;
}

static void print_vm(FILE *out, const struct reply *r, int d)
{
	char name[DOMAIN_NAME_MAX], uuid[UUID_TEXT_SIZE];

	reply_text(r, d, "name", name, sizeof(name));
	reply_text(r, d, "uuid", uuid, sizeof(uuid));
	fprintf(out, "%s  %u    %-30s\n", uuid, (unsigned int)reply_u64(r, d, "domid"), name);
}

/* All but the control domain. */
int xl_vm_list(struct xl *xl, int argc, char **argv)
{
	struct xl_walk w;
	struct opts opts;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 0);

	if (rc != XL_OK)
		return rc;
	rc = xl_walk_begin(&w, xl, NULL, false);
	if (!rc) {
		fputs("UUID                                  ID    name\n", xl->io->out);
		while ((rc = xl_walk_next(&w)) > 0)
			if (reply_u64(&w.reply, w.at, "domid"))
				print_vm(xl->io->out, &w.reply, w.at);
	}
	xl_walk_end(&w);
	return rc ? XL_FAIL : XL_OK;
}

/* Goes on to the domain that has this name or, without one, this id. As xl_walk_next(). */
static int find(struct xl_walk *w, const char *name, uint64_t domid)
{
	char text[DOMAIN_NAME_MAX];
	int rc;

	while ((rc = xl_walk_next(w)) > 0) {
		reply_text(&w->reply, w->at, "name", text, sizeof(text));
		if (name ? !strcmp(text, name) : reply_u64(&w->reply, w->at, "domid") == domid)
			break;
	}
	return rc;
}

int xl_domid(struct xl *xl, int argc, char **argv)
{
	struct xl_walk w;
	struct opts opts;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 1);

	if (rc != XL_OK)
		return rc;
	rc = xl_walk_begin(&w, xl, NULL, false);
	if (!rc)
		rc = find(&w, opts.args[0], 0);
	if (rc > 0)
		fprintf(xl->io->out, "%u\n", (unsigned int)reply_u64(&w.reply, w.at, "domid"));
	else if (!rc)
		fprintf(xl->io->err,
			"Can't get domid of domain name '%s', maybe this domain does not exist.\n",
			opts.args[0]);
	xl_walk_end(&w);
	return rc > 0 ? XL_OK : XL_FAIL;
}

int xl_domname(struct xl *xl, int argc, char **argv)
{
	char name[DOMAIN_NAME_MAX];
	struct xl_walk w;
	struct opts opts;
	unsigned long domid;
	char *end;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 1);

	if (rc != XL_OK)
		return rc;
	domid = strtoul(opts.args[0], &end, 10);
	if (!isdigit((unsigned char)opts.args[0][0]) || *end) {
		fprintf(xl->io->err, "Invalid domain id.\n\n");
		return XL_FAIL;
	}
	rc = xl_walk_begin(&w, xl, NULL, false);
	if (!rc)
		rc = find(&w, NULL, domid);
	if (rc > 0) {
		reply_text(&w.reply, w.at, "name", name, sizeof(name));
		fprintf(xl->io->out, "%s\n", name);
	} else if (!rc) {
		fprintf(xl->io->err,
			"Can't get domain name of domain id '%s', maybe this domain does not "
			"exist.\n",
			opts.args[0]);
	}
	xl_walk_end(&w);
	return rc > 0 ? XL_OK : XL_FAIL;
}

static void print_uptime(FILE *out, const struct reply *r, int d, bool brief)
{
	uint64_t s = reply_u64(r, d, "uptime") / 1000000000;
	unsigned int days = s / 86400, len = 0;
	char name[DOMAIN_NAME_MAX], text[48], now[16] = "";
	time_t wall = time(NULL);

	reply_text(r, d, "name", name, sizeof(name));
	if (days)
		len = snprintf(text, sizeof(text), "%u day%s, ", days, days > 1 ? "s" : "");
	len += snprintf(text + len, sizeof(text) - len, "%2u:%02u", (unsigned int)(s / 3600 % 24),
			(unsigned int)(s / 60 % 60));
	if (brief) {
		strftime(now, sizeof(now), "%H:%M:%S", localtime(&wall));
		fprintf(out, " %s up %s, %s (%u)\n", now, text, name,
			(unsigned int)reply_u64(r, d, "domid"));
		return;
	}
	snprintf(text + len, sizeof(text) - len, ":%02u", (unsigned int)(s % 60));
	fprintf(out, "%-33s %4u %s\n", name, (unsigned int)reply_u64(r, d, "domid"), text);
}

/* Of one domain, or with NULL of all, below a header if *@header. */
static int uptime_of(struct xl *xl, const char *domain, bool brief, bool *header)
{
	struct xl_walk w;
	int rc = xl_walk_begin(&w, xl, domain, false);

	if (!rc && *header)
		fprintf(xl->io->out, "%-33s %4s %s\n", "Name", "ID", "Uptime");
	if (!rc) {
		*header = false;
		while ((rc = xl_walk_next(&w)) > 0)
			print_uptime(xl->io->out, &w.reply, w.at, brief);
	}
	xl_walk_end(&w);
	return rc ? XL_FAIL : XL_OK;
}

int xl_uptime(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	int i = 0, rc = opts_parse(xl, &opts, argc, argv, "s", NULL, 0);
	bool brief = opts_has(&opts, 's'), header = !brief;

	if (rc != XL_OK)
		return rc;
	do {
		rc = uptime_of(xl, opts.count ? opts.args[i] : NULL, brief, &header);
	} while (++i < opts.count && rc == XL_OK);
	return rc;
}
