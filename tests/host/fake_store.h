/* SPDX-License-Identifier: GPL-2.0-only */
/* A store behind tools/platform/store.h that remembers values; its calls fail as the hypervisor's.
 */
#ifndef TESTS_HOST_FAKE_STORE_H
#define TESTS_HOST_FAKE_STORE_H

#include <stdbool.h>

#include "pvabi/xen.h"

void fake_store_reset(void);
/* NULL: there is no such node. */
const char *fake_store_read(const char *path);
unsigned int fake_store_nodes(void);
bool fake_store_introduced(domid_t domid);
/* The next plat_store_domain_event() tells of this domain (PLAT_STORE_ANY: of somebody). */
void fake_store_fire(domid_t domid);

#endif
