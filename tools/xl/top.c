/* SPDX-License-Identifier: GPL-2.0-only */
/* xl top: the domains and what they use, again and again. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/domain_config.h"
#include "tools/xl/xl.h"

#define DEFAULT_DELAY 3 /* seconds */
/* The terminal's other screen, without a cursor; what was there comes back. */
#define SCREEN_ON  "\033[?1049h\033[?25l\033[2J"
#define SCREEN_OFF "\033[?25h\033[?1049l"
#define MAX_REMEMBERED 256
#define NO_LIMIT_KB    0x3fffffffcull /* the control domain has no maximum of its own */

/* The times of the round before, by domain. */
struct sample {
	uint64_t domid, cpu_time;
};

struct top {
	struct sample samples[MAX_REMEMBERED];
	unsigned int count;
	uint64_t when_ms;
	bool batch; /* for a file: no screen control */
	const char *eol; /* the rest of the line is cleared; a raw terminal wants a carriage return, too */
};

static const struct sample *find(const struct top *top, uint64_t domid)
{
	unsigned int i;

	for (i = 0; i < top->count; i++)
		if (top->samples[i].domid == domid)
			return &top->samples[i];
	return NULL;
}

/* Tenths of a percent of one CPU since the round before; 0 in the first. */
static unsigned int usage(const struct top *top, const struct reply *r, int d, uint64_t now_ms)
{
	const struct sample *old = find(top, reply_u64(r, d, "domid"));
	uint64_t ns = reply_u64(r, d, "cpu_time");

	if (!old || ns < old->cpu_time || now_ms <= top->when_ms)
		return 0;
	return (ns - old->cpu_time) / 1000 / (now_ms - top->when_ms);
}

static void remember(struct top *top, const struct reply *r, uint64_t now_ms)
{
	int i;

	top->count = 0;
	for (i = 0; i < json_size(&r->json, r->ok) && top->count < MAX_REMEMBERED; i++) {
		int d = json_at(&r->json, r->ok, i);

		top->samples[top->count++] = (struct sample){
			reply_u64(r, d, "domid"), reply_u64(r, d, "cpu_time") };
	}
	top->when_ms = now_ms;
}

static const char *state_name(const struct reply *r, int d)
{
	if (reply_bool(r, d, "dying"))
		return "d-----";
	if (reply_bool(r, d, "shutdown"))
		return "-s----";
	if (reply_bool(r, d, "paused"))
		return "----p-";
	return reply_bool(r, d, "blocked") ? "--b---" : "-----r";
}

static void print_domain(FILE *out, const struct top *top, const struct reply *r, int d,
			 uint64_t now_ms)
{
	unsigned int tenths = usage(top, r, d, now_ms);
	uint64_t max_kb = reply_u64(r, d, "max_kb");
	char name[DOMAIN_NAME_MAX], max[24] = "no limit";

	if (max_kb < NO_LIMIT_KB)
		snprintf(max, sizeof(max), "%llu", (unsigned long long)max_kb);
	reply_text(r, d, "name", name, sizeof(name));
	fprintf(out, "%10.10s %s %10llu %4u.%u %10llu %10s %5u%s", name, state_name(r, d),
		(unsigned long long)(reply_u64(r, d, "cpu_time") / 1000000000), tenths / 10,
		tenths % 10, (unsigned long long)reply_u64(r, d, "memory_kb"), max,
		(unsigned int)reply_u64(r, d, "vcpus"), top->eol);
}

static int show(struct xl *xl, struct top *top)
{
	uint64_t now_ms = xl->io->now_ms(xl->io);
	FILE *out = xl->io->out;
	struct reply reply;
	int i;

	if (xl_list_domains(xl, NULL, false, &reply))
		return XL_FAIL;
	if (!top->batch)
		fputs("\033[H", out);
	fprintf(out, "xl top - %d domains; q ends%s%10s %6s %10s %6s %10s %10s %5s%s",
		json_size(&reply.json, reply.ok), top->eol, "NAME", "STATE", "CPU(sec)", "CPU(%)",
		"MEM(k)", "MAXMEM(k)", "VCPUS", top->eol);
	for (i = 0; i < json_size(&reply.json, reply.ok); i++)
		print_domain(out, top, &reply, json_at(&reply.json, reply.ok, i), now_ms);
	if (!top->batch)
		fputs("\033[J", out);
	fflush(out);
	remember(top, &reply, now_ms);
	reply_free(&reply);
	return XL_OK;
}

/* Until the next round. False: a key ended it. */
static bool wait_round(struct xl *xl, unsigned int seconds)
{
	uint64_t end = xl->io->now_ms(xl->io) + seconds * 1000ull, now;
	char keys[16];
	int n;

	while ((now = xl->io->now_ms(xl->io)) < end) {
		xl->io->wait(xl->io, -1, false, true, (int)(end - now));
		n = xl->io->read_keys(xl->io, keys, sizeof(keys));
		if (n > 0 && (memchr(keys, 'q', n) || memchr(keys, XL_INTERRUPT, n)))
			return false;
	}
	return true;
}

/* A number above zero; 0 when it is none. */
static unsigned int positive(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return isdigit((unsigned char)*text) && !*end && n <= 1000000 ? n : 0;
}

int xl_top(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = {
		{ "delay", 'd' }, { "iterations", 'i' }, { "batch", 'b' }, { NULL, 0 },
	};
	unsigned int delay = DEFAULT_DELAY, rounds = 0, round;
	struct opts opts;
	struct top *top;
	int rc = opts_parse(xl, &opts, argc, argv, "d:i:b", longs, 0);

	if (rc != XL_OK)
		return rc;
	if (opts_has(&opts, 'd'))
		delay = positive(opts_value(&opts, 'd'));
	if (opts_has(&opts, 'i'))
		rounds = positive(opts_value(&opts, 'i'));
	if (!delay || (opts_has(&opts, 'i') && !rounds)) {
		fprintf(xl->io->err, "xl: error: -d and -i want a number above zero\n");
		return XL_USAGE;
	}
	top = calloc(1, sizeof(*top));
	if (!top)
		return XL_FAIL;
	top->batch = opts_has(&opts, 'b');
	top->eol = top->batch ? "\n" : "\033[K\r\n";
	if (!top->batch) {
		xl->io->set_raw(xl->io, true);
		fputs(SCREEN_ON, xl->io->out);
	}
	for (round = 1; rc == XL_OK; round++) {
		rc = show(xl, top);
		if (rc != XL_OK || (rounds && round == rounds) || !wait_round(xl, delay))
			break;
	}
	if (!top->batch) {
		fputs(SCREEN_OFF, xl->io->out);
		fflush(xl->io->out);
		xl->io->set_raw(xl->io, false);
	}
	free(top);
	return rc;
}
