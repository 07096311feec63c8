/* SPDX-License-Identifier: GPL-2.0-only */
/* xl create: reads the configuration, hands over images where they must be, asks for the domain. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/domain_config.h"
#include "tools/lib/base64.h"
#include "tools/xl/xl.h"

#define UPLOAD_PIECE 24576u /* a multiple of three: 32 KiB of text */
#define STAY_MS	     10000 /* one look; it ends when something happens */
#define MAX_CONFIG   (1u << 20)
#define MAX_IMAGE    (128u << 20) /* the protocol's limit */

struct report {
	struct cfg_report base;
	FILE *err;
};

static void put_report(struct cfg_report *base, bool error, const char *text)
{
	struct report *r = (struct report *)base;

	fprintf(r->err, "%s%s\n", error ? "" : "WARNING: ", text);
}

/* A whole file; malloc'ed. */
static char *read_file(const char *path, size_t limit, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct buf text = { 0 };
	char piece[1024];
	int error = 0;
	size_t n;

	if (!f)
		return NULL;
	buf_add(&text, "", 0);
	while (text.len <= limit && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&text, piece, n);
	if (ferror(f))
		error = errno;
	else if (text.failed || text.len > limit)
		error = text.failed ? ENOMEM : EFBIG;
	fclose(f);
	if (error) {
		buf_free(&text);
		errno = error;
		return NULL;
	}
	*len = text.len;
	return text.data;
}

/*
 * The file first, then "key=value" arguments, which replace its settings. Standard output is left to
 * the configuration that may be printed.
 */
static int read_config(struct xl *xl, const char *path, char **vars, int nr_vars, bool quiet,
		       struct domain_config *config)
{
	struct report report = { { put_report }, xl->io->err };
	struct cfg cfg = { 0 };
	size_t len;
	char found[DOMAIN_PATH_MAX], *text = read_file(path, MAX_CONFIG, &len);
	int rc, i;

	if (!text && errno == ENOENT && xl->io->find && xl->io->find(path, found, sizeof(found)))
		text = read_file(found, MAX_CONFIG, &len);

	if (!text) {
		fprintf(xl->io->err, "Failed to read config file: %s: %s\n", path, strerror(errno));
		return XL_CREATE_FAIL;
	}
	if (!quiet)
		fprintf(xl->io->err, "Parsing config from %s\n", path);
	rc = cfg_parse(&cfg, path, text, len, &report.base);
	free(text);
	for (i = 0; i < nr_vars && !rc; i++)
		rc = cfg_parse(&cfg, "command line", vars[i], strlen(vars[i]), &report.base);
	if (!rc) {
		free(cfg.name);
		cfg.name = strdup(path);
		rc = cfg.name ? domain_config_from_cfg(config, &cfg, &report.base) : -ENOMEM;
	}
	cfg_free(&cfg);
	return rc ? XL_FAIL : XL_OK;
}

static int send_piece(struct xl *xl, uint64_t upload, const char *data, size_t len)
{
	struct buf text = { 0 };
	struct call call;

	base64_encode(&text, data, len);
	xl_begin(xl, &call, "upload-data");
	json_put_u64(&call.w, "upload", upload);
	json_put_string(&call.w, "data", text.data ? text.data : "");
	call.line.failed |= text.failed;
	buf_free(&text);
	return xl_call_simple(xl, &call);
}

static int send_pieces(struct xl *xl, uint64_t id, const char *what, const char *data, size_t len)
{
	size_t at, piece;
	int rc = 0;

	for (at = 0; at < len && !rc; at += piece) {
		piece = len - at < UPLOAD_PIECE ? len - at : UPLOAD_PIECE;
		rc = send_piece(xl, id, data + at, piece);
		if (xl->io->progress && xl->io->show_progress)
			xl->io->progress(xl->io, what, at + piece, len);
	}
	return rc;
}

/* A file that is to be sent. */
struct sent {
	const char *path;
	size_t size;
	char *data; /* all of it */
	size_t len;
	bool packed;
};

static int begin_upload(struct xl *xl, const struct sent *sent, uint64_t *id)
{
	struct reply reply;
	struct call call;
	int rc;

	xl_begin(xl, &call, "upload");
	json_put_string(&call.w, "name", sent->path);
	json_put_u64(&call.w, "size", sent->size);
	if (sent->packed)
		json_put_u64(&call.w, "sent", sent->len);
	rc = xl_call(xl, &call, &reply);
	if (rc)
		return rc;
	*id = reply_u64(&reply, reply.ok, "upload");
	reply_free(&reply);
	return 0;
}

static int unpack_upload(struct xl *xl, uint64_t id)
{
	struct call call;

	xl_begin(xl, &call, "upload-unpack");
	json_put_u64(&call.w, "upload", id);
	return xl_call_simple(xl, &call);
}

