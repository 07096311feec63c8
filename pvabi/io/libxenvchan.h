/* SPDX-License-Identifier: MIT */
/* Byte streams between two domains: the page the offering side (server) grants. */

#ifndef __PVABI_IO_LIBXENVCHAN_H__
#define __PVABI_IO_LIBXENVCHAN_H__

#include <stdint.h>

/* vchan_interface.cli_notify, .srv_notify: the side wants an event after the other's ... */
#define VCHAN_NOTIFY_WRITE	0x1
#define VCHAN_NOTIFY_READ	0x2

struct ring_shared {
	uint32_t cons, prod;
};

/*
 * left: from client to server; right: from server to client. A ring of 1 << order bytes: 10 and 11
 * stand in this page, at its bytes 1024 and 2048, larger ones in the granted pages, left first.
 */
struct vchan_interface {
	struct ring_shared left, right;
	uint16_t left_order, right_order;
	uint8_t cli_live, srv_live;		/* 0: gone, 1: there, 2: waits to be joined */
	uint8_t cli_notify, srv_notify;
	uint32_t grants[0];
};

#endif /* __PVABI_IO_LIBXENVCHAN_H__ */
