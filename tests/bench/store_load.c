/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load for several store daemons side by side: so many connections to each, each with one request
 * under way at a time. Speaks the wire protocol itself, so that no client library is measured.
 *
 *   store_load CONNECTIONS SECONDS NAME SOCKET PID [NAME SOCKET PID ...]
 *
 * What else the machine does must not decide who wins: the daemons take turns, several times for each
 * row, and the best of a daemon's turns counts. Prints "ROW NAME VALUE" lines.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "pvabi/io/xs_wire.h"

#define MAX_CONNECTIONS 100
#define MAX_DAEMONS	3
#define TURNS		20
#define CHILDREN	1000
#define DIRECTORIES	100
#define NODES		(DIRECTORIES * CHILDREN)
#define DOMAINS		1000
#define SAMPLES		1000000

struct client {
	int fd;
	unsigned int number;
	unsigned int step; /* within the job's cycle */
	unsigned int done; /* cycles */
	uint32_t transaction;
	uint64_t started;
	size_t have;
	char in[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
};

struct daemon {
	const char *name;
	int pid;
	struct client client[MAX_CONNECTIONS];
};

/* Sends the request for the client's step; the cycle is over when it returns false. */
typedef bool job(struct client *client);

static struct daemon daemons[MAX_DAEMONS];
static unsigned int daemon_count, clients;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "store_load: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void send_request(struct client *to, uint32_t type, uint32_t tx_id, const void *payload,
			 size_t len)
{
	char message[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg header = {type, 1, tx_id, len};

	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), payload, len);
	if (send(to->fd, message, sizeof(header) + len, MSG_NOSIGNAL) < 0)
		fail("send");
}

static void send_path(struct client *to, uint32_t type, const char *path)
{
	send_request(to, type, 0, path, strlen(path) + 1);
}

static void send_write(struct client *to, uint32_t tx_id, const char *path, const char *value)
{
	char payload[256];
	size_t len = sprintf(payload, "%s", path) + 1;

	len += sprintf(payload + len, "%s", value);
	send_request(to, XS_WRITE, tx_id, payload, len);
}

/* True once a whole answer to a request is there; events are dropped. */
static bool receive(struct client *from)
{
	struct xsd_sockmsg header;
	ssize_t got = recv(from->fd, from->in + from->have, sizeof(from->in) - from->have, 0);

	if (got <= 0)
		fail("the daemon hung up");
	from->have += got;
	while (from->have >= sizeof(header)) {
		size_t size;

		memcpy(&header, from->in, sizeof(header));
		size = sizeof(header) + header.len;
		if (from->have < size)
			return false;
		if (header.type != XS_WATCH_EVENT)
			return true;
		from->have -= size;
		memmove(from->in, from->in + size, from->have);
	}
	return false;
}

static const char *body(struct client *from)
{
	return from->in + sizeof(struct xsd_sockmsg);
}

static uint32_t kind(struct client *from)
{
	struct xsd_sockmsg header;

	memcpy(&header, from->in, sizeof(header));
	return header.type;
}

/* The answer that receive() found has been looked at; events may follow it. */
static void consume(struct client *from)
{
	struct xsd_sockmsg header;
	size_t size;

	memcpy(&header, from->in, sizeof(header));
	size = sizeof(header) + header.len;
	from->have -= size;
	memmove(from->in, from->in + size, from->have);
}

static void wait_answer(struct client *from)
{
	while (!receive(from))
		;
	consume(from);
}

static void ask_path(struct client *client, uint32_t type, const char *path)
{
	send_path(client, type, path);
	wait_answer(client);
}

static void ask_write(struct client *client, const char *path, const char *value)
{
	send_write(client, 0, path, value);
	wait_answer(client);
}

static void ask_watch(struct client *client, const char *path, const char *token)
{
	char payload[128];
	size_t len = sprintf(payload, "%s", path) + 1;

	len += sprintf(payload + len, "%s", token) + 1;
	send_request(client, XS_WATCH, 0, payload, len);
	wait_answer(client);
}

/* --- jobs --------------------------------------------------------------------------------------- */

static bool job_read(struct client *of)
{
	char path[64];

	if (of->step)
		return false;
	sprintf(path, "/bench/%u/%u", of->number, of->done % 100);
	send_path(of, XS_READ, path);
	return true;
}

static bool job_write(struct client *of)
{
	char path[64];

	if (of->step)
		return false;
	sprintf(path, "/bench/%u/%u", of->number, of->done % 100);
	send_write(of, 0, path, "some value");
	return true;
}

