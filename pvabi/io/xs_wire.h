/* SPDX-License-Identifier: MIT */
/* The store's wire protocol, and the page a guest shares with the store. */

#ifndef _XS_WIRE_H
#define _XS_WIRE_H

#include <stdint.h>

/* Kinds of messages; an answer has the kind of its request, or XS_ERROR. */
enum xsd_sockmsg_type {
	XS_CONTROL,
#define XS_DEBUG XS_CONTROL
	XS_DIRECTORY,
	XS_READ,
	XS_GET_PERMS,
	XS_WATCH,
	XS_UNWATCH,
	XS_TRANSACTION_START,
	XS_TRANSACTION_END,
	XS_INTRODUCE,
	XS_RELEASE,
	XS_GET_DOMAIN_PATH,
	XS_WRITE,
	XS_MKDIR,
	XS_RM,
	XS_SET_PERMS,
	XS_WATCH_EVENT,
	XS_ERROR,
	XS_IS_DOMAIN_INTRODUCED,
	XS_RESUME,
	XS_SET_TARGET,
	/* One number is free: it once meant something else. */
	XS_RESET_WATCHES = XS_SET_TARGET + 2,
	XS_DIRECTORY_PART,

	XS_TYPE_COUNT,				/* number of valid kinds */
	XS_INVALID = 0xffff			/* never a kind */
};

#define XS_WRITE_NONE		"NONE"
#define XS_WRITE_CREATE		"CREATE"
#define XS_WRITE_CREATE_EXCL	"CREATE|EXCL"

/* XS_ERROR carries the name of the error. */
struct xsd_errors {
	int errnum;
	const char *errstring;
};

#ifdef EINVAL
#define XSD_ERROR(x)	{ x, #x }
/* EINVAL comes first: it stands for any error which is not in the list. */
static const struct xsd_errors xsd_errors[] __attribute__((unused)) = {
	XSD_ERROR(EINVAL),
	XSD_ERROR(EACCES),
	XSD_ERROR(EEXIST),
	XSD_ERROR(EISDIR),
	XSD_ERROR(ENOENT),
	XSD_ERROR(ENOMEM),
	XSD_ERROR(ENOSPC),
	XSD_ERROR(EIO),
	XSD_ERROR(ENOTEMPTY),
	XSD_ERROR(ENOSYS),
	XSD_ERROR(EROFS),
	XSD_ERROR(EBUSY),
	XSD_ERROR(EAGAIN),
	XSD_ERROR(EISCONN),
	XSD_ERROR(E2BIG),
	XSD_ERROR(EPERM),
};
#endif

/* Header of each message; the payload follows. */
struct xsd_sockmsg {
	uint32_t type;				/* enum xsd_sockmsg_type */
	uint32_t req_id;			/* comes back in the answer */
	uint32_t tx_id;				/* transaction, or 0 */
	uint32_t len;				/* bytes of payload */
};

/* Strings in the payload of XS_WATCH_EVENT. */
enum xs_watch_type {
	XS_WATCH_PATH = 0,
	XS_WATCH_TOKEN
};

#define XENSTORE_RING_SIZE	1024
typedef uint32_t XENSTORE_RING_IDX;
#define MASK_XENSTORE_IDX(idx)	((idx) & (XENSTORE_RING_SIZE - 1))

/* req: from the guest; rsp: to the guest. Indices run freely. */
struct xenstore_domain_interface {
	char req[XENSTORE_RING_SIZE];
	char rsp[XENSTORE_RING_SIZE];
	XENSTORE_RING_IDX req_cons, req_prod;
	XENSTORE_RING_IDX rsp_cons, rsp_prod;
	uint32_t server_features;		/* XENSTORE_SERVER_FEATURE_* */
	uint32_t connection;			/* XENSTORE_CONNECTED, XENSTORE_RECONNECT */
	uint32_t error;				/* XENSTORE_ERROR_* */
};

/* Limits in bytes; a path without its zero byte. */
#define XENSTORE_PAYLOAD_MAX	4096
#define XENSTORE_ABS_PATH_MAX	3072
#define XENSTORE_REL_PATH_MAX	2048

#define XENSTORE_SERVER_FEATURE_RECONNECTION	1	/* the guest may reset the ring */
#define XENSTORE_SERVER_FEATURE_ERROR		2	/* `error` is set before a hang-up */

#define XENSTORE_CONNECTED	0
#define XENSTORE_RECONNECT	1	/* asked for by the guest, reset by the store */

#define XENSTORE_ERROR_NONE	0
#define XENSTORE_ERROR_COMM	1	/* communication broke down */
#define XENSTORE_ERROR_RINGIDX	2	/* indices make no sense */
#define XENSTORE_ERROR_PROTO	3	/* a message makes no sense */

#endif /* _XS_WIRE_H */
