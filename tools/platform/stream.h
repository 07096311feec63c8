/* SPDX-License-Identifier: GPL-2.0-only */
/* A two-way stream between two threads of mini-OS, as a pair of descriptors that do not block. */
#ifndef TOOLS_PLATFORM_STREAM_H
#define TOOLS_PLATFORM_STREAM_H

/* 0, or a negative errno and no descriptors. */
int stream_pair(int fds[2]);

#endif
