# SPDX-License-Identifier: GPL-2.0-only
# The code in the public headers: rings and the flow hash.
HOST_TESTS += pvabi
pvabi_test_SRCS :=
