/* SPDX-License-Identifier: MIT */
/* Takes memory with malloc() to the limit, checks it, gives all back, and does it again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <minios/mm.h>

#define BLOCK (64 * 1024)

struct block {
	struct block *next;
	uint32_t number;
	uint32_t words[BLOCK / 4 - 4];
};

static uint32_t pattern(uint32_t number, uint32_t i)
{
	return (number * 2654435761u) ^ (i * 40503u);
}

static struct block *take_all(unsigned int *count)
{
	struct block *list = NULL, *b;
	uint32_t i;

	for (*count = 0; (b = malloc(sizeof(*b))); ++*count) {
		b->next = list;
		b->number = *count;
		for (i = 0; i < BLOCK / 4 - 4; i++)
			b->words[i] = pattern(b->number, i);
		list = b;
	}
	return list;
}

static unsigned int check_and_free(struct block *list)
{
	unsigned int bad = 0;
	struct block *next;
	uint32_t i;

	for (; list; list = next) {
		next = list->next;
		for (i = 0; i < BLOCK / 4 - 4; i++)
			bad += list->words[i] != pattern(list->number, i);
		free(list);
	}
	return bad;
}

int main(void)
{
	unsigned long before, after[2];
	unsigned int count[2], bad = 0;
	int round;

	/* Saying something first puts the stream's buffer at the heap's bottom, not at its end. */
	printf("%lu KiB in all\n", pages_total() * 4);
	before = pages_free_count();
	for (round = 0; round < 2; round++) {
		struct block *list = take_all(&count[round]);

		printf("round %d: %u blocks of 64 KiB, %lu pages left\n", round + 1, count[round],
		       pages_free_count());
		bad += check_and_free(list);
		after[round] = pages_free_count();
	}
	printf("%lu of %lu pages free before, %lu and %lu after\n", before, pages_total(), after[0],
	       after[1]);
	/* The first round leaves page tables and a little slack behind, the second nothing more. */
	bad += !count[0] || count[0] != count[1] || after[0] != after[1];
	bad += after[0] < before - before / 50;
	printf("memory: %s\n", bad ? "BAD" : "good");
	return 0;
}
