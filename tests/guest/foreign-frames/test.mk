# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += foreign-frames
foreign-frames_RUN := domu
