# SPDX-License-Identifier: GPL-2.0-only
# The store: its core, its two programs, and the client library.

XENSTORE_CORE_SRCS := $(addprefix xenstore-lite/,memory.c account.c perms.c node.c directory.c \
	path.c tally.c store.c walk.c orphan.c transaction.c wire.c watch.c connection.c outbox.c \
	request.c \
	request_store.c request_domain.c session.c control.c ring.c domain.c server.c)

# The client library as a program on a host links it.
XENSTORE_CLIENT_SRCS := $(addprefix xenstore-lite/,client.c client_talk.c client_host.c path.c wire.c)

# What the control domain's image needs: the store, its thread, and the library on top of it. Uses
# TOOLS_HYPERCALL_SRCS.
XENSTORE_MINIOS_SRCS := $(XENSTORE_CORE_SRCS) $(addprefix xenstore-lite/,main_minios.c client.c \
	client_talk.c client_minios.c)

$(B)/host/xenstored-lite: $(call objs,host,$(XENSTORE_CORE_SRCS) xenstore-lite/main_host.c)
	$(call say,LD,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) -o $@ $(filter %.o,$^)

$(B)/host/libxenstore-lite.a: $(call objs,host,$(XENSTORE_CLIENT_SRCS))
	$(call say,AR,$@)
	@mkdir -p $(dir $@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

HOST_PROGRAMS += $(B)/host/xenstored-lite
