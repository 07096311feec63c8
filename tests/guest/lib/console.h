/* SPDX-License-Identifier: GPL-2.0-only */
/* Output of a test: the hypervisor's console for the first domain, the console ring for others. */
#ifndef TESTS_GUEST_CONSOLE_H
#define TESTS_GUEST_CONSOLE_H

/* From here on printk() goes there. */
void test_console_init(void);
/* Returns when the reader has taken everything. */
void test_console_flush(void);

#endif
