# SPDX-License-Identifier: MIT
# pvabi: what is generated from the public headers and from hypercalls.def.

PVABI_HEADERS := $(filter-out pvabi/compat.h,$(wildcard pvabi/*.h pvabi/arch-x86/*.h pvabi/io/*.h))

# Headers with structures have a 32-bit twin; templates and scalars need none.
PVABI_TWINS := $(filter-out types.h arch-x86/xen-x86_64.h io/ring.h,\
	$(patsubst pvabi/%,%,$(shell grep -l '^struct\|^union' $(PVABI_HEADERS))))

PVABI_COMPAT := $(addprefix $(B)/gen/pvabi/compat/,$(PVABI_TWINS))
PVABI_TABLES := $(addprefix $(B)/gen/pvabi/hypercall_,table.inc stubs.h pointers.inc)

# What must be there before the first compilation: a NAME_DEPS of whoever includes it.
PVABI_GEN := $(PVABI_COMPAT) $(PVABI_TABLES)
PVABI_GENERATED = $(PVABI_GEN)

# For a fuzzer; nothing that is compiled needs it.
PVABI_GRAMMAR := $(B)/gen/pvabi/hypercalls.json

$(PVABI_COMPAT) &: $(PVABI_HEADERS) pvabi/gen/compat.py pvabi/gen/cabi.py
	$(call say,GEN,$(B)/gen/pvabi/compat)
	$(Q)$(PYTHON) pvabi/gen/compat.py $(B)/gen/pvabi/compat $(PVABI_TWINS)

$(PVABI_TABLES) &: pvabi/hypercalls.def pvabi/gen/hypercalls.py pvabi/gen/cabi.py
	$(call say,GEN,$(B)/gen/pvabi)
	$(Q)$(PYTHON) pvabi/gen/hypercalls.py $< $(PVABI_TABLES)

$(PVABI_GRAMMAR): pvabi/hypercalls.def pvabi/gen/hypercalls.py pvabi/gen/cabi.py $(PVABI_HEADERS)
	$(call say,GEN,$@)
	$(Q)$(PYTHON) pvabi/gen/hypercalls.py $< $@

# The table in docs/ is checked in, so that it can be read without a build; abi-test compares it.
docs/hypercalls.md: pvabi/hypercalls.def pvabi/gen/hypercalls.py
	$(call say,GEN,$@)
	$(Q)$(PYTHON) pvabi/gen/hypercalls.py $< $@

docs: docs/hypercalls.md

abi-test: $(PVABI_GEN) $(PVABI_GRAMMAR)
	$(Q)$(PYTHON) tests/abi/run.py $(B)

.PHONY: abi-test docs
