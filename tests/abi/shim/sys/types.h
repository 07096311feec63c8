/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for the C library's header, which Xen's vchan header includes and does not need. */
