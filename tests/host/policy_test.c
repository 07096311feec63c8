/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy table: who may control what, and that nothing is allowed by being forgotten. */
#include "hypervisor/control/policy.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/errno.h"
#include "tests/host/check_main.h"

static struct domain control = { .id = 0, .is_privileged = true };
static struct domain guest = { .id = 1 }, other = { .id = 2 };

START_TEST(control_domain_may_all)
{
	for (int a = 0; a < POLICY_ACTIONS; a++) {
		ck_assert_int_eq(policy_check(a, &control, &guest), 0);
		ck_assert_int_eq(policy_check(a, &control, &control), 0);
		ck_assert_int_eq(policy_check(a, &control, NULL), 0);
	}
}
END_TEST

START_TEST(guests_control_nobody)
{
	for (int a = 0; a < POLICY_ACTIONS; a++) {
		ck_assert_int_eq(policy_check(a, &guest, &other), -EPERM);
		ck_assert_int_eq(policy_check(a, &guest, &guest), -EPERM);
		ck_assert_int_eq(policy_check(a, &guest, &control), -EPERM);
		ck_assert_int_eq(policy_check(a, &guest, NULL), -EPERM);
	}
}
END_TEST

START_TEST(unknown_actions_are_refused)
{
	ck_assert_int_eq(policy_check(POLICY_ACTIONS, &control, NULL), -EPERM);
	ck_assert_int_eq(policy_check(POLICY_ACTIONS + 1000, &control, NULL), -EPERM);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("policy");
	TCase *t = tcase_create("policy");

	tcase_add_test(t, control_domain_may_all);
	tcase_add_test(t, guests_control_nobody);
	tcase_add_test(t, unknown_actions_are_refused);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
