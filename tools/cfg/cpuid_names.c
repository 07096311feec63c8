/* SPDX-License-Identifier: GPL-2.0-only */
/* The names that libxl 4.17 and its updates have for flags and numbers of CPUID, and where they stand. */
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/cfg_cpuid.h"

#define NO_SUBLEAF CPUID_NO_SUBLEAF
#define FAMILY_MASK 0x0ff00f00u
#define FAMILY_EXTENDS 15 /* from here on the rest is added by the extended family */

/* Flags of one register in the order of their bits; "@n" goes to bit n, "/" is between synonyms. */
static const struct {
	uint32_t leaf, subleaf;
	enum cpuid_reg reg;
	const char *names;
} flags[] = {
	{ 0x1, NO_SUBLEAF, CPUID_ECX,
	  "sse3 pclmulqdq dtes64 monitor dscpl vmx smx est/eist tm2 ssse3 cntxid @12 fma cmpxchg16/cx16"
	  " xtpr pdcm @17 pcid dca sse4_1/sse4.1/sse4-1 sse4_2/sse4.2/sse4-2 x2apic movbe popcnt"
	  " tsc-deadline aes/aesni xsave osxsave avx f16c rdrand hypervisor" },
	{ 0x1, NO_SUBLEAF, CPUID_EDX,
	  "fpu vme de pse tsc msr pae mce cmpxchg8/cx8 apic @11 sysenter/sep mtrr pge mca cmov pat pse36"
	  " psn clfsh @21 ds acpi mmx fxsr sse sse2 ss htt tm/tm1 ia64 pbe" },
	{ 0x6, NO_SUBLEAF, CPUID_EAX, "@2 arat" },
	{ 0x7, 0, CPUID_EBX,
	  "fsgsbase tsc_adjust/tsc-adjust sgx bmi1 hle avx2 fdp-excp-only smep bmi2 erms invpcid rtm"
	  " cmt/pqm no-fpu-sel mpx pqe avx512f avx512dq rdseed adx smap avx512-ifma @23 clflushopt clwb"
	  " proc-trace avx512pf avx512er avx512cd sha avx512bw avx512vl" },
	{ 0x7, 0, CPUID_ECX,
	  "prefetchwt1 avx512-vbmi umip pku ospke @6 avx512-vbmi2 cet-ss gfni vaes vpclmulqdq"
	  " avx512-vnni avx512-bitalg @14 avx512-vpopcntdq @22 rdpid @25 cldemote @27 movdiri movdir64b"
	  " enqcmd @31 pks" },
	{ 0x7, 0, CPUID_EDX,
	  "@2 avx512-4vnniw avx512-4fmaps fsrm @8 avx512-vp2intersect srbds-ctrl md-clear"
	  " rtm-always-abort @13 tsx-force-abort serialize hybrid tsxldtrk @20 cet-ibt @23 avx512-fp16"
	  " @26 ibrsb stibp l1d-flush arch-caps core-caps ssbd" },
	{ 0x7, 1, CPUID_EAX, "@4 avx-vnni avx512-bf16 @10 fzrm fsrs fsrcs" },
	{ 0x7, 1, CPUID_EBX, "intel-ppin" },
	{ 0x7, 1, CPUID_EDX, "@18 cet-sss" },
	{ 0x7, 2, CPUID_EDX, "intel-psfd ipred-ctrl rrsba-ctrl @4 bhi-ctrl mcdt-no" },
	{ 0xd, 1, CPUID_EAX, "xsaveopt xsavec xgetbv1 xsaves" },
	{ 0x80000001, NO_SUBLEAF, CPUID_ECX,
	  "lahfsahf/lahf-lm cmplegacy/cmp-legacy svm extapic altmovcr8/cr8-legacy abm sse4a misalignsse"
	  " 3dnowprefetch osvw ibs xop skinit wdt @15 lwp fma4 @19 nodeid/nodeid-msr @21 tbm topoext"
	  " perfctr_core perfctr_nb @26 dbext @29 monitorx" },
	{ 0x80000001, NO_SUBLEAF, CPUID_EDX,
	  "@11 syscall @20 nx @22 mmxext @25 ffxsr page1gb rdtscp @29 lm 3dnowext 3dnow" },
	{ 0x80000007, NO_SUBLEAF, CPUID_EDX, "@7 hw-pstate invtsc/itsc cpb efro" },
	{ 0x80000008, NO_SUBLEAF, CPUID_EBX,
	  "clzero @2 rstr-fp-err-ptrs @9 wbnoinvd @12 ibpb @14 ibrs amd-stibp ibrs-always stibp-always"
	  " ibrs-fast ibrs-same-mode no-lmsl @23 ppin/amd-ppin amd-ssbd virt-ssbd ssb-no @28 psfd btc-no"
	  " ibpb-ret" },
	{ 0x8000000a, NO_SUBLEAF, CPUID_EDX,
	  "svm_npt svm_lbrv @3 svm_nrips svm_tscrate svm_vmcbclean @7 svm_decode @10 svm_pausefilt" },
	{ 0x80000021, NO_SUBLEAF, CPUID_EAX,
	  "@2 lfence+/lfence-dispatch @5 verw-clear nscb @8 auto-ibrs @27 sbpb ibpb-brtype srso-no"
	  " srso-us-no srso-msr-fix" },
	{ 0x80000021, NO_SUBLEAF, CPUID_ECX, "@1 tsa-sq-no tsa-l1-no" },
};

