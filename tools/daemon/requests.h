/* SPDX-License-Identifier: GPL-2.0-only */
/* What a request can ask for: the handlers, and what they share. */
#ifndef TOOLS_DAEMON_REQUESTS_H
#define TOOLS_DAEMON_REQUESTS_H

#include "tools/daemon/daemon.h"

/* The request's argument @key; JSON_NONE when it is not there. */
static inline int request_arg(const struct request *r, const char *key)
{
	return json_get(r->json, JSON_ROOT, key);
}

/* An argument that may be left out; a wrong one is the request's fault. */
int request_bool(struct request *r, const char *key, bool *out);
int request_u64(struct request *r, const char *key, uint64_t *out);

/* The domain that "domain" names, of those that are there; and not domain 0. */
int request_living(struct request *r, domid_t *domid, struct domain **domain);
int request_guest(struct request *r, domid_t *domid, struct domain **domain);

/* --- request_domain.c: one domain's life ------------------------------------------------------ */
int request_create(struct request *r);
int request_destroy(struct request *r);
int request_pause(struct request *r);
int request_unpause(struct request *r);
int request_shutdown(struct request *r);
int request_rename(struct request *r);
int request_config_update(struct request *r);
int request_console(struct request *r);
int request_input(struct request *r);
int request_detach(struct request *r);
int request_upload(struct request *r);
int request_upload_data(struct request *r);
int request_upload_unpack(struct request *r);

/* --- request_core.c: its memory as a file ----------------------------------------------------- */
int request_dump_core(struct request *r);
int request_core_data(struct request *r);
int request_core_end(struct request *r);

/* --- request_info.c: the machine -------------------------------------------------------------- */
int request_info(struct request *r);
int request_dmesg(struct request *r);

/* --- request_query.c: domains that are there -------------------------------------------------- */
int request_hello(struct request *r);
int request_list(struct request *r);
int request_watch_domains(struct request *r);
int request_vcpu_list(struct request *r);

/* --- request_tune.c: settings ----------------------------------------------------------------- */
int request_vcpu_pin(struct request *r);
int request_vcpu_set(struct request *r);
int request_mem_max(struct request *r);
int request_mem_set(struct request *r);
int request_sched_credit(struct request *r);
int request_sched_params(struct request *r);
int request_trigger(struct request *r);
int request_sysrq(struct request *r);
int request_debug_keys(struct request *r);

#endif
