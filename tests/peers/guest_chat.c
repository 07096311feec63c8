/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As hackbench does: groups of processes that write small messages to each other through sockets, so
 * that nearly every message wakes somebody. guest_chat GROUPS LOOPS; exits with 0 if all arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEERS	8
#define MESSAGE	100

static void send_all(int sockets[PEERS], int loops)
{
	char message[MESSAGE] = { 0 };
	int i, k;

	for (i = 0; i < loops; i++)
		for (k = 0; k < PEERS; k++)
			if (write(sockets[k], message, MESSAGE) != MESSAGE)
				exit(1);
}

static void receive(int socket, int loops)
{
	long left = (long)loops * PEERS * MESSAGE;
	char buffer[MESSAGE];
	ssize_t got;

	for (; left > 0; left -= got) {
		got = read(socket, buffer, MESSAGE);
		if (got <= 0)
			exit(1);
	}
}

static void group(int loops)
{
	int in[PEERS], out[PEERS], pair[2], i;

	for (i = 0; i < PEERS; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			exit(1);
		in[i] = pair[0];
		out[i] = pair[1];
	}
	for (i = 0; i < PEERS; i++) {
		if (!fork()) {
			receive(in[i], loops);
			exit(0);
		}
		if (!fork()) {
			send_all(out, loops);
			exit(0);
		}
	}
}

int main(int argc, char **argv)
{
	int groups = argc > 1 ? atoi(argv[1]) : 2, loops = argc > 2 ? atoi(argv[2]) : 50;
	int i, status, failed = 0, ended = 0;

	for (i = 0; i < groups; i++)
		group(loops);
	while (wait(&status) > 0) {
		ended++;
		failed += status != 0;
	}
	printf("chat: %d ended, %d failed\n", ended, failed);
	return failed || ended != 2 * PEERS * groups;
}
