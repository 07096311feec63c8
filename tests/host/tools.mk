# SPDX-License-Identifier: GPL-2.0-only
# Host tests of the toolstack.

HOST_TESTS += json cfg cfg_cpuid elf gzip builder

json_test_SRCS := $(TOOLS_LIB_SRCS)
cfg_test_SRCS := $(TOOLS_LIB_SRCS) $(TOOLS_CFG_SRCS)
cfg_cpuid_test_SRCS := $(TOOLS_LIB_SRCS) $(TOOLS_CFG_SRCS)
elf_test_SRCS := tests/host/make_elf.c $(TOOLS_ELF_SRCS)
gzip_test_SRCS := tools/builder/crc32.c tools/builder/gzip.c tools/builder/inflate.c
builder_test_SRCS := tests/host/fake_hypervisor.c tests/host/make_elf.c $(TOOLS_LIB_SRCS) \
	$(TOOLS_CFG_SRCS) $(TOOLS_HYPERCALL_SRCS) $(TOOLS_BUILDER_SRCS)

HOST_TESTS += daemon
DAEMON_HARNESS := tests/host/daemon_harness.c tests/host/fake_hypervisor.c \
	tests/host/fake_store.c tests/host/make_elf.c $(TOOLS_LIB_SRCS) $(TOOLS_CFG_SRCS) \
	$(TOOLS_HYPERCALL_SRCS) $(TOOLS_BUILDER_SRCS) $(TOOLS_DAEMON_SRCS)
daemon_test_SRCS := $(DAEMON_HARNESS)

HOST_TESTS += core
core_test_SRCS := $(DAEMON_HARNESS)

HOST_TESTS += xl line
xl_test_SRCS := $(DAEMON_HARNESS) $(TOOLS_XL_SRCS) tools/shell/words.c
line_test_SRCS := tools/shell/line.c tools/shell/words.c

HOST_TESTS += xz
xz_test_SRCS := $(TOOLS_UNPACK_SRCS) tools/builder/kernel_image.c tools/builder/fault.c \
	tests/host/fake_hypervisor.c

HOST_TESTS += mux
mux_test_SRCS := tools/lib/mux.c tools/dom0/mux.c