static const struct {
	const char *name;
	struct cpuid_place place;
} numbers[] = {
	{ "maxleaf", { 0x0, NO_SUBLEAF, CPUID_EAX, 0xffffffff } },
	{ "stepping", { 0x1, NO_SUBLEAF, CPUID_EAX, 0x0000000f } },
	{ "model", { 0x1, NO_SUBLEAF, CPUID_EAX, 0x000f00f0 } },
	{ "family", { 0x1, NO_SUBLEAF, CPUID_EAX, FAMILY_MASK } },
	{ "brandid", { 0x1, NO_SUBLEAF, CPUID_EBX, 0x000000ff } },
	{ "clflush", { 0x1, NO_SUBLEAF, CPUID_EBX, 0x0000ff00 } },
	{ "proccount", { 0x1, NO_SUBLEAF, CPUID_EBX, 0x00ff0000 } },
	{ "localapicid", { 0x1, NO_SUBLEAF, CPUID_EBX, 0xff000000 } },
	{ "procpkg", { 0x4, 0, CPUID_EAX, 0xfc000000 } },
	{ "nc", { 0x80000008, NO_SUBLEAF, CPUID_ECX, 0x000000ff } },
	{ "apicidsize", { 0x80000008, NO_SUBLEAF, CPUID_ECX, 0x0000f000 } },
	{ "maxhvleaf", { 0x40000000, NO_SUBLEAF, CPUID_EAX, 0x000000ff } },
};

/* The bit that a name has in a register's list, or -1. */
static int flag_bit(const char *list, const char *name, size_t len)
{
	int bit = 0;
	size_t n;

	for (; *list; list += n) {
		list += strspn(list, " ");
		n = strcspn(list, " /");
		if (*list == '@')
			bit = atoi(list + 1);
		else if (n == len && !memcmp(list, name, len))
			return bit;
		else if (list[n] != '/')
			bit++;
		n += list[n] == '/';
	}
	return -1;
}

bool cpuid_find_name(const char *name, size_t len, struct cpuid_place *place)
{
	size_t i;
	int bit;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strlen(numbers[i].name) == len && !memcmp(numbers[i].name, name, len)) {
			*place = numbers[i].place;
			return true;
		}
	}
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		bit = flag_bit(flags[i].names, name, len);
		if (bit >= 0) {
			*place = (struct cpuid_place){ flags[i].leaf, flags[i].subleaf, flags[i].reg,
						       1u << bit };
			return true;
		}
	}
	return false;
}

/* Model and family are in two pieces, the lower one with the lower bits. */
bool cpuid_number_bits(const struct cpuid_place *place, uint64_t n, uint32_t *bits)
{
	uint32_t left;

	if (place->mask == FAMILY_MASK && n > FAMILY_EXTENDS)
		n = n > FAMILY_EXTENDS + 0xff ? UINT64_MAX : (n - FAMILY_EXTENDS) << 4 | FAMILY_EXTENDS;
	*bits = 0;
	for (left = place->mask; left; left &= left - 1, n >>= 1)
		if (n & 1)
			*bits |= left & -left;
	return !n;
}
