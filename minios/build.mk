# SPDX-License-Identifier: MIT
include minios/newlib.mk
