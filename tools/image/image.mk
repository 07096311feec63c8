# SPDX-License-Identifier: GPL-2.0-only
# What is booted: the control domain's ramdisk, the GRUB image, and the machine that runs it.

DOM0 ?= pv32

# --- the ramdisk: /guests/NAME.cfg with their kernels, /etc ---------------------------------------
# The shell and the clock come packed, so that both forms of a kernel are used every day.
RAMDISK_PACKED := shell clock
RAMDISK_CFGS   := $(wildcard tools/examples/*.cfg)
RAMDISK_ETC    := $(shell find tools/image/etc -type f 2>/dev/null)
RAMDISK_GUESTS := $(filter $(basename $(notdir $(RAMDISK_CFGS))),$(MINIOS_APPS))
RAMDISK_GUESTS_pv32 := $(RAMDISK_GUESTS)
RAMDISK_GUESTS_pv64 := $(filter hello shell,$(RAMDISK_GUESTS))
RAMDISK_KERNELS := $(foreach w,pv32 pv64,$(RAMDISK_GUESTS_$(w):%=$(B)/guests/%-$(w)))

$(B)/ramdisk.cpio: $(RAMDISK_CFGS) $(RAMDISK_ETC) $(RAMDISK_KERNELS) tools/image/ramdisk.sh
	$(call say,CPIO,$@)
	$(Q)sh tools/image/ramdisk.sh $(B)/ramdisk $@ "$(RAMDISK_PACKED)" $(RAMDISK_CFGS) \
		$(RAMDISK_KERNELS)

# --- the boot image -------------------------------------------------------------------------------
BOOT_FILES := $(B)/paravane $(B)/dom0-$(DOM0) $(B)/ramdisk.cpio

$(B)/paravane.iso: $(BOOT_FILES) tools/image/grub.cfg tools/image/iso.sh
	$(call say,ISO,$@)
	$(Q)sh tools/image/iso.sh $(B)/iso $@ $(BOOT_FILES)

iso: $(B)/paravane.iso

run: $(B)/paravane.iso $(B)/host/xl
	$(Q)sh tools/image/run.sh $<

debug: $(B)/paravane.iso $(B)/host/xl
	$(Q)sh tools/image/debug.sh $< $(B)/paravane.debug $(B)/dom0-$(DOM0).debug

.PHONY: iso run debug
