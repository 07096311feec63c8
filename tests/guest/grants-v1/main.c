/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain that was created for version 1 of grant tables does not get the other. */
#include "tests/guest/lib/test.h"
#include "pvabi/grant_table.h"

const char test_title[] = "the version of grant tables has the limit of the configuration";

void test_main(void)
{
	struct gnttab_set_version set = { .version = 2 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };

	CHECK_EQUAL(hypercall_grant_table_op(GNTTABOP_set_version, &set, 1), -XEN_ENOSYS);
	CHECK_EQUAL(set.version, 1);
	CHECK_EQUAL(hypercall_grant_table_op(GNTTABOP_get_version, &get, 1), 0);
	CHECK_EQUAL(get.version, 1);
	set.version = 1;
	CHECK_EQUAL(hypercall_grant_table_op(GNTTABOP_set_version, &set, 1), 0);
}
