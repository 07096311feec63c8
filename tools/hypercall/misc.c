/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels and grants on behalf of a domain; the hypervisor's version. */
#include <errno.h>
#include <string.h>

#include "pvabi/event_channel.h"
#include "pvabi/grant_table.h"
#include "pvabi/version.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/platform.h"

int xc_alloc_unbound(domid_t domid, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound op = { .dom = domid, .remote_dom = DOMID_SELF };
	int rc = plat_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
				(unsigned long)&op, 0, 0);

	*port = op.port;
	return rc;
}

int xc_grant_frame(domid_t domid, uint64_t *mfn)
{
	struct gnttab_setup_table op = { .dom = domid, .nr_frames = 1 };
	xen_pfn_t frame = 0;
	int rc;

	set_xen_guest_handle(op.frame_list, &frame);
	rc = plat_hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (unsigned long)&op,
			    1, 0);
	if (!rc && op.status == GNTST_bad_domain)
		rc = -ESRCH;
	else if (!rc && op.status == GNTST_permission_denied)
		rc = -EPERM;
	else if (!rc && op.status != GNTST_okay)
		rc = -ENOMEM;
	*mfn = frame;
	return rc;
}

static long ask(unsigned int cmd, void *out)
{
	return plat_hypercall(__HYPERVISOR_xen_version, cmd, (unsigned long)out, 0, 0);
}

/* A text that may fill its field without an end; *@out gets one, @size counts it. */
static void copy_text(char *out, size_t size, const char *text, size_t len)
{
	len = strnlen(text, len < size - 1 ? len : size - 1);
	memcpy(out, text, len);
	out[len] = '\0';
}

/* Asks for a text that fills @size bytes at most and ends it whatever came. */
static void ask_text(unsigned int cmd, char *out, size_t size)
{
	char text[1024] = "";

	if (ask(cmd, text) < 0)
		text[0] = '\0';
	copy_text(out, size, text, sizeof(text));
}

static void ask_compile_info(struct xc_version *v)
{
	xen_compile_info_t info;

	memset(&info, 0, sizeof(info));
	if (ask(XENVER_compile_info, &info) < 0)
		return;
	copy_text(v->compiler, sizeof(v->compiler), info.compiler, sizeof(info.compiler));
	copy_text(v->compile_by, sizeof(v->compile_by), info.compile_by, sizeof(info.compile_by));
	copy_text(v->compile_domain, sizeof(v->compile_domain), info.compile_domain,
		  sizeof(info.compile_domain));
	copy_text(v->compile_date, sizeof(v->compile_date), info.compile_date,
		  sizeof(info.compile_date));
}

/* A build without one has an empty text. */
static void ask_build_id(struct xc_version *v)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t answer[5] = { 0 }; /* a length, and the id behind it */
	const uint8_t *id = (const uint8_t *)answer + sizeof(uint32_t);
	uint32_t room = (sizeof(v->build_id) - 1) / 2;
	long len, i;

	memcpy(answer, &room, sizeof(room));
	len = ask(XENVER_build_id, answer);
	for (i = 0; i < len && i < (long)room; i++) {
		v->build_id[2 * i] = digits[id[i] >> 4];
		v->build_id[2 * i + 1] = digits[id[i] & 15];
	}
}

int xc_version(struct xc_version *v)
{
	xen_platform_parameters_t params = { 0 };
	long version = ask(XENVER_version, NULL);
	long page_size = ask(XENVER_pagesize, NULL);

	memset(v, 0, sizeof(*v));
	if (version < 0)
		return version;
	v->major = version >> 16;
	v->minor = version & 0xffff;
	v->page_size = page_size > 0 ? page_size : 0;
	if (ask(XENVER_platform_parameters, &params) >= 0)
		v->virt_start = params.virt_start;
	ask_text(XENVER_extraversion, v->extra, sizeof(v->extra));
	ask_text(XENVER_capabilities, v->capabilities, sizeof(v->capabilities));
	ask_text(XENVER_changeset, v->changeset, sizeof(v->changeset));
	ask_text(XENVER_commandline, v->commandline, sizeof(v->commandline));
	ask_compile_info(v);
	ask_build_id(v);
	return 0;
}
