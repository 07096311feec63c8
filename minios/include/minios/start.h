/* SPDX-License-Identifier: MIT */
/* What the domain was given at its start. */
#ifndef MINIOS_START_H
#define MINIOS_START_H

#include <stdbool.h>
#include <stddef.h>
#include "pvabi/xen.h"

/* As the builder left it (a page of its own in the direct map); valid for the domain's life. */
extern struct start_info *start_info;

/* The shared info page, mapped. */
extern struct shared_info *shared_info;

/* SIF_INITDOMAIN: the first domain, with the hypervisor's console and no store from outside. */
bool start_is_control(void);

const char *start_cmdline(void);

/* The value of NAME=value (or "" for a bare NAME) in the command line; NULL when not there. */
const char *start_option(const char *name, char *buf, size_t size);

/* The module (ramdisk), mapped; NULL when there is none. */
const void *start_module(size_t *size);

#endif
