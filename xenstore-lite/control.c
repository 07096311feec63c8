/* SPDX-License-Identifier: GPL-2.0-only */
/* Control commands, and quotas over the wire. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/request.h"

/* --- text answers longer than a few words ----------------------------------------------------- */

static void say(struct request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends to the answer; what does not fit is left out. */
static void say(struct request *request, const char *format, ...)
{
	char *out = request_buffer();
	va_list args;
	size_t used = request->answer == out ? request->answer_len - 1 : 0;
	int len;

	va_start(args, format);
	len = vsnprintf(out + used, XENSTORE_PAYLOAD_MAX - used, format, args);
	va_end(args);
	if (len < 0)
		len = 0;
	used += len;
	request->answer = out;
	request->answer_len = (used < XENSTORE_PAYLOAD_MAX ? used : XENSTORE_PAYLOAD_MAX - 1) + 1;
}

/* --- quotas ----------------------------------------------------------------------------------- */

/* The account of a domain that is known to the store. */
static int take_account(struct request *request, const char *text, struct account **account)
{
	uint64_t domid;

	if (!wire_number(text, DOMID_LAST, &domid))
		return -EINVAL;
	*account = account_find(&request->server->store.accounts, domid);
	return *account ? 0 : -ENOENT;
}

int request_get_quota(struct request *request)
{
	struct accounts *accounts = &request->server->store.accounts;
	struct account *account;
	enum quota which;
	int error;

	if (!request->args) {
		for (which = 0; which < QUOTA_COUNT; which++)
			say(request, "%s%s", which ? " " : "", quota_name(which));
		return 0;
	}
	which = quota_by_name(request->arg[request->args - 1]);
	if (which == QUOTA_COUNT)
		return -EINVAL;
	if (request->args == 1)
		return request_answer_number(request, accounts->limit[which]);
	error = take_account(request, request->arg[0], &account);
	return error ? error :
		       request_answer_number(request, account_limit(accounts, account, which));
}

/* @domid NULL: the default for all. */
static int set_quota(struct request *request, const char *domid, const char *name,
		     const char *text)
{
	enum quota which = quota_by_name(name);
	struct account *account;
	uint64_t limit;
	int error;

	if (which == QUOTA_COUNT || !wire_number(text, INT32_MAX, &limit))
		return -EINVAL;
	if (!domid) {
		request->server->store.accounts.limit[which] = limit;
		return 0;
	}
	error = take_account(request, domid, &account);
	if (!error)
		account->limit[which] = limit;
	return error;
}

int request_set_quota(struct request *request)
{
	const char **arg = request->arg;

	return request->args == 2 ? set_quota(request, NULL, arg[0], arg[1]) :
				    set_quota(request, arg[0], arg[1], arg[2]);
}

/* --- commands --------------------------------------------------------------------------------- */

static int command_check(struct request *request)
{
	struct store_survey survey;
	int error = store_survey(&request->server->store, &survey);

	if (error)
		return error;
	if (!survey.sound)
		return -EIO;
	say(request, "%zu nodes, deepest at %zu, %zu bytes of names and values: sound",
	    survey.nodes, survey.deepest, survey.bytes);
	return 0;
}

static int command_log(struct request *request)
{
	if (request->args != 2 || (strcmp(request->arg[1], "on") && strcmp(request->arg[1], "off")))
		return -EINVAL;
	request->server->trace = !strcmp(request->arg[1], "on");
	return 0;
}

static int command_memreport(struct request *request)
{
	struct server *server = request->server;
	struct memory_use use = memory_use();

	say(request, "heap: %zu bytes in %zu blocks\n", use.bytes, use.blocks);
	say(request, "connections: %u, domains: %u, watches: %u at %u places\n",
	    server->connection_count, server->domain_count, server->watches.count,
	    server->watches.places);
	say(request, "accounts: %u, permission sets: %u\n", server->store.accounts.count,
	    server->store.perms.count);
	return 0;
}

static int command_print(struct request *request)
{
	if (request->args != 2)
		return -EINVAL;
	server_log(request->server, "%s", request->arg[1]);
	return 0;
}

/* One domain's limits, with what it holds where that is counted. */
static int show_domain(struct request *request)
{
	struct accounts *accounts = &request->server->store.accounts;
	struct account *account;
	enum quota which;
	int error = take_account(request, request->arg[1], &account);

	if (error)
		return error;
	say(request, "domain %u holds: nodes %u, watches %u, transactions %u, memory %u\n",
	    account->domid, account->nodes, account->watches, account->transactions,
	    account->memory + account->node_bytes);
	for (which = 0; which < QUOTA_COUNT; which++)
		say(request, "%-18s %u\n", quota_name(which),
		    account_limit(accounts, account, which));
	return 0;
}

/* quota | quota DOMID | quota set NAME LIMIT */
static int command_quota(struct request *request)
{
	enum quota which;

	if (request->args == 4 && !strcmp(request->arg[1], "set"))
		return set_quota(request, NULL, request->arg[2], request->arg[3]);
	if (request->args == 2)
		return show_domain(request);
	if (request->args != 1)
		return -EINVAL;
	for (which = 0; which < QUOTA_COUNT; which++)
		say(request, "%-18s %u\n", quota_name(which),
		    request->server->store.accounts.limit[which]);
	return 0;
}

static int command_help(struct request *request);

static const struct command {
	const char *name;
	int (*run)(struct request *request);
	unsigned int args_max; /* with its own name */
	const char *arguments;
} commands[] = {
	{"check", command_check, 1, ""},
	{"help", command_help, 1, ""},
	{"log", command_log, 2, "on|off"},
	{"memreport", command_memreport, 1, ""},
	{"print", command_print, 2, "<text>"},
	{"quota", command_quota, 4, "[set <name> <limit>|<domid>]"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int command_help(struct request *request)
{
	unsigned int i;

	for (i = 0; i < COMMANDS; i++)
		say(request, "%s%s%s\n", commands[i].name, commands[i].arguments[0] ? "\t" : "",
		    commands[i].arguments);
	return 0;
}

int request_control(struct request *request)
{
	unsigned int i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(request->arg[0], commands[i].name))
			break;
	if (i == COMMANDS || request->args > commands[i].args_max)
		return -EINVAL;
	return commands[i].run(request);
}
