# SPDX-License-Identifier: GPL-2.0-only
# The toolstack: libraries shared by the control domain's image, the host programs and the tests.

TOOLS_LIB_SRCS := tools/lib/buf.c tools/lib/json.c
TOOLS_CFG_SRCS := tools/cfg/cfg.c tools/cfg/cfg_keys.c tools/cfg/config_json.c \
	tools/cfg/domain_config.c
TOOLS_HYPERCALL_SRCS := tools/hypercall/domctl.c tools/hypercall/memory.c \
	tools/hypercall/misc.c tools/hypercall/sysctl.c
TOOLS_ELF_SRCS := tools/builder/elf.c tools/builder/elf_notes.c tools/builder/fault.c
TOOLS_BUILDER_SRCS := $(TOOLS_ELF_SRCS) tools/builder/builder.c tools/builder/guest_memory.c \
	tools/builder/gzip.c tools/builder/inflate.c tools/builder/layout.c \
	tools/builder/pagetable.c tools/builder/start.c

# jsmn is one header of Debian's libjsmn-dev; a copy serves compilers that do not see /usr/include.
JSMN := $(B)/gen/jsmn/jsmn.h
$(JSMN): /usr/include/jsmn.h
	@mkdir -p $(dir $@)
	$(Q)cp $< $@
$(call objs,host,$(TOOLS_LIB_SRCS)): | $(JSMN)
$(call objs,test,$(TOOLS_LIB_SRCS)): | $(JSMN)
