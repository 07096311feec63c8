# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor: build/paravane from every source of every level.
# DEBUG=1 adds assertions, lock-order checks, self-tests at boot and frame pointers.

HV_LEVELS := lib arch mm domain services hypercall control boot

hv_CC     := $(CC)
hv_CFLAGS := -std=gnu11 -O2 -g -m64 -ffreestanding -fms-extensions -Wno-microsoft-anon-tag \
	-nostdinc -isystem $(shell $(CC) -print-file-name=include) $(INCLUDES) $(WARN) \
	-fPIE -include hypervisor/lib/hidden.h -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	-fcf-protection=none -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-common
hv_DEPS    = $(PVABI_GENERATED)
hv_LDFLAGS := -m elf_x86_64 -nostdlib -static --no-dynamic-linker -z noexecstack \
	-z max-page-size=4096 --build-id=sha1 --fatal-warnings --orphan-handling=error

# The debug flavour has its own objects, so that changing one's mind costs a link only.
hv-debug_CC     := $(hv_CC)
hv-debug_CFLAGS := $(hv_CFLAGS) -DPARAVANE_DEBUG -fno-omit-frame-pointer
hv-debug_DEPS    = $(hv_DEPS)

$(eval $(call config,hv))
$(eval $(call config,hv-debug))
HV_FLAVOUR := $(if $(filter 1 y yes,$(DEBUG)),hv-debug,hv)

$(foreach c,hv hv-debug test,$(eval $(call objs,$(c),hypervisor/hypercall/version.c): | $(BUILD_H)))
$(call objs,test,tests/host/hv_info_test.c): | $(BUILD_H)

HV_SRCS := $(sort $(foreach l,$(HV_LEVELS),$(wildcard hypervisor/$(l)/*.c hypervisor/$(l)/*.S)))
# The hypercall table is generated from pvabi/hypercalls.def and comes by HV_GENERATED_SRCS.
HV_OBJS  = $(call objs,$(HV_FLAVOUR),$(HV_SRCS) $(HV_GENERATED_SRCS))

# Linked twice: the first image gives the names of its functions for back-traces. Their table stands
# behind all code, so the addresses are the same in the second image.
HV_LDS := hypervisor/paravane.lds
$(B)/obj/hv.flavour: FORCE
	@mkdir -p $(dir $@)
	@echo $(HV_FLAVOUR) | cmp -s - $@ || echo $(HV_FLAVOUR) > $@
$(B)/obj/hv.levels: hypervisor/levels.awk $(HV_SRCS) $(wildcard $(HV_LEVELS:%=hypervisor/%/*.h))
	@mkdir -p $(dir $@)
	$(Q)awk -f $< $(filter-out $<,$^) > $@ || { cat $@; exit 1; }
$(B)/obj/hv.stage1: $(HV_LDS) $(B)/obj/hv.levels $(B)/obj/hv.flavour $(HV_OBJS)
	$(Q)$(LD) $(hv_LDFLAGS) -T $(HV_LDS) -o $@ $(filter %.o,$^)
$(B)/obj/hv.symbols.o: $(B)/obj/hv.stage1 hypervisor/symbols.awk
	$(Q)nm -n $< | awk -f hypervisor/symbols.awk > $(@:.o=.S)
	$(Q)$(hv_CC) $(hv_CFLAGS) -c -o $@ $(@:.o=.S)
$(B)/paravane.debug: $(HV_LDS) $(B)/obj/hv.symbols.o $(HV_OBJS)
	$(call say,LD,$@)
	$(Q)$(LD) $(hv_LDFLAGS) -T $(HV_LDS) -o $@ $(filter %.o,$^)
$(B)/paravane: $(B)/paravane.debug
	$(Q)objcopy --strip-debug $< $@

hypervisor: $(B)/paravane
.PHONY: hypervisor FORCE
FORCE:
