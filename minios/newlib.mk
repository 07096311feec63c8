# SPDX-License-Identifier: MIT
# newlib for the mini-OS, built from Debian's newlib-source by the host's gcc, once for each width.
# The finished tree is a cache: build/newlib-WIDTH/.done says that it is whole.

NEWLIB_TAR  := /usr/src/newlib/newlib-3.3.0.tar.xz
NEWLIB_SRC  := $(B)/newlib-src
NEWLIB_SYS  := $(wildcard minios/newlib/sys/*.h)

NEWLIB_COMMON := -ffreestanding -fno-pie -no-pie -nostdinc \
	-isystem $(shell gcc -print-file-name=include) \
	-Ulinux -U__linux -U__linux__ -Uunix -U__unix -U__unix__ -U__gnu_linux__ \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-omit-frame-pointer
NEWLIB_CFLAGS := -O2 -DREENTRANT_SYSCALLS_PROVIDED -UMISSING_SYSCALL_NAMES
NEWLIB_CONFIGURE := --disable-multilib --disable-libgloss --disable-nls \
	--disable-newlib-supplied-syscalls --enable-newlib-retargetable-locking \
	--enable-newlib-io-long-long --enable-newlib-io-c99-formats --enable-newlib-reent-small \
	--enable-lite-exit

newlib_pv32_TARGET := i686-elf
newlib_pv32_CC     := gcc -m32 -march=i686 -mno-sse -mfpmath=387 $(NEWLIB_COMMON)
newlib_pv32_AS     := as --32
newlib_pv32_LD     := ld -m elf_i386
newlib_pv64_TARGET := x86_64-elf
newlib_pv64_CC     := gcc -m64 -mno-red-zone -mcmodel=small $(NEWLIB_COMMON)
newlib_pv64_AS     := as --64
newlib_pv64_LD     := ld -m elf_x86_64

# newlib takes a machine's own sys/ headers over the common ones: that is where ours go in.
$(NEWLIB_SRC)/.done: $(NEWLIB_TAR) $(NEWLIB_SYS)
	$(call say,UNTAR,$<)
	@rm -rf $(dir $@) && mkdir -p $(dir $@)
	$(Q)tar -xJf $< -C $(dir $@) --strip-components=1
	$(Q)for m in i386 x86_64; do cp $(NEWLIB_SYS) $(dir $@)newlib/libc/machine/$$m/sys/; done
	@touch $@

$(NEWLIB_TAR):
	@echo "newlib's sources are missing: apt-get install newlib-source" >&2; exit 1

define newlib
newlib_$(1)_DIR := $(B)/newlib-$(1)/install/$(newlib_$(1)_TARGET)

$(B)/newlib-$(1)/.done: $(NEWLIB_SRC)/.done
	$$(call say,NEWLIB,$(1))
	@rm -rf $$(dir $$@) && mkdir -p $$(dir $$@)obj
	$(Q)cd $$(dir $$@)obj && env -u MAKEFLAGS -u MFLAGS CFLAGS=-O1 \
		$(CURDIR)/$(NEWLIB_SRC)/configure --target=$(newlib_$(1)_TARGET) \
		--prefix=$(CURDIR)/$(B)/newlib-$(1)/install $(NEWLIB_CONFIGURE) \
		CC_FOR_TARGET="$(newlib_$(1)_CC)" CFLAGS_FOR_TARGET="$(NEWLIB_CFLAGS)" \
		AS_FOR_TARGET="$(newlib_$(1)_AS)" LD_FOR_TARGET="$(newlib_$(1)_LD)" \
		AR_FOR_TARGET=ar RANLIB_FOR_TARGET=ranlib NM_FOR_TARGET=nm \
		OBJCOPY_FOR_TARGET=objcopy OBJDUMP_FOR_TARGET=objdump \
		STRIP_FOR_TARGET=strip READELF_FOR_TARGET=readelf >../log 2>&1 \
		|| { tail -20 ../log >&2; exit 1; }
	$(Q)cd $$(dir $$@)obj && env -u MAKEFLAGS -u MFLAGS \
		$$(MAKE) --no-print-directory -j2 all-target-newlib MAKEINFO=true >>../log 2>&1 \
		&& env -u MAKEFLAGS -u MFLAGS $$(MAKE) --no-print-directory \
		install-target-newlib MAKEINFO=true >>../log 2>&1 \
		|| { tail -40 ../log >&2; exit 1; }
	@rm -rf $$(dir $$@)obj
	@touch $$@
endef
$(eval $(call newlib,pv32))
$(eval $(call newlib,pv64))