/* 0, or an errno: also for a folder, which can be opened. */
static int file_size(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	int error = 0;
	long end;

	if (!f)
		return errno;
	if (fgetc(f) == EOF && ferror(f))
		error = errno;
	else if (fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0)
		error = errno;
	else
		*size = end;
	fclose(f);
	return error;
}

/* A line is slow, so what is sent goes packed if that can be done. */
static int load(struct xl *xl, struct sent *sent)
{
	if (sent->size > MAX_IMAGE)
		return EFBIG;
	sent->data = xl->io->pack ? xl->io->pack(sent->path, &sent->len) : NULL;
	sent->packed = sent->data;
	if (!sent->packed)
		sent->data = read_file(sent->path, MAX_IMAGE, &sent->len);
	return sent->data ? 0 : errno;
}

/* Sends a file of this host; its name becomes the daemon's name for it. */
static int upload(struct xl *xl, char *path)
{
	struct sent sent = { .path = path };
	uint64_t id = 0;
	int rc = file_size(path, &sent.size);

	/* One that is not here may still be one of the control domain's own. */
	if (rc == ENOENT || rc == ENOTDIR)
		return 0;
	if (!rc)
		rc = load(xl, &sent);
	if (rc) {
		xl_error(xl->io, "%s: %s%s", path, strerror(rc),
			rc == EFBIG ? ", an image has at most 128 MiB" : "");
		return -rc;
	}
	rc = begin_upload(xl, &sent, &id);
	if (!rc)
		rc = send_pieces(xl, id, path, sent.data, sent.len);
	if (!rc && sent.packed)
		rc = unpack_upload(xl, id);
	free(sent.data);
	snprintf(path, DOMAIN_PATH_MAX, "upload:%llu", (unsigned long long)id);
	return rc;
}

static int upload_images(struct xl *xl, struct domain_config *config)
{
	int rc = upload(xl, config->kernel);

	if (!rc && config->ramdisk[0])
		rc = upload(xl, config->ramdisk);
	return rc;
}

static int print_config(struct xl *xl, const struct domain_config *config)
{
	struct buf text = { 0 };
	struct json_writer w;
	struct json json;
	int rc;

	json_writer_init(&w, &text);
	domain_config_to_json(config, &w, NULL);
	rc = text.failed ? -ENOMEM : json_parse(&json, text.data, text.len);
	if (!rc) {
		xl_print_json(xl->io->out, &json, JSON_ROOT, 0);
		fputc('\n', xl->io->out);
		json_free(&json);
	}
	buf_free(&text);
	return rc ? XL_FAIL : XL_OK;
}

/* What options say of the new domain. */
struct start {
	bool paused, console, foreground;
};

/* Tells of the domain's ends until it will not start again. */
static int stay(struct xl *xl, uint64_t domid)
{
	struct xl_life life;
	int rc = 0;

	while (!rc) {
		while (xl_next_life(xl, &life)) {
			if (life.what == XL_RESTARTED && life.was == domid)
				domid = life.domid;
			else if (life.domid != domid)
				continue;
			else if (life.what == XL_DESTROYED || life.what == XL_LOST)
				return XL_OK;
			else if (life.what == XL_SHUTDOWN)
				fprintf(xl->io->err, "Domain %u has shut down, reason code %u 0x%x\n"
						     "Action for shutdown reason code %u is %s\n",
					(unsigned int)domid, (unsigned int)life.reason,
					(unsigned int)life.reason, (unsigned int)life.reason, life.action);
			if (!strcmp(life.action, "preserve"))
				return XL_OK;
		}
		rc = xl_wait_life(xl, STAY_MS);
	}
	return XL_FAIL;
}

/* Asks for it, paused where a console shall see its first words. */
static int ask(struct xl *xl, const struct domain_config *config, bool paused, uint64_t *domid)
{
	struct reply reply;
	struct call call;

	xl_begin(xl, &call, "create");
	domain_config_to_json(config, &call.w, "config");
	json_put_bool(&call.w, "paused", paused);
	if (xl_call(xl, &call, &reply))
		return XL_CREATE_FAIL;
	*domid = reply_u64(&reply, reply.ok, "domid");
	reply_free(&reply);
	return XL_OK;
}

/* What can be refused should be before a large kernel is sent. */
static int send_images(struct xl *xl, struct domain_config *config)
{
	struct call call;
	int rc;

	xl_begin(xl, &call, "create");
	domain_config_to_json(config, &call.w, "config");
	json_put_bool(&call.w, "check", true);
	rc = xl_call_simple(xl, &call);
	return rc ? rc : upload_images(xl, config);
}

