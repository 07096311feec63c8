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
#define NO_LIMIT_KB 0x3fffffffcull /* the control domain has no maximum of its own */

/* The times of a round, by domain: in the order of their ids, as domains come. */
struct sample {
	uint64_t domid, cpu_time;
};

struct top {
	struct buf samples; /* of the round before */
	uint64_t when_ms;
	bool batch; /* for a file: no screen control */
	const char *eol; /* the rest of the line is cleared; a raw terminal wants a carriage return, too */
};

/* A round that is being made. */
struct round {
	struct buf samples, rows;
	size_t old; /* samples of the round before that are behind us */
	unsigned int count;
	uint64_t now_ms;
};

static const struct sample *find(const struct top *top, struct round *round, uint64_t domid)
{
	const struct sample *s = (const void *)top->samples.data;
	size_t count = top->samples.len / sizeof(*s);

	while (round->old < count && s[round->old].domid < domid)
		round->old++;
	return round->old < count && s[round->old].domid == domid ? &s[round->old] : NULL;
}

/* Tenths of a percent of one CPU since the round before; 0 in the first. */
static unsigned int usage(const struct top *top, struct round *round, uint64_t domid, uint64_t ns)
{
	const struct sample *old = find(top, round, domid);

	if (!old || ns < old->cpu_time || round->now_ms <= top->when_ms)
		return 0;
	return (ns - old->cpu_time) / 1000 / (round->now_ms - top->when_ms);
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

static void add_domain(struct round *round, const struct top *top, const struct reply *r, int d)
{
	struct sample now = { reply_u64(r, d, "domid"), reply_u64(r, d, "cpu_time") };
	unsigned int tenths = usage(top, round, now.domid, now.cpu_time);
	uint64_t max_kb = reply_u64(r, d, "max_kb");
	char name[DOMAIN_NAME_MAX], max[24] = "no limit";

	if (max_kb < NO_LIMIT_KB)
		snprintf(max, sizeof(max), "%llu", (unsigned long long)max_kb);
	reply_text(r, d, "name", name, sizeof(name));
	buf_printf(&round->rows, "%10.10s %s %10llu %4u.%u %10llu %10s %5u%s", name,
		   state_name(r, d), (unsigned long long)(now.cpu_time / 1000000000), tenths / 10,
		   tenths % 10, (unsigned long long)reply_u64(r, d, "memory_kb"), max,
		   (unsigned int)reply_u64(r, d, "vcpus"), top->eol);
	buf_add(&round->samples, &now, sizeof(now));
	round->count++;
}

static void print_round(FILE *out, const struct top *top, const struct round *round)
{
	if (!top->batch)
		fputs("\033[H", out);
	fprintf(out, "xl top - %u domains; q ends%s%10s %6s %10s %6s %10s %10s %5s%s", round->count,
		top->eol, "NAME", "STATE", "CPU(sec)", "CPU(%)", "MEM(k)", "MAXMEM(k)", "VCPUS",
		top->eol);
	fwrite(round->rows.data, 1, round->rows.len, out);
	if (!top->batch)
		fputs("\033[J", out);
	fflush(out);
}

static int show(struct xl *xl, struct top *top)
{
	struct round round = { .now_ms = xl->io->now_ms(xl->io) };
	struct xl_walk w;
	int rc = xl_walk_begin(&w, xl, NULL, false);

	if (!rc)
		while ((rc = xl_walk_next(&w)) > 0)
			add_domain(&round, top, &w.reply, w.at);
	xl_walk_end(&w);
	if (!rc)
		print_round(xl->io->out, top, &round);
	buf_free(&round.rows);
	buf_free(&top->samples);
	top->samples = round.samples;
	top->when_ms = round.now_ms;
	return rc ? XL_FAIL : XL_OK;
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
	buf_free(&top->samples);
	free(top);
	return rc;
}