static bool job_transaction(struct client *of)
{
	char path[64];

	if (!of->step) {
		send_path(of, XS_TRANSACTION_START, "");
		return true;
	}
	if (of->step == 1) {
		char text[16] = "";

		memcpy(text, body(of), sizeof(text) - 1);
		of->transaction = strtoul(text, NULL, 10);
	}
	if (of->step <= 5) {
		sprintf(path, "/bench/%u/%u", of->number, of->step);
		send_write(of, of->transaction, path, "some value");
		return true;
	}
	if (of->step == 6) {
		send_request(of, XS_TRANSACTION_END, of->transaction, "T", 2);
		return true;
	}
	/* A conflict is no cycle done. */
	if (kind(of) == XS_ERROR) {
		of->step = 0;
		return job_transaction(of);
	}
	return false;
}

static bool job_directory(struct client *of)
{
	if (of->step)
		return false;
	send_path(of, XS_DIRECTORY, "/list");
	return true;
}

static bool job_watched_write(struct client *of)
{
	if (of->step)
		return false;
	send_write(of, 0, "/watched/node", "some value");
	return true;
}

/* --- running them ------------------------------------------------------------------------------- */

/* What one turn came to. */
struct turn {
	double per_s, p50_us, p99_us;
};

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* One client's answer has come: what next? True if a cycle is over. */
static bool advance(struct client *of, job *next)
{
	bool more;

	if (!receive(of))
		return false;
	of->step++;
	more = next(of);
	consume(of);
	if (more)
		return false;
	of->step = 0;
	of->done++;
	return true;
}

static struct turn take_turn(struct daemon *of, job *next, double seconds)
{
	static uint32_t latency[SAMPLES];
	uint64_t start = now(), end = start + seconds * 1e9, time = start;
	struct client *client = of->client;
	struct pollfd fds[MAX_CONNECTIONS];
	size_t cycles = 0, samples;
	unsigned int i;

	for (i = 0; i < clients; i++) {
		client[i].step = 0;
		client[i].started = start;
		next(&client[i]);
		fds[i] = (struct pollfd){.fd = client[i].fd, .events = POLLIN};
	}
	while (time < end) {
		poll(fds, clients, -1);
		time = now();
		for (i = 0; i < clients; i++) {
			if (!fds[i].revents || !advance(&client[i], next))
				continue;
			/* Not when poll() returned: what we do for the others is no daemon's delay. */
			time = now();
			latency[cycles++ % SAMPLES] = time - client[i].started;
			client[i].started = time;
			next(&client[i]);
		}
	}
	for (i = 0; i < clients; i++)
		wait_answer(&client[i]);
	samples = cycles < SAMPLES ? cycles : SAMPLES;
	qsort(latency, samples, sizeof(latency[0]), by_value);
	return (struct turn){cycles * 1e9 / (time - start), latency[samples / 2] / 1e3,
			     latency[samples / 100 * 99] / 1e3};
}

static void run(const char *row, job *next, double seconds)
{
	struct turn best[MAX_DAEMONS] = {{0, 0, 0}}, turn;
	unsigned int d, i;

	for (i = 0; i < TURNS; i++) {
		for (d = 0; d < daemon_count; d++) {
			turn = take_turn(&daemons[d], next, seconds / TURNS);
			if (turn.per_s > best[d].per_s)
				best[d] = turn;
		}
	}
	for (d = 0; d < daemon_count; d++) {
		printf("%s_per_s %s %.0f\n", row, daemons[d].name, best[d].per_s);
		printf("%s_p50_us %s %.1f\n", row, daemons[d].name, best[d].p50_us);
		printf("%s_p99_us %s %.1f\n", row, daemons[d].name, best[d].p99_us);
	}
	fflush(stdout);
}

