# SPDX-License-Identifier: MIT
# The mini-OS: configurations pv32 and pv64, the kernel's sources, and how an image is linked.

include minios/newlib.mk

# Integer registers only, unless a source asks: event handlers run on top of any code and do not
# save FPU or SSE state. $(eval $(call minios_float,SOURCES)) lets sources use floating point; they
# must then hold no event handler.
minios_ISA    := -mgeneral-regs-only
minios_CFLAGS  = -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) -ffreestanding -fno-pie \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-strict-aliasing \
	-ffunction-sections -fdata-sections -nostdinc
minios_INCLUDE = -isystem $(shell $(CC) -print-file-name=include) \
	-isystem $(newlib_$(1)_DIR)/include -Iminios/include -Iminios/arch/$(1)/include \
	-Iminios/arch/common/include $(INCLUDES)

pv32_CC     := $(CC)
pv32_ISA     = $(minios_ISA)
pv32_CFLAGS  = -m32 -march=i686 -mno-sse $(pv32_ISA) $(minios_CFLAGS) \
	$(call minios_INCLUDE,pv32)
pv32_DEPS    = $(B)/newlib-pv32/.done
pv32_LD     := ld -m elf_i386
pv64_CC     := $(CC)
pv64_ISA     = $(minios_ISA)
pv64_CFLAGS  = -m64 -mno-red-zone -mcmodel=small $(pv64_ISA) $(minios_CFLAGS) \
	$(call minios_INCLUDE,pv64)
pv64_DEPS    = $(B)/newlib-pv64/.done
pv64_LD     := ld -m elf_x86_64
$(eval $(call config,pv32))
$(eval $(call config,pv64))

define minios_float
$(call objs,pv32,$(1)): pv32_ISA :=
$(call objs,pv64,$(1)): pv64_ISA :=
endef

# --- the kernel -----------------------------------------------------------------------------------
# The part that stands alone: start, traps, hypercalls, events, time, messages. A small kernel links
# it with a kernel_main() of its own and without newlib's library (only its headers are used).
MINIOS_CORE_SRCS := $(addprefix minios/arch/common/,notes.S start.c traps.c priv.c paging.c) \
	$(addprefix minios/kernel/,event.c event_2l.c format.c p2m.c panic.c printk.c string.c symbols.c time.c)
MINIOS_CORE_SRCS_pv32 := $(addprefix minios/arch/pv32/,start.S entry.S arch.c div64.c)
MINIOS_USER_SRCS_pv32 := minios/arch/pv32/user.c minios/arch/pv32/user_switch.S
MINIOS_CORE_SRCS_pv64 := $(addprefix minios/arch/pv64/,start.S entry.S arch.c)
MINIOS_USER_SRCS_pv64 := minios/arch/pv64/user.c minios/arch/pv64/user_switch.S

# Everything an application needs; it brings main().
MINIOS_KERNEL_SRCS := $(MINIOS_CORE_SRCS) minios/arch/common/tables.c minios/arch/common/user.c \
	$(addprefix minios/kernel/,balloon.c console.c console_hv.c console_ring.c event_fifo.c file.c \
	foreign.c grant.c heap.c main.c mm.c p2m_publish.c pages.c pipe.c ramdisk.c shutdown.c sync.c thread.c tty.c window.c \
	xenbus.c xenbus_ring.c xenbus_watch.c) \
	$(addprefix minios/lib/,dirent.c locks.c posix.c syscalls.c)

# The objects of the kernel (or of its core) in a width: $(call minios_objs,pv32).
minios_core_objs = $(call objs,$(1),$(MINIOS_CORE_SRCS) $(MINIOS_CORE_SRCS_$(1)))
minios_objs      = $(call objs,$(1),$(MINIOS_KERNEL_SRCS) $(MINIOS_CORE_SRCS_$(1)) \
	$(MINIOS_USER_SRCS_$(1)))

$(B)/obj/%/kernel.lds: minios/arch/common/kernel.lds.S | $(B)/newlib-%/.done
	$(call say,LDS,$@)
	@mkdir -p $(dir $@)
	$(Q)$($*_CC) $($*_CFLAGS) -E -P -x assembler-with-cpp -D__ASSEMBLY__ -o $@ $<

# $(eval $(call minios_image,WIDTH,OUTPUT,OBJECTS,LIBS)): an image of these objects (the kernel's
# included by the caller). Linked twice: the symbol table of the first link goes into the second.
# What gdb wants stays beside it in OUTPUT.debug, found through the image.
define minios_image
$(2): $(3) $(B)/obj/$(1)/kernel.lds minios/kernel/symbols.awk
	$$(call say,LD,$(2))
	@mkdir -p $$(dir $$@)
	$(Q)$$($(1)_LD) -static -z noexecstack -z max-page-size=4096 --gc-sections \
		-T $(B)/obj/$(1)/kernel.lds -o $$@.first $(3) $(4)
	$(Q)nm -n $$@.first | awk -f minios/kernel/symbols.awk >$$@.symbols.S
	$(Q)$$($(1)_CC) $$($(1)_CFLAGS) -c -o $$@.symbols.o $$@.symbols.S
	$(Q)$$($(1)_LD) -static -z noexecstack -z max-page-size=4096 --gc-sections \
		-T $(B)/obj/$(1)/kernel.lds -o $$@.debug $(3) $$@.symbols.o $(4)
	$(Q)objcopy --strip-debug --add-gnu-debuglink=$$@.debug $$@.debug $$@
	@rm -f $$@.first $$@.symbols.S $$@.symbols.o
endef

# newlib's library of a width.
minios_libc = --start-group $(newlib_$(1)_DIR)/lib/libc.a $(newlib_$(1)_DIR)/lib/libm.a --end-group

# --- the applications -----------------------------------------------------------------------------
MINIOS_APPS := $(basename $(notdir $(wildcard minios/apps/*.c)))
$(eval $(call minios_float,$(addprefix minios/apps/,$(addsuffix .c,$(MINIOS_APPS)))))

MINIOS_APP_SRCS_ring3_pv32 := minios/apps/user/program_pv32.S
MINIOS_APP_SRCS_ring3_pv64 := minios/apps/user/program_pv64.S

define minios_app
$(call minios_image,$(1),$(B)/guests/$(2)-$(1),$(call minios_objs,$(1)) \
	$(call objs,$(1),minios/apps/$(2).c $(MINIOS_APP_SRCS_$(2)) \
	$(MINIOS_APP_SRCS_$(2)_$(1))),$(call minios_libc,$(1)))
MINIOS_GUESTS += $(B)/guests/$(2)-$(1)
endef
$(foreach w,pv32 pv64,$(foreach a,$(MINIOS_APPS),$(eval $(call minios_app,$(w),$(a)))))

minios: $(MINIOS_GUESTS)
.PHONY: minios
