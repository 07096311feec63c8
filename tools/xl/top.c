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
#define HOME	   "\033[H"
#define END_OF_ROW "\033[K\r\n" /* a raw terminal wants a carriage return, too */
#define REST_OFF   "\033[J"
#define REVERSE	   "\033[7m"
#define PLAIN	   "\033[0m"
#define HEAD_ROWS  2
#define NO_LIMIT_KB 0x3fffffffcull /* the control domain has no maximum of its own */

/* The times of a round, by domain: in the order of their ids, as domains come. */
struct sample {
	uint64_t domid, cpu_time;
};

struct top {
	struct buf samples; /* of the round before */
	uint64_t when_ms;
	unsigned int rows, columns; /* of the screen; 0: for a file, all of it and without control */
};

/* A round that is being made. */
struct round {
	struct buf samples, rows;
	size_t old; /* samples of the round before that are behind us */
	unsigned int count, running;
	uint64_t now_ms;
	uint64_t total_kb, free_kb; /* the machine's */
	unsigned int cpus;
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

/* In the words and the order of xentop. */
static const char *state_name(const struct reply *r, int d)
{
	if (reply_bool(r, d, "dying"))
		return "d-----";
	if (reply_bool(r, d, "shutdown"))
		return "-s----";
	if (reply_bool(r, d, "blocked"))
		return "--b---";
	if (reply_bool(r, d, "paused"))
		return "----p-";
	return reply_bool(r, d, "running") ? "-----r" : "------";
}

/* A row of the screen, without what has no room. */
static void add_row(struct buf *rows, const struct top *top, const char *text)
{
	if (top->columns)
		buf_printf(rows, "%.*s%s", (int)top->columns, text, END_OF_ROW);
	else
		buf_printf(rows, "%s\n", text);
}

static void percent(char out[24], uint64_t kb, uint64_t total_kb)
{
	unsigned long long tenths = total_kb ? (kb * 1000 + total_kb / 2) / total_kb : 0;

	snprintf(out, 24, "%llu.%llu", tenths / 10, tenths % 10);
}

static void add_domain(struct round *round, const struct top *top, const struct reply *r, int d)
{
	struct sample now = { reply_u64(r, d, "domid"), reply_u64(r, d, "cpu_time") };
	unsigned int tenths = usage(top, round, now.domid, now.cpu_time);
	uint64_t kb = reply_u64(r, d, "memory_kb"), max_kb = reply_u64(r, d, "max_kb");
	char name[DOMAIN_NAME_MAX], max[24] = "no limit", max_part[24] = "n/a", part[24];
	char row[160];
	const char *state = state_name(r, d);

	if (max_kb < NO_LIMIT_KB) {
		snprintf(max, sizeof(max), "%llu", (unsigned long long)max_kb);
		percent(max_part, max_kb, round->total_kb);
	}
	reply_text(r, d, "name", name, sizeof(name));
	percent(part, kb, round->total_kb);
	snprintf(row, sizeof(row), "%10.10s %s %10llu %4u.%u %10llu %6s %10s %9s %5u", name, state,
		 (unsigned long long)(now.cpu_time / 1000000000), tenths / 10, tenths % 10,
		 (unsigned long long)kb, part, max, max_part, (unsigned int)reply_u64(r, d, "vcpus"));
	/* The last row of a screen says how many have no room. */
	if (!top->rows || round->count + HEAD_ROWS < top->rows - 1)
		add_row(&round->rows, top, row);
	buf_add(&round->samples, &now, sizeof(now));
	round->count++;
	round->running += state[5] == 'r';
}

static void add_head(struct buf *head, const struct top *top, const struct round *round)
{
	char text[160];

	if (top->columns) {
		snprintf(text, sizeof(text), "xl top - %u domains, %u running; %llu MiB, %llu free; %u CPUs; q ends",
			 round->count, round->running, (unsigned long long)round->total_kb >> 10,
			 (unsigned long long)round->free_kb >> 10, round->cpus);
		add_row(head, top, text);
		buf_puts(head, REVERSE);
	}
	snprintf(text, sizeof(text), "%10s %6s %10s %6s %10s %6s %10s %9s %5s", "NAME", "STATE", "CPU(sec)",
		 "CPU(%)", "MEM(k)", "MEM(%)", "MAXMEM(k)", "MAXMEM(%)", "VCPUS");
	add_row(head, top, text);
	if (top->columns)
		buf_puts(head, PLAIN);
}

static void print_round(FILE *out, const struct top *top, const struct round *round)
{
	unsigned int room = top->rows > HEAD_ROWS ? top->rows - 1 - HEAD_ROWS : 0;
	struct buf head = { 0 };

	add_head(&head, top, round);
	fprintf(out, "%s%s", top->columns ? HOME : "", head.data ? head.data : "");
	fwrite(round->rows.data, 1, round->rows.len, out);
	if (top->columns && round->count > room)
		fprintf(out, "%.*s", (int)top->columns, "and more that have no room here");
	fputs(top->columns ? REST_OFF : "", out);
	fflush(out);
	buf_free(&head);
}

/* What the machine has. */
static int ask_machine(struct xl *xl, struct round *round)
{
	struct reply reply;
	struct call call;

	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "info");
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	round->total_kb = reply_u64(&reply, reply.ok, "total_pages") * 4;
	round->free_kb = reply_u64(&reply, reply.ok, "free_pages") * 4;
	round->cpus = reply_u64(&reply, reply.ok, "nr_cpus");
	reply_free(&reply);
	return XL_OK;
}

/* The screen may have another size by now. */
static void measure(struct xl *xl, struct top *top)
{
	top->rows = 24;
	top->columns = 80;
	if (xl->io->screen_size)
		xl->io->screen_size(xl->io, &top->rows, &top->columns);
}

static int show(struct xl *xl, struct top *top)
{
	struct round round = { .now_ms = xl->io->now_ms(xl->io) };
	struct xl_walk w;
	int rc = ask_machine(xl, &round);

	if (rc != XL_OK)
		return rc;
	if (top->columns)
		measure(xl, top);
	rc = xl_walk_begin(&w, xl, NULL, false);
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
		xl_error(xl->io, "-d and -i want a number above zero");
		return XL_USAGE;
	}
	/* Before the screen is taken, which hides what was said there once it is given back. */
	if (xl_connect(xl))
		return XL_FAIL;
	top = calloc(1, sizeof(*top));
	if (!top)
		return XL_FAIL;
	if (xl->io->screen && !opts_has(&opts, 'b'))
		measure(xl, top);
	if (top->columns) {
		xl->io->set_raw(xl->io, true);
		fputs(SCREEN_ON, xl->io->out);
	}
	for (round = 1; rc == XL_OK; round++) {
		rc = show(xl, top);
		if (rc != XL_OK || (rounds && round == rounds) || !wait_round(xl, delay))
			break;
	}
	if (top->columns) {
		fputs(SCREEN_OFF, xl->io->out);
		fflush(xl->io->out);
		xl->io->set_raw(xl->io, false);
		if (rc != XL_OK)
			xl_error(xl->io, "the machine tells no more of its domains");
	}
	buf_free(&top->samples);
	free(top);
	return rc;
}
