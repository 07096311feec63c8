# SPDX-License-Identifier: GPL-2.0-only
# The store: its core, its two programs, and the client library.

XENSTORE_CORE_SRCS := $(addprefix xenstore-lite/,memory.c account.c perms.c node.c directory.c \
	path.c tally.c store.c walk.c transaction.c wire.c watch.c connection.c request.c \
	request_store.c request_domain.c session.c control.c ring.c domain.c server.c)

$(B)/host/xenstored-lite: $(call objs,host,$(XENSTORE_CORE_SRCS) xenstore-lite/main_host.c)
	$(call say,LD,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) -o $@ $(filter %.o,$^)
