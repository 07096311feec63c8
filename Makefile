# SPDX-License-Identifier: GPL-2.0-only
# Paravane: one non-recursive make. Each folder says what it holds in its build.mk.
# `make help` lists what a person types.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

B      := build
PYTHON := /usr/bin/python3
CC     := gcc
Q      := $(if $(V),,@)
say     = $(if $(V),,@printf '  %-7s %s\n' $(1) '$(2)')

# Everything builds with as many jobs as there are CPUs, unless -j says otherwise.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# What Debian packages are missing is installed (or named) before anything looks for them.
ifneq ($(filter-out help clean distclean,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell sh tools/setup/packages.sh >&2 || echo failed),)
$(error packages are missing)
endif
endif

WARN     := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wvla
INCLUDES := -I$(B)/gen -I.

# Which sources these are: of one commit, the same words anywhere at any time.
BUILD_TIME := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))
BUILD_HASH := $(or $(addprefix git:,$(shell git rev-parse --short=12 HEAD 2>/dev/null)),unavailable)
BUILD_DATE := $(if $(BUILD_TIME),$(shell LC_ALL=C date -u -d @$(BUILD_TIME) '+%a %b %e %H:%M:%S UTC %Y'))
BUILD_H    := $(B)/gen/build.h
$(BUILD_H): FORCE
	@mkdir -p $(dir $@)
	@printf '#define BUILD_%s "%s"\n' DATE '$(BUILD_DATE)' CHANGESET '$(BUILD_HASH)' > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# --- a configuration: one compiler with one set of flags, one tree of objects ---------------------
# $(call objs,NAME,sources): the objects of these sources in configuration NAME.
objs = $(patsubst %,$(B)/obj/$(1)/%.o,$(basename $(2)))

# $(eval $(call config,NAME)): rules for $(NAME_CC) $(NAME_CFLAGS); what must be generated before
# the first compilation stands in $(NAME_DEPS).
define config
$(B)/obj/$(1)/%.o: %.c | $$($(1)_DEPS)
	$$(call say,CC,$(1) $$<)
	@mkdir -p $$(dir $$@)
	$(Q)$$($(1)_CC) $$($(1)_CFLAGS) -MMD -MP -c -o $$@ $$<
$(B)/obj/$(1)/%.o: %.S | $$($(1)_DEPS)
	$$(call say,AS,$(1) $$<)
	@mkdir -p $$(dir $$@)
	$(Q)$$($(1)_CC) $$($(1)_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $$@ $$<
$(B)/obj/$(1)/%.o: $(B)/%.c | $$($(1)_DEPS)
	$$(call say,CC,$(1) $$<)
	@mkdir -p $$(dir $$@)
	$(Q)$$($(1)_CC) $$($(1)_CFLAGS) -MMD -MP -c -o $$@ $$<
-include $$(shell find $(B)/obj/$(1) -name '*.d' 2>/dev/null)
endef

# host: programs for the machine that builds; test: the same sources under the sanitizers.
host_CC     := $(CC)
host_CFLAGS := -std=gnu11 -O2 -g $(WARN) $(INCLUDES)
test_CC     := $(CC)
test_CFLAGS := -std=gnu11 -fms-extensions -Wno-microsoft-anon-tag -O1 -g $(WARN) $(INCLUDES) -DPARAVANE_HOST_TEST \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(eval $(call config,host))
$(eval $(call config,test))

# Programs of tests/host, once all fragments have named theirs.
HOST_TEST_PROGRAMS = $(foreach t,$(HOST_TESTS),$(B)/test/$(t)_test)

# --- the folders ----------------------------------------------------------------------------------
-include pvabi/build.mk
-include hypervisor/build.mk
-include minios/build.mk
-include xenstore-lite/build.mk
-include tools/build.mk
-include $(sort $(wildcard tests/host/*.mk))
-include tests/build.mk

# --- host tests: build/test/NAME_test from tests/host/NAME_test.c and NAME_test_SRCS --------------
define host_test
$(call objs,test,tests/host/$(1)_test.c $($(1)_test_SRCS)): | $(PVABI_GENERATED)
$(B)/test/$(1)_test: $(call objs,test,tests/host/$(1)_test.c $($(1)_test_SRCS)) $($(1)_test_DEPS)
	$$(call say,LD,$$@)
	@mkdir -p $$(dir $$@)
	$(Q)$(test_CC) $(test_CFLAGS) -o $$@ $$(filter %.o,$$^) $($(1)_test_LIBS) \
		-lcheck_pic -lrt -lm -lsubunit -pthread
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_test,$(t))))

host-tests: $(HOST_TEST_PROGRAMS)

# --- what a person types --------------------------------------------------------------------------
all: $(B)/paravane $(B)/dom0-pv32 $(B)/dom0-pv64 $(MINIOS_GUESTS) $(B)/ramdisk.cpio $(B)/paravane.iso \
	$(B)/host/xl $(B)/host/xenstored-lite $(B)/host/libxenstore-lite.a

help:
	@sed -n 's/^#: //p' Makefile

#: make            build everything
#: make run        boot it in QEMU, serial console on this terminal (DOM0=pv64, CPUS=4, MEMORY=1024)
#: make debug      the same, waiting for gdb; says how to attach
#: make iso        build/paravane.iso, for BIOS and UEFI
#: make test       build and pass every test; ends with "N passed, N failed, N skipped"
#: make bench      instructions per operation
#: make fuzz       fuzz for longer than make test does
#: make soak       stress, Linux and the scheduler for much longer (SOAK_SECONDS=1800)
#: make clean      remove what was built, but for newlib
#: make distclean  remove build/
#: DEBUG=1         assertions, lock-order checks and self-tests in the hypervisor
#: V=1             show commands
#: CC=clang        build with clang

# newlib takes two minutes and never changes.
clean:
	@[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name 'newlib*' -exec rm -rf {} +

distclean:
	rm -rf $(B)

.PHONY: all help host-tests clean distclean
