# SPDX-License-Identifier: GPL-2.0-only
# The toolstack: libraries shared by the control domain's image, the host programs and the tests;
# the control domain; its ramdisk and the boot image.

TOOLS_LIB_SRCS := $(addprefix tools/lib/,base64.c buf.c json.c mux.c)
TOOLS_CFG_SRCS := $(addprefix tools/cfg/,cfg.c cfg_absent.c cfg_cpuid.c cfg_cpus.c cfg_devices.c \
	cfg_disk.c cfg_keys.c cfg_vif.c config_json.c cpuid_names.c domain_config.c)
TOOLS_HYPERCALL_SRCS := tools/hypercall/domctl.c tools/hypercall/memory.c \
	tools/hypercall/misc.c tools/hypercall/sysctl.c
TOOLS_ELF_SRCS := tools/builder/elf.c tools/builder/elf_notes.c tools/builder/fault.c
TOOLS_UNPACK_SRCS := $(addprefix tools/builder/,crc32.c gzip.c inflate.c lzma2.c xz.c xz_x86.c)
TOOLS_BUILDER_SRCS := $(TOOLS_ELF_SRCS) $(TOOLS_UNPACK_SRCS) $(addprefix tools/builder/,builder.c \
	cpu_policy.c guest_memory.c kernel_image.c layout.c pagetable.c start.c)
TOOLS_DAEMON_SRCS := $(addprefix tools/core/,core.c core_elf.c core_loads.c core_pages.c) \
	$(addprefix tools/daemon/,client.c console.c daemon.c death.c dump.c image.c index.c life.c \
	records.c request_core.c request_domain.c request_info.c request_query.c request_tune.c requests.c)
TOOLS_XL_SRCS := $(addprefix tools/xl/,client.c console.c control.c core.c create.c error.c info.c list.c main.c \
	opts.c print_json.c top.c tune.c walk.c)
TOOLS_SHELL_SRCS := $(addprefix tools/shell/,commands.c line.c shell.c store_commands.c words.c)
TOOLS_MINIOS_SRCS := $(TOOLS_LIB_SRCS) $(TOOLS_CFG_SRCS) $(TOOLS_HYPERCALL_SRCS) \
	$(TOOLS_BUILDER_SRCS) $(TOOLS_DAEMON_SRCS) $(TOOLS_XL_SRCS) $(TOOLS_SHELL_SRCS) \
	$(addprefix tools/platform/,minios.c stream_minios.c store_xs.c) \
	$(addprefix tools/dom0/,io.c listener.c main.c mux.c serial.c)

# jsmn is one header of Debian's libjsmn-dev; a copy serves compilers that do not see /usr/include.
JSMN := $(B)/gen/jsmn/jsmn.h
$(JSMN): /usr/include/jsmn.h
	@mkdir -p $(dir $@)
	$(Q)cp $< $@
$(foreach c,host test pv32 pv64,$(eval $(call objs,$(c),$(TOOLS_LIB_SRCS)): | $(JSMN)))
$(foreach c,pv32 pv64,$(eval $(call objs,$(c),tools/platform/minios.c): | $(BUILD_H)))

# --- the control domain ---------------------------------------------------------------------------
define dom0_image
$(call minios_image,$(1),$(B)/dom0-$(1),$(call minios_objs,$(1)) \
	$(call objs,$(1),$(XENSTORE_MINIOS_SRCS) $(TOOLS_MINIOS_SRCS)),$(call \
	minios_libc,$(1)))
endef
$(foreach w,pv32 pv64,$(eval $(call dom0_image,$(w))))

# --- xl on the host -------------------------------------------------------------------------------
$(B)/host/xl: $(call objs,host,$(TOOLS_LIB_SRCS) $(TOOLS_CFG_SRCS) $(TOOLS_XL_SRCS) \
		tools/xl/main_host.c tools/xl/broker.c)
	$(call say,LD,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) -o $@ $(filter %.o,$^)

# --- the control daemon for a Linux control domain ------------------------------------------------
$(B)/host/paravaned: $(call objs,host,$(TOOLS_LIB_SRCS) $(TOOLS_CFG_SRCS) $(TOOLS_HYPERCALL_SRCS) \
		$(TOOLS_BUILDER_SRCS) $(TOOLS_DAEMON_SRCS) tools/daemon/main_linux.c \
		tools/platform/linux.c tools/platform/store_xs.c $(XENSTORE_CLIENT_SRCS))
	$(call say,LD,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) -o $@ $(filter %.o,$^) -pthread

HOST_PROGRAMS += $(B)/host/xl $(B)/host/paravaned
all: $(B)/host/paravaned

include tools/image/image.mk
