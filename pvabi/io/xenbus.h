/* SPDX-License-Identifier: MIT */
/* States in which the two halves of a split device find each other, kept in the store. */

#ifndef _XEN_PUBLIC_IO_XENBUS_H
#define _XEN_PUBLIC_IO_XENBUS_H

enum xenbus_state {
	XenbusStateUnknown = 0,
	XenbusStateInitialising = 1,
	XenbusStateInitWait = 2,		/* initialised, waits for the other's details */
	XenbusStateInitialised = 3,		/* waits for the other to connect */
	XenbusStateConnected = 4,
	XenbusStateClosing = 5,			/* an error, or the device is to go */
	XenbusStateClosed = 6,
	XenbusStateReconfiguring = 7,
	XenbusStateReconfigured = 8
};
typedef enum xenbus_state XenbusState;

#endif /* _XEN_PUBLIC_IO_XENBUS_H */
