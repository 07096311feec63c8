/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control daemon: it owns every domain's life. One thread runs daemon_step() for ever; nothing
 * here is called from another one but daemon_add_client() in mini-OS, whose threads take turns.
 */
#ifndef TOOLS_DAEMON_DAEMON_H
#define TOOLS_DAEMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/builder/builder.h"
#include "tools/daemon/console.h"
#include "tools/lib/json.h"
#include "tools/platform/platform.h"

#define PROTOCOL_VERSION 1
/* A line of the protocol, longer ones end the connection. */
#define PROTOCOL_MAX_LINE (64u << 10)
/* What waits to be sent to a client that does not read. */
#define CLIENT_MAX_OUTPUT (256u << 10)
#define DAEMON_MAX_CLIENTS 32
#define DAEMON_BUCKETS	   256
#define DAEMON_MAX_UPLOADS 8
#define DAEMON_MAX_UPLOAD  (128u << 20)
#define DAEMON_MAX_DUMPS   4 /* being read */
#define DAEMON_KEPT_CORES  2
#define DAEMON_KEPT_SIZE   (16u << 20) /* of each, without what is zero */

struct client;

enum domain_life {
	LIFE_RUNNING, /* there is a domain (it may be paused) */
	LIFE_PRESERVED, /* dead, kept by on_*=preserve */
	LIFE_HELD, /* gone, to be built again at restart_at */
};

enum domain_index {
	BY_ID, /* unless LIFE_HELD */
	BY_PORT, /* while its console is open */
	BY_NAME,
	DOMAIN_INDEXES,
};

struct domain {
	struct domain *next, **at; /* in order of creation; what points to us */
	struct domain *same_bucket[DOMAIN_INDEXES];
	uint32_t key[DOMAIN_INDEXES];
	struct domain_config config;
	enum domain_life life;
	domid_t domid; /* unless LIFE_HELD */
	struct build_result built;
	struct console console;
	uint64_t started; /* plat_now() */
	uint64_t restart_at;
	unsigned int quick_deaths; /* in a row */
};

struct upload {
	unsigned int id; /* 0: free */
	struct client *owner; /* NULL: kept for restarts of domains */
	char name[DOMAIN_PATH_MAX]; /* the sender's */
	struct buf data;
	unsigned int users; /* domains that name it */
};

/* What its sender says of an image; 0: nothing. */
struct upload_plan {
	char name[DOMAIN_PATH_MAX];
	uint64_t size, sent; /* the image's; as it will be sent, if it will be packed */
};

/* A core that a client reads. */
struct dump {
	unsigned int id; /* 0: free */
	struct client *owner;
	struct core *core;
	bool kept; /* one of those below; else the domain stands still meanwhile */
	domid_t domid;
};

/* The core of a domain that has died, by on_*=coredump-... */
struct kept_core {
	char name[DOMAIN_NAME_MAX];
	struct core *core; /* NULL: free */
};

struct daemon {
	struct domain *domains, **end;
	struct domain *index[DOMAIN_INDEXES][DAEMON_BUCKETS];
	unsigned int held; /* how many domains are LIFE_HELD */
	struct client *clients;
	struct upload uploads[DAEMON_MAX_UPLOADS];
	unsigned int next_upload;
	struct dump dumps[DAEMON_MAX_DUMPS];
	unsigned int next_dump;
	struct kept_core kept[DAEMON_KEPT_CORES];
	unsigned int next_kept; /* to be replaced */
	bool check_deaths; /* of all domains */
	uint64_t own_target_kb, own_max_kb; /* the control domain's memory: wanted, and at the start */
	/* Gives the next connection's descriptor or -EAGAIN; NULL: none come this way. */
	int (*accept)(void);
	int listen_fd; /* to wait on, or -1 */
	/* A line for whoever looks after the machine; NULL: nowhere. */
	void (*log)(const char *text);
};

