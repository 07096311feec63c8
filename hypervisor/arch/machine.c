/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's memory map: one sorted list without overlaps, whatever order it was told in. */
#include "hypervisor/arch/machine.h"

#include "hypervisor/lib/string.h"

struct machine_map machine_map;
char machine_cmdline[CMDLINE_MAX];

/* Who wins where regions meet. */
static unsigned severity(u32 type)
{
	switch (type) {
	case RAM_USABLE:
		return 0;
	case RAM_ACPI:
		return 1;
	case RAM_NVS:
		return 2;
	case RAM_BAD:
		return 4;
	}
	return 3;
}

static u64 end_of(const struct machine_region *r)
{
	return r->start + r->size;
}

static bool insert(struct machine_map *map, u32 at, u64 start, u64 end, u32 type)
{
	if (map->nr == MACHINE_MAP_MAX)
		return false;
	memmove(&map->region[at + 1], &map->region[at], (map->nr - at) * sizeof(map->region[0]));
	map->region[at] = (struct machine_region){ start, end - start, type };
	map->nr++;
	return true;
}

/* Gives [start, end), a part of region @at, another type. */
static bool retype(struct machine_map *map, u32 at, u64 start, u64 end, u32 type)
{
	struct machine_region old = map->region[at];

	if (map->nr + 2 > MACHINE_MAP_MAX)
		return false;
	map->region[at] = (struct machine_region){ start, end - start, type };
	if (end < end_of(&old))
		insert(map, at + 1, end, end_of(&old), old.type);
	if (old.start < start)
		insert(map, at, old.start, start, old.type);
	return true;
}

static void join_neighbours(struct machine_map *map)
{
	u32 kept = 0;

	for (u32 i = 1; i < map->nr; i++) {
		struct machine_region *last = &map->region[kept], *r = &map->region[i];

		if (last->type == r->type && end_of(last) == r->start)
			last->size += r->size;
		else
			map->region[++kept] = *r;
	}
	if (map->nr)
		map->nr = kept + 1;
}

static u32 first_ending_above(const struct machine_map *map, u64 addr)
{
	u32 i = 0;

	while (i < map->nr && end_of(&map->region[i]) <= addr)
		i++;
	return i;
}

static bool add_piecewise(struct machine_map *map, u64 start, u64 end, u32 type)
{
	while (start < end) {
		u32 at = first_ending_above(map, start);
		struct machine_region *r = &map->region[at];
		u64 stop;

		if (at == map->nr || r->start >= end)
			return insert(map, at, start, end, type);
		if (r->start > start) {
			stop = r->start;
			if (!insert(map, at, start, stop, type))
				return false;
		} else {
			stop = MIN(end, end_of(r));
			if (severity(type) > severity(r->type) &&
			    !retype(map, at, start, stop, type))
				return false;
		}
		start = stop;
	}
	return true;
}

bool machine_map_add(struct machine_map *map, u64 start, u64 size, u32 type)
{
	u64 end = start + size < start ? ~0ull : start + size;
	bool ok;

	if (type == 0 || type > RAM_BAD)
		type = RAM_RESERVED;
	ok = add_piecewise(map, start, end, type);
	join_neighbours(map);
	return ok;
}
