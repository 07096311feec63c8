# SPDX-License-Identifier: GPL-2.0-only
# Host tests of the mini-OS: the parts that need no hypervisor.

MINIOS_HOST_TESTS := minios_div64 minios_format minios_pages minios_ramdisk minios_string \
	minios_tty minios_window
HOST_TESTS += $(MINIOS_HOST_TESTS)

minios_div64_test_SRCS := minios/arch/pv32/div64.c
minios_format_test_SRCS := minios/kernel/format.c
minios_pages_test_SRCS := minios/kernel/pages.c tests/host/fake_minios.c
minios_ramdisk_test_SRCS := minios/kernel/ramdisk.c
minios_string_test_SRCS := minios/kernel/string.c
minios_tty_test_SRCS := minios/kernel/tty.c tests/host/fake_minios.c
minios_window_test_SRCS := minios/kernel/window.c tests/host/fake_minios.c

$(foreach t,$(MINIOS_HOST_TESTS),$(call objs,test,tests/host/$(t)_test.c $($(t)_test_SRCS))): \
	test_CFLAGS += -Itests/host/fake_minios -Iminios/include

# Under names of their own, beside the host's.
$(call objs,test,minios/kernel/string.c): test_CFLAGS += -fno-builtin \
	$(foreach f,memcpy memmove memset memcmp strlen strcmp strncmp,-D$(f)=minios_$(f))
