/* SPDX-License-Identifier: MIT */
/* The CPUID leaves by which a guest finds the hypervisor. */

#ifndef __XEN_PUBLIC_ARCH_X86_CPUID_H__
#define __XEN_PUBLIC_ARCH_X86_CPUID_H__

/*
 * The leaves start at the first free multiple of 0x100 from here on. A PV guest reads them with
 * XEN_CPUID, since plain CPUID answers for the hardware.
 */
#define XEN_CPUID_FIRST_LEAF		0x40000000
#define XEN_CPUID_LEAF(i)		(XEN_CPUID_FIRST_LEAF + (i))

/* Leaf 0: eax = last leaf, ebx, ecx, edx = "XenVMMXenVMM". */
#define XEN_CPUID_SIGNATURE_EBX		0x566e6558
#define XEN_CPUID_SIGNATURE_ECX		0x65584d4d
#define XEN_CPUID_SIGNATURE_EDX		0x4d4d566e

/* Leaf 1: eax = version, major << 16 | minor. */

/*
 * Leaf 2: eax = number of hypercall pages, ebx = MSR that installs one (HVM), ecx = features.
 */
#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	(1u << 0)

/*
 * Leaf 3, the TSC. Subleaf 0: eax = flags (0: emulated, 1: reliable, 2: RDTSCP), ebx = mode, ecx =
 * frequency in kHz, edx = incarnation. Subleaf 1: eax, ebx = offset, ecx = multiplier, edx = shift.
 * Subleaf 2: eax = frequency of the host in kHz.
 */

/* Leaf 4, HVM: eax = these, ebx = vCPU identifier, ecx = domain identifier. */
#define XEN_HVM_CPUID_APIC_ACCESS_VIRT	(1u << 0)
#define XEN_HVM_CPUID_X2APIC_VIRT	(1u << 1)
#define XEN_HVM_CPUID_IOMMU_MAPPINGS	(1u << 2)
#define XEN_HVM_CPUID_VCPU_ID_PRESENT	(1u << 3)
#define XEN_HVM_CPUID_DOMID_PRESENT	(1u << 4)
#define XEN_HVM_CPUID_EXT_DEST_ID	(1u << 5)
#define XEN_HVM_CPUID_UPCALL_VECTOR	(1u << 6)

/* Leaf 5, PV. Subleaf 0: ebx = greatest width of a machine address in bits 7:0. */
#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK	(0xffu << 0)

#define XEN_CPUID_MAX_NUM_LEAVES	5

#endif /* __XEN_PUBLIC_ARCH_X86_CPUID_H__ */
