# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += many-vcpus
many-vcpus_VCPUS := 32
