# SPDX-License-Identifier: GPL-2.0-only
# Event channels and grants, over fake domains and frames.

HOST_TESTS += evtchn grant

evtchn_test_SRCS := $(addprefix hypervisor/services/,evtchn.c evtchn_2l.c evtchn_fifo.c \
	evtchn_status.c) hypervisor/hypercall/event.c hypervisor/domain/vcpu_info.c \
	hypervisor/lib/rangeset.c tests/host/fake_pirq.c tests/host/fake_services.c
grant_test_SRCS := $(addprefix hypervisor/services/,grant.c grant_entry.c grant_map.c grant_copy.c) \
	hypervisor/hypercall/grant.c tests/host/fake_services.c
