# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += cpuid
cpuid_CONFIG := cpuid="host,family=25,model=0x21,stepping=2,popcnt=0,rdseed=0,sse4_1=x,vmx=1"
