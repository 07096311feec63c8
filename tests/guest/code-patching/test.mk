# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += code-patching
code-patching_VCPUS := 2