static int show_console(struct xl *xl, uint64_t domid, bool paused)
{
	struct call call;
	char text[12];

	snprintf(text, sizeof(text), "%u", (unsigned int)domid);
	if (paused)
		return xl_run_console(xl, text, NULL);
	xl_begin(xl, &call, "unpause");
	json_put_string(&call.w, "domain", text);
	return xl_run_console(xl, text, &call);
}

static int create(struct xl *xl, const struct domain_config *config, const struct start *start)
{
	uint64_t domid;
	int rc;

	if (start->foreground && xl_watch_domains(xl))
		return XL_FAIL;
	rc = ask(xl, config, start->paused || start->console, &domid);
	if (rc == XL_OK && start->console)
		rc = show_console(xl, domid, start->paused);
	if (rc == XL_OK && start->foreground)
		rc = stay(xl, domid);
	return rc;
}

static const struct long_opt longs[] = {
	{ "defconfig", 'f' }, { "dryrun", 'n' }, { "quiet", 'q' }, { "paused", 'p' },
	{ "vncviewer", 'V' }, { "vncviewer-autopass", 'A' },
	{ "ignore-global-affinity-masks", 'i' }, { NULL, 0 },
};

/*
 * Takes the file's name, given by -f or as the first of the arguments from *@first on, of which
 * only settings may remain.
 */
static int find_path(struct xl *xl, const struct opts *opts, int *first, const char **path)
{
	int i;

	*path = opts_value(opts, 'f');
	if (!*path && opts->count > *first && !strchr(opts->args[*first], '='))
		*path = opts->args[(*first)++];
	for (i = *first; i < opts->count; i++)
		if (!strchr(opts->args[i], '='))
			return opts_usage(xl);
	if (*path)
		return XL_OK;
	fprintf(xl->io->err, "Config file not specified, try 'xl help %s'\n", xl->command);
	return XL_NO_CONFIG;
}

/* Makes it what @domain will be started with. */
static int update(struct xl *xl, const char *domain, struct domain_config *config)
{
	struct reply reply;
	struct call call;

	if (xl_connect(xl) || (xl->io->remote && upload_images(xl, config)))
		return XL_FAIL;
	xl_begin(xl, &call, "config-update");
	json_put_string(&call.w, "domain", domain);
	domain_config_to_json(config, &call.w, "config");
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	fprintf(xl->io->err, "setting dom%u configuration\n",
		(unsigned int)reply_u64(&reply, reply.ok, "domid"));
	reply_free(&reply);
	return XL_OK;
}

int xl_config_update(struct xl *xl, int argc, char **argv)
{
	struct domain_config *config;
	struct opts opts;
	const char *path;
	int first = 1, rc = opts_parse(xl, &opts, argc, argv, "dqf:", longs, 1);

	if (rc == XL_OK)
		rc = find_path(xl, &opts, &first, &path);
	if (rc != XL_OK)
		return rc;
	config = malloc(sizeof(*config));
	if (!config)
		return XL_FAIL;
	rc = read_config(xl, path, opts.args + first, opts.count - first, true, config);
	if (rc == XL_OK && (xl->dry_run || opts_has(&opts, 'd')))
		rc = print_config(xl, config);
	if (rc == XL_OK && !xl->dry_run)
		rc = update(xl, opts.args[0], config);
	free(config);
	return rc;
}

int xl_create(struct xl *xl, int argc, char **argv)
{
	struct domain_config *config;
	struct opts opts;
	const char *path;
	int first = 0, rc = opts_parse(xl, &opts, argc, argv, "f:pcdnqFeVAi", longs, 0);
	struct start start = { opts_has(&opts, 'p'), opts_has(&opts, 'c'), opts_has(&opts, 'F') };
	bool dry;
	int i;

	if (rc == XL_OK)
		rc = find_path(xl, &opts, &first, &path);
	if (rc != XL_OK)
		return rc;
	config = malloc(sizeof(*config));
	if (!config)
		return XL_FAIL;
	dry = xl->dry_run || opts_has(&opts, 'n');
	rc = read_config(xl, path, opts.args + first, opts.count - first, opts_has(&opts, 'q'), config);
	/* Nobody shall wait for its end: it stays as it is then, for whoever looks. */
	for (i = 0; i < DEATH_COUNT && opts_has(&opts, 'e'); i++)
		config->on[i] = ACTION_PRESERVE;
	if (rc == XL_OK && (dry || opts_has(&opts, 'd')))
		rc = print_config(xl, config);
	if (rc == XL_OK && !dry) {
		if (xl_connect(xl))
			rc = XL_FAIL;
		else if (xl->io->remote && send_images(xl, config))
			rc = XL_CREATE_FAIL;
		else
			rc = create(xl, config, &start);
	}
	free(config);
	return rc;
}
