/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load for a store daemon: so many connections, each with one request under way at a time. Speaks
 * the wire protocol itself, so that no client library is measured. Prints "NAME VALUE" lines.
 *
 *   store_load SOCKET PID CONNECTIONS SECONDS
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
#define CHILDREN	1000
#define NODES		100000
#define DOMAINS		1000

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

/* Sends the request for the client's step; the cycle is over when it returns false. */
typedef bool job(struct client *client);

static struct client client[MAX_CONNECTIONS];
static unsigned int clients;

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

static void run(const char *name, job *next, double seconds)
{
	static uint32_t latency[4000000];
	uint64_t start = now(), end = start + seconds * 1e9, time = start;
	struct pollfd fds[MAX_CONNECTIONS];
	size_t cycles = 0;
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
			if (cycles < sizeof(latency) / sizeof(latency[0]))
				latency[cycles++] = time - client[i].started;
			client[i].started = time;
			next(&client[i]);
		}
	}
	for (i = 0; i < clients; i++)
		wait_answer(&client[i]);
	qsort(latency, cycles, sizeof(latency[0]), by_value);
	printf("%s_per_s %.0f\n", name, cycles * 1e9 / (time - start));
	if (cycles)
		printf("%s_p50_us %.1f\n%s_p99_us %.1f\n", name, latency[cycles / 2] / 1e3, name,
		       latency[cycles / 100 * 99] / 1e3);
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

/* 100,000 nodes in directories of 1,000, made by all connections, and removed by one request. */
static void run_nodes(int pid)
{
	size_t before = resident(pid);
	uint64_t start = now();
	unsigned int made = 0, i;
	char path[64];

	while (made < NODES) {
		for (i = 0; i < clients && made + i < NODES; i++) {
			sprintf(path, "/nodes/%03u/%03u", (made + i) / CHILDREN,
				(made + i) % CHILDREN);
			send_write(&client[i], 0, path, "0123456789");
		}
		for (i = 0; i < clients && made < NODES; i++, made++)
			wait_answer(&client[i]);
	}
	printf("create_per_s %.0f\n", NODES * 1e9 / (now() - start));
	printf("bytes_per_node %.0f\n", (double)(resident(pid) - before) / NODES);
	start = now();
	send_path(&client[0], XS_RM, "/nodes");
	wait_answer(&client[0]);
	printf("remove_s %.4f\n", (now() - start) / 1e9);
}

static void set_up(const char *path, unsigned int wanted)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64];
	unsigned int i, j;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	for (clients = 0; clients < wanted; clients++) {
		client[clients].number = clients;
		client[clients].fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(client[clients].fd, (struct sockaddr *)&address, sizeof(address)))
			fail(path);
	}
	for (i = 0; i < clients; i++) {
		for (j = 0; j < 100; j++) {
			sprintf(name, "/bench/%u/%u", i, j);
			send_write(&client[i], 0, name, "some value");
			wait_answer(&client[i]);
		}
	}
	/* Names short enough that the listing fits one answer. */
	for (j = 0; j < CHILDREN; j++) {
		sprintf(name, "/list/%u", j);
		send_write(&client[0], 0, name, "");
		wait_answer(&client[0]);
	}
}

/* What a thousand domains have in the store, and the watches that look after them. */
static void populate(void)
{
	static const char *const nodes[] = {"name",	 "domid",	"vm",
					    "console/tty", "console/type", "control/shutdown",
					    "memory/target", "cpu/0/availability"};
	char path[128];
	unsigned int domain, i;
	size_t len;

	for (domain = 1; domain <= DOMAINS; domain++) {
		for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
			sprintf(path, "/local/domain/%u/%s", domain, nodes[i]);
			send_write(&client[0], 0, path, "some value");
			wait_answer(&client[0]);
		}
		for (i = 0; i < 3; i++) {
			len = sprintf(path, "/local/domain/%u/control", domain) + 1;
			len += sprintf(path + len, "token %u", i) + 1;
			send_request(&client[0], XS_WATCH, 0, path, len);
			wait_answer(&client[0]);
		}
	}
}

static void tear_down(void)
{
	static const char *const names[] = {"/bench", "/list", "/watched", "/local"};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		send_path(&client[0], XS_RM, names[i]);
		wait_answer(&client[0]);
	}
}

int main(int argc, char **argv)
{
	double seconds;
	unsigned int i;

	if (argc != 5 || atoi(argv[3]) < 1 || atoi(argv[3]) > MAX_CONNECTIONS) {
		fprintf(stderr, "Usage: store_load SOCKET PID CONNECTIONS SECONDS\n");
		return EXIT_FAILURE;
	}
	seconds = atof(argv[4]);
	set_up(argv[1], atoi(argv[3]));
	run_nodes(atoi(argv[2]));
	run("read", job_read, seconds);
	run("write", job_write, seconds);
	run("transaction", job_transaction, seconds);
	run("directory", job_directory, seconds);
	for (i = 0; i < clients; i++) {
		send_request(&client[i], XS_WATCH, 0, "/watched\0t", 11);
		wait_answer(&client[i]);
	}
	run("watched_write", job_watched_write, seconds);
	populate();
	run("crowded_read", job_read, seconds);
	run("crowded_write", job_write, seconds);
	tear_down();
	return EXIT_SUCCESS;
}