/* --- daemon.c --------------------------------------------------------------------------------- */
int daemon_init(struct daemon *d);
/* Ends all connections and forgets all domains, which live on. */
void daemon_destroy(struct daemon *d);
/* Does what there is to do, then waits for more. */
void daemon_step(struct daemon *d);
/* The same without waiting. */
void daemon_work(struct daemon *d);
void daemon_log(struct daemon *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- client.c --------------------------------------------------------------------------------- */
/* Takes @fd over. -ENOSPC when there are too many clients: the caller still has @fd. */
int daemon_add_client(struct daemon *d, int fd);
void clients_work(struct daemon *d);
void clients_close(struct daemon *d);
/* Queues a reply's or event's line; a client that does not read is cut off. */
void client_send(struct client *c, const struct buf *line);
size_t clients_wait_items(struct daemon *d, struct plat_wait *items, size_t max);
/* For consoles: sends what the domain wrote to all that are attached, or tells them of the end. */
void clients_console_output(struct daemon *d, struct domain *domain);
void clients_console_closed(struct daemon *d, struct domain *domain);
/* Attaches the request @id of @c to the domain's console / ends it. */
int client_attach(struct client *c, uint64_t id, struct domain *domain);
void client_detach(struct client *c, uint64_t id);
/* Forgets all that it has attached and sent. */
void client_reset(struct daemon *d, struct client *c);
struct domain *client_attached(struct client *c, uint64_t id);

/* What happens to a domain: its name in the protocol, and what is known of it. */
struct life_event {
	const char *name; /* "shutdown", "destroyed", "restarting", "restarted", "lost" */
	domid_t domid;
	int was, reason; /* its id before / why it has shut down; negative: not to be told */
	const char *action; /* or NULL */
};

/* From now on the request @id of @c is told of all domains. */
void client_watch(struct client *c, uint64_t id);
void clients_tell(struct daemon *d, const struct life_event *event);

/* --- requests.c ------------------------------------------------------------------------------- */
struct request {
	struct daemon *d;
	struct client *client;
	const struct json *json;
	uint64_t id;
	struct fault fault; /* why it failed */
	struct json_writer *out; /* members of the answer */
};

/* Handles one line of a client; the answer is queued. */
void requests_handle(struct daemon *d, struct client *client, const char *line, size_t len);
/* The domain that the request's "domain" names. */
int request_domid(struct request *r, domid_t *domid, struct domain **domain);

/* --- life.c ----------------------------------------------------------------------------------- */
/* Builds, introduces and starts a domain; on failure all is undone. */
int domain_create(struct daemon *d, const struct domain_config *config, bool paused,
		  struct domain **out, struct fault *fault);
/* No other domain has its name or UUID. */
int domain_check_unique(struct daemon *d, const struct domain_config *config, struct fault *fault);
/* Destroys the domain and forgets it. */
int domain_destroy(struct daemon *d, struct domain *domain);
/* Asks the guest through the store: "poweroff", "reboot". */
int domain_request_shutdown(domid_t domid, const char *reason);
/* What it shall be when it is started again; its name and UUID stay. */
void domain_update(struct daemon *d, struct domain *domain, const struct domain_config *config);
int domain_rename(struct daemon *d, struct domain *domain, const char *name, struct fault *fault);
void domains_forget(struct daemon *d);

/* --- index.c ---------------------------------------------------------------------------------- */
struct domain *domain_by_id(struct daemon *d, domid_t domid);
struct domain *domain_by_name(struct daemon *d, const char *name);
struct domain *index_find(struct daemon *d, enum domain_index by, uint32_t key);
void index_add(struct daemon *d, struct domain *domain, enum domain_index by, uint32_t key);
void index_add_name(struct daemon *d, struct domain *domain);
/* Nothing to remove is no failure. */
void index_remove(struct daemon *d, struct domain *domain, enum domain_index by);

/* --- death.c ---------------------------------------------------------------------------------- */
/* Looks for domains that have shut down and does what their configuration says. */
void deaths_work(struct daemon *d);
/* The same for one domain, of which the store has told. */
void death_check(struct daemon *d, domid_t domid);
/* When the next held domain is due. */
uint64_t deaths_deadline(const struct daemon *d);

/* --- dump.c ----------------------------------------------------------------------------------- */
/* Begins to read the core of a living domain (paused until the end), or one that was kept. */
int dump_begin(struct daemon *d, struct client *owner, domid_t domid, struct dump **dump,
	       struct fault *fault);
int dump_begin_kept(struct daemon *d, struct client *owner, const char *name, struct dump **dump,
		    struct fault *fault);
struct dump *dump_by_id(struct daemon *d, struct client *owner, unsigned int id);
void dump_end(struct dump *dump);
/* The client has gone / the domain goes. */
void dumps_drop_client(struct daemon *d, struct client *owner);
void dumps_drop_domain(struct daemon *d, domid_t domid);
/* Keeps the core of a domain that has died. */
void dump_keep(struct daemon *d, const struct domain *domain);
void dumps_forget(struct daemon *d);

/* --- records.c -------------------------------------------------------------------------------- */
int records_write(struct daemon *d, const struct domain *domain);
void records_remove(domid_t domid, const uint8_t uuid[16], bool keep_vm);
int records_rename(const struct domain *domain);

/* --- image.c ---------------------------------------------------------------------------------- */
/* An image of a file of this domain, or of an upload ("upload:N"). */
struct image {
	struct build_image bytes;
	struct plat_file file;
};

int image_load(struct daemon *d, const char *path, struct image *image);
/* What people call it. */
const char *image_name(struct daemon *d, const char *path);
void image_release(struct image *image);
/* A domain begins or ends naming this path; uploads that nobody names are dropped. */
void image_use(struct daemon *d, const char *path);
void image_unuse(struct daemon *d, const char *path);
/* -ENOSPC: there are too many; -EFBIG, -ENOMEM: there is no room for it. */
int upload_begin(struct daemon *d, struct client *owner, const struct upload_plan *plan, unsigned int *id);
int upload_add(struct daemon *d, struct client *owner, unsigned int id, const struct json *json,
	       int value);
/* The image is whole; it was sent as gzip and is wanted as it was before. */
int upload_unpack(struct daemon *d, struct client *owner, unsigned int id);
void uploads_drop(struct daemon *d, struct client *owner);

#endif
