# SPDX-License-Identifier: GPL-2.0-only
# The scheduler and the timers on a simulated machine, and the arithmetic of time.

HOST_TESTS += sched sched_call sched_race timer time

SCHED_SRCS := $(addprefix hypervisor/services/,sched.c sched_account.c sched_credit.c \
	sched_grant.c sched_park.c sched_params.c sched_runstate.c sched_wait.c watchdog.c timer.c \
	time_vcpu.c) hypervisor/lib/pheap.c
sched_test_SRCS := tests/host/fake_sched.c $(SCHED_SRCS)
timer_test_SRCS := tests/host/fake_sched.c $(SCHED_SRCS)
sched_call_test_SRCS := tests/host/fake_sched.c hypervisor/hypercall/sched.c \
	hypervisor/hypercall/vcpu.c $(SCHED_SRCS)
sched_race_test_SRCS := hypervisor/arch/spinlock.c $(SCHED_SRCS)
time_test_SRCS := hypervisor/services/time_rtc.c
