/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that read the core of a domain, piece by piece. */
#include <errno.h>
#include <stdlib.h>

#include "tools/core/core.h"
#include "tools/daemon/requests.h"
#include "tools/lib/base64.h"

#define PIECE	  36864u /* 48 KiB of text: within a line */
#define CHUNK	  2048u
#define MAX_WORK  (256u << 10)
#define MAX_ZEROS (16u << 20) /* looked through at once */

/* One that was kept, if that is asked for or there is no such domain any more. */
static int begin(struct request *r, struct dump **dump)
{
	char name[DOMAIN_NAME_MAX];
	struct domain *domain;
	bool kept = false;
	domid_t domid;
	int rc = request_bool(r, "kept", &kept);

	if (rc)
		return rc;
	if (json_string(r->json, request_arg(r, "domain"), name, sizeof(name)))
		return fault_set(&r->fault, -EINVAL, "\"domain\" is missing or wrong");
	if (kept)
		return dump_begin_kept(r->d, r->client, name, dump, &r->fault);
	rc = request_guest(r, &domid, &domain);
	if (!rc)
		return dump_begin(r->d, r->client, domid, dump, &r->fault);
	if (rc == -ESRCH) {
		struct fault none;

		if (!dump_begin_kept(r->d, r->client, name, dump, &none))
			return 0;
	}
	return rc;
}

int request_dump_core(struct request *r)
{
	struct dump *dump;
	int rc = begin(r, &dump);

	if (rc)
		return rc;
	json_put_u64(r->out, "core", dump->id);
	json_put_u64(r->out, "size", core_size(dump->core));
	return 0;
}

static int find(struct request *r, struct dump **dump)
{
	uint64_t id = 0;
	int rc = request_u64(r, "core", &id);

	if (rc)
		return rc;
	*dump = dump_by_id(r->d, r->client, id);
	return *dump ? 0 : fault_set(&r->fault, -ENOENT, "no such core is being read");
}

/* Memory is mostly zero: each run of zeros is one, and the number of them. */
static void pack(struct buf *out, const char *data, size_t len)
{
	size_t at = 0, run;

	while (at < len) {
		for (run = 0; at + run < len && run < 255 && !data[at + run]; run++)
			;
		buf_putc(out, data[at]);
		if (run)
			buf_putc(out, run);
		at += run ? run : 1;
	}
}

/* As many chunks as surely fit a line, or seem enough work for one request. */
static int put_data(struct request *r, struct core *core, uint64_t at, uint64_t left)
{
	struct buf packed = { 0 }, text = { 0 };
	char data[CHUNK];
	uint64_t done = 0;
	size_t len;
	int rc = -ENOMEM;

	while (done < left && done < MAX_WORK && packed.len + 2 * CHUNK <= PIECE) {
		len = left - done < CHUNK ? left - done : CHUNK;
		core_read(core, at + done, data, len);
		pack(&packed, data, len);
		done += len;
	}
	base64_encode(&text, packed.data, packed.len);
	if (!packed.failed && !text.failed) {
		json_put_u64(r->out, "length", done);
		json_put_string(r->out, "data", text.data);
		rc = 0;
	}
	buf_free(&packed);
	buf_free(&text);
	return rc;
}

int request_core_data(struct request *r)
{
	uint64_t at = 0, left, zeros;
	struct dump *dump;
	int rc = find(r, &dump);

	if (!rc)
		rc = request_u64(r, "offset", &at);
	if (rc)
		return rc;
	if (at >= core_size(dump->core))
		return fault_set(&r->fault, -EINVAL, "\"offset\" is beyond the end");
	left = core_size(dump->core) - at;
	zeros = core_zeros(dump->core, at, left < MAX_ZEROS ? left : MAX_ZEROS);
	if (!zeros)
		return put_data(r, dump->core, at, left);
	json_put_u64(r->out, "zeros", zeros);
	return 0;
}

int request_core_end(struct request *r)
{
	struct dump *dump;
	int rc = find(r, &dump);

	if (!rc)
		dump_end(dump);
	return rc;
}
