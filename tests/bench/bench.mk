# SPDX-License-Identifier: GPL-2.0-only
# make bench: instructions per operation (see docs/bench.md). XEN=1 runs Debian's Xen beside it.

define bench_guest
$(call minios_image,$(1),$(B)/bench/guest-$(1),$(call minios_core_objs,$(1)) \
	$(call objs,$(1),$(GUEST_LIB_SRCS) tests/guest/lib/guard_$(1).S $(MINIOS_USER_SRCS_$(1)) \
	tests/bench/guest/main.c tests/bench/guest/smp.c tests/bench/guest/entry_$(1).S),)
endef
$(foreach w,pv32 pv64,$(eval $(call bench_guest,$(w))))

$(B)/bench/firmware: tests/bench/firmware.S
	$(call say,AS,$@)
	@mkdir -p $(dir $@)
	$(Q)$(CC) -m32 -c -o $@.o $<
	$(Q)ld -m elf_i386 -z noexecstack -z max-page-size=4096 -Ttext 0x100000 -o $@ $@.o

# Debian's Xen, as the package has it; nothing is installed.
$(B)/bench/xen-4.17:
	@mkdir -p $(dir $@)xen
	$(Q)cd $(dir $@)xen && apt-get download -qq xen-hypervisor-4.17-amd64
	$(Q)cd $(dir $@)xen && dpkg -x xen-hypervisor-*.deb .
	$(Q)gzip -dc $(dir $@)xen/boot/xen-4.17-amd64.gz >$@

BENCH_FILES := $(B)/bench/firmware $(B)/bench/guest-pv32 $(B)/bench/guest-pv64 $(B)/paravane \
	$(B)/dom0-pv32 $(B)/ramdisk.cpio $(if $(XEN),$(B)/bench/xen-4.17)

bench: $(BENCH_FILES)
	$(Q)$(PYTHON) tests/bench/run.py --build $(B) $(if $(XEN),--xen $(B)/bench/xen-4.17)
	$(Q)$(MAKE) bench-domains
	$(Q)$(MAKE) store-bench

# Beside 1, 100 and 1,000 domains.
bench-domains: $(B)/paravane $(B)/dom0-pv32 $(B)/ramdisk.cpio
	$(Q)B=$(B) $(PYTHON) tests/bench/domains.py

.PHONY: bench bench-domains