static size_t resident(int pid)
{
	char path[64];
	unsigned long size, pages = 0;
	FILE *file;

	sprintf(path, "/proc/%d/statm", pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lu %lu", &size, &pages) != 2)
		fail(path);
	fclose(file);
	return pages * 4096;
}

/* One directory of 1,000, made by all connections; how long that took. */
static uint64_t make_directory(struct daemon *of, unsigned int number)
{
	uint64_t start = now();
	unsigned int made, i;
	char path[64];

	for (made = 0; made < CHILDREN; made += clients) {
		for (i = 0; i < clients && made + i < CHILDREN; i++) {
			sprintf(path, "/nodes/%03u/%03u", number, made + i);
			send_write(&of->client[i], 0, path, "0123456789");
		}
		for (i = 0; i < clients && made + i < CHILDREN; i++)
			wait_answer(&of->client[i]);
	}
	return now() - start;
}

/*
 * 100,000 nodes in directories of 1,000, the daemons in turns; the median directory counts. Each set
 * is removed by one request.
 */
static void run_nodes(void)
{
	static uint32_t spent[MAX_DAEMONS][DIRECTORIES];
	size_t before[MAX_DAEMONS];
	uint64_t start;
	unsigned int d, i;

	for (d = 0; d < daemon_count; d++)
		before[d] = resident(daemons[d].pid);
	for (i = 0; i < DIRECTORIES; i++)
		for (d = 0; d < daemon_count; d++)
			spent[d][i] = make_directory(&daemons[d], i);
	for (d = 0; d < daemon_count; d++) {
		qsort(spent[d], DIRECTORIES, sizeof(spent[d][0]), by_value);
		printf("create_per_s %s %.0f\n", daemons[d].name,
		       CHILDREN * 1e9 / spent[d][DIRECTORIES / 2]);
		printf("bytes_per_node %s %.0f\n", daemons[d].name,
		       (double)(resident(daemons[d].pid) - before[d]) / NODES);
		start = now();
		ask_path(&daemons[d].client[0], XS_RM, "/nodes");
		printf("remove_ms %s %.3f\n", daemons[d].name, (now() - start) / 1e6);
	}
}

/* --- what there is in a store ------------------------------------------------------------------- */

static void connect_to(struct daemon *to, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	unsigned int i;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	for (i = 0; i < clients; i++) {
		to->client[i].number = i;
		to->client[i].fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(to->client[i].fd, (struct sockaddr *)&address, sizeof(address)))
			fail(path);
	}
}

static void set_up(struct daemon *of)
{
	char name[64];
	unsigned int i, j;

	for (i = 0; i < clients; i++) {
		for (j = 0; j < 100; j++) {
			sprintf(name, "/bench/%u/%u", i, j);
			ask_write(&of->client[i], name, "some value");
		}
	}
	/* Names short enough that the listing fits one answer. */
	for (j = 0; j < CHILDREN; j++) {
		sprintf(name, "/list/%u", j);
		ask_write(&of->client[0], name, "");
	}
}

static void watch_all(struct daemon *of)
{
	unsigned int i;

	for (i = 0; i < clients; i++)
		ask_watch(&of->client[i], "/watched", "t");
}

/* What a thousand domains have in the store, and the watches that look after them. */
static void populate(struct daemon *of)
{
	static const char *const nodes[] = {"name",	 "domid",	"vm",
					    "console/tty", "console/type", "control/shutdown",
					    "memory/target", "cpu/0/availability"};
	char path[64], token[16];
	unsigned int domain, i;

	for (domain = 1; domain <= DOMAINS; domain++) {
		for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
			sprintf(path, "/local/domain/%u/%s", domain, nodes[i]);
			ask_write(&of->client[0], path, "some value");
		}
		sprintf(path, "/local/domain/%u/control", domain);
		for (i = 0; i < 3; i++) {
			sprintf(token, "token %u", i);
			ask_watch(&of->client[0], path, token);
		}
	}
}

static void for_all(void (*action)(struct daemon *of))
{
	unsigned int d;

	for (d = 0; d < daemon_count; d++)
		action(&daemons[d]);
}

int main(int argc, char **argv)
{
	double seconds;

	if (argc < 6 || argc > 3 + 3 * MAX_DAEMONS || argc % 3 || atoi(argv[1]) < 1 ||
	    atoi(argv[1]) > MAX_CONNECTIONS) {
		fprintf(stderr, "Usage: store_load CONNECTIONS SECONDS NAME SOCKET PID...\n");
		return EXIT_FAILURE;
	}
	clients = atoi(argv[1]);
	seconds = atof(argv[2]);
	for (argv += 3; *argv; argv += 3) {
		struct daemon *daemon = &daemons[daemon_count++];

		daemon->name = argv[0];
		daemon->pid = atoi(argv[2]);
		connect_to(daemon, argv[1]);
	}
	for_all(set_up);
	run_nodes();
	run("read", job_read, seconds);
	run("write", job_write, seconds);
	run("transaction", job_transaction, seconds);
	run("directory", job_directory, seconds);
	for_all(watch_all);
	run("watched_write", job_watched_write, seconds);
	for_all(populate);
	run("crowded_read", job_read, seconds);
	run("crowded_write", job_write, seconds);
	return EXIT_SUCCESS;
}
