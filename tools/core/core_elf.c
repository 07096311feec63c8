/* SPDX-License-Identifier: GPL-2.0-only */
/* The ELF file around a domain's memory, in the class of the guest. */
#include <errno.h>
#include <string.h>

#include "tools/core/core_impl.h"
#include "tools/hypercall/xc.h"

#define ET_CORE	     4u
#define EM_386	     3u
#define EM_X86_64    62u
#define SHT_PROGBITS 1u
#define SHT_STRTAB   3u
#define SHT_NOTE     7u
#define PT_LOAD	     1u
#define PT_NOTE	     4u
#define PF_RWX	     7u
#define NT_PRSTATUS  1u

#define NOTE_NONE	   0x2000000u
#define NOTE_HEADER	   0x2000001u
#define NOTE_XEN_VERSION   0x2000002u
#define NOTE_FORMAT	   0x2000003u
#define CORE_MAGIC	   0xf00febedull
#define CORE_FORMAT	   1ull /* 0.1 */

enum { SEC_NULL, SEC_STRTAB, SEC_NOTE, SEC_PRSTATUS, SEC_SHARED, SEC_P2M, SEC_PAGES, SECTIONS };

static const char strtab[] = "\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_shared_info\0.xen_p2m\0"
			     ".xen_pages";
static const unsigned int names[SECTIONS] = { 0, 1, 11, 21, 35, 52, 61 };

struct section {
	uint64_t at, size, align, entry;
};

static void put16(struct buf *b, uint16_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void put32(struct buf *b, uint32_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void put64(struct buf *b, uint64_t v)
{
	buf_add(b, &v, sizeof(v));
}

/* A word of the class. */
static void put(struct buf *b, bool is64, uint64_t v)
{
	if (is64)
		put64(b, v);
	else
		put32(b, v);
}

static void put_ehdr(struct buf *b, bool is64, uint64_t phoff, unsigned int phnum)
{
	const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', is64 ? 2 : 1, 1, 1, 0, 1 };
	unsigned int size = is64 ? 64 : 52;

	buf_add(b, ident, sizeof(ident));
	put16(b, ET_CORE);
	put16(b, is64 ? EM_X86_64 : EM_386);
	put32(b, 1);
	put(b, is64, 0);
	put(b, is64, phoff);
	put(b, is64, size); /* section headers follow at once, as in Xen's */
	put32(b, 0);
	put16(b, size);
	put16(b, is64 ? 56 : 32);
	put16(b, phnum);
	put16(b, is64 ? 64 : 40);
	put16(b, SECTIONS);
	put16(b, SEC_STRTAB);
}

static void put_shdr(struct buf *b, bool is64, unsigned int i, const struct section *s)
{
	static const unsigned int types[SECTIONS] = { 0, SHT_STRTAB, SHT_NOTE, SHT_PROGBITS,
						      SHT_PROGBITS, SHT_PROGBITS, SHT_PROGBITS };

	put32(b, names[i]);
	put32(b, types[i]);
	put(b, is64, 0);
	put(b, is64, 0);
	put(b, is64, s->at);
	put(b, is64, s->size);
	put32(b, 0);
	put32(b, 0);
	put(b, is64, s->align);
	put(b, is64, s->entry);
}

static void put_phdr(struct buf *b, bool is64, unsigned int type, uint64_t at, uint64_t va,
		     uint64_t size)
{
	unsigned int align = type == PT_LOAD ? CORE_PAGE : 4;

	put32(b, type);
	if (is64)
		put32(b, PF_RWX);
	put(b, is64, at);
	put(b, is64, va);
	put(b, is64, 0);
	put(b, is64, size);
	put(b, is64, size);
	if (!is64)
		put32(b, PF_RWX);
	put(b, is64, align);
}

/* --- notes ------------------------------------------------------------------------------------ */
static void put_note(struct buf *b, const char *name, unsigned int type, const void *data,
		     size_t size)
{
	size_t len = strlen(name) + 1;

	put32(b, len);
	put32(b, size);
	put32(b, type);
	buf_add(b, name, len);
	buf_add(b, "\0\0\0", -len & 3);
	buf_add(b, data, size);
	buf_add(b, "\0\0\0", -size & 3);
}

/* As struct elf_prstatus of i386 and x86-64 has them. */
static void put_regs32(struct buf *b, const struct foreign_regs32 *r)
{
	const uint32_t regs[] = { r->ebx, r->ecx, r->edx, r->esi, r->edi, r->ebp, r->eax, r->ds,
				  r->es, r->fs, r->gs, ~0u, r->eip, r->cs, r->eflags, r->esp,
				  r->ss };

	buf_add(b, regs, sizeof(regs));
}

static void put_regs64(struct buf *b, const struct foreign_context64 *c)
{
	const struct foreign_regs64 *r = &c->regs;
	const uint64_t regs[] = { r->r15, r->r14, r->r13, r->r12, r->rbp, r->rbx, r->r11, r->r10,
				  r->r9, r->r8, r->rax, r->rcx, r->rdx, r->rsi, r->rdi, ~0ull,
				  r->rip, r->cs, r->rflags, r->rsp, r->ss, c->bases[0],
				  c->bases[1], r->ds, r->es, r->fs, r->gs };

	buf_add(b, regs, sizeof(regs));
}

static void put_vcpu(struct buf *b, const struct core *core, unsigned int i)
{
	const char *context = core->contexts + i * core_context_size(core->is64);
	size_t before_pid = core->is64 ? 32 : 24, before_regs = core->is64 ? 76 : 44;
	static const char zeros[80];
	struct buf status = { 0 };

	/* A vCPU is a thread; gdb counts them from 1. */
	buf_add(&status, zeros, before_pid);
	put32(&status, core->vcpu_ids[i] + 1);
	buf_add(&status, zeros, before_regs);
	if (core->is64)
		put_regs64(&status, (const void *)context);
	else
		put_regs32(&status, &((const struct foreign_context32 *)(const void *)context)->regs);
	put(&status, core->is64, 0);
	put_note(b, "CORE", NT_PRSTATUS, status.data, status.len);
	b->failed |= status.failed;
	buf_free(&status);
}

static int put_xen_version(struct buf *b, bool is64)
{
	static struct xc_version v; /* large, and the daemon is one thread */
	struct buf d = { 0 };
	int rc = xc_version(&v);

	if (rc)
		return rc;
	put64(&d, v.major);
	put64(&d, v.minor);
	buf_add(&d, v.extra, sizeof(v.extra));
	buf_add(&d, v.compiler, sizeof(v.compiler));
	buf_add(&d, v.compile_by, sizeof(v.compile_by));
	buf_add(&d, v.compile_domain, sizeof(v.compile_domain));
	buf_add(&d, v.compile_date, sizeof(v.compile_date));
	buf_add(&d, v.capabilities, sizeof(v.capabilities));
	buf_add(&d, v.changeset, sizeof(v.changeset));
	/* By the guest's layout, in which 64-bit words may stand at any fourth byte; in the same size. */
	put(&d, is64, v.virt_start);
	put64(&d, v.page_size);
	buf_add(&d, "\0\0\0", is64 ? 0 : 4);
	put_note(b, "Xen", NOTE_XEN_VERSION, d.data, d.len);
	b->failed |= d.failed;
	buf_free(&d);
	return 0;
}

static int put_xen_notes(struct buf *b, const struct core *core)
{
	const uint64_t header[] = { CORE_MAGIC, core->nr_vcpus, core->nr_pages, CORE_PAGE };
	const uint64_t format = CORE_FORMAT;
	int rc;

	put_note(b, "Xen", NOTE_NONE, NULL, 0);
	put_note(b, "Xen", NOTE_HEADER, header, sizeof(header));
	rc = put_xen_version(b, core->is64);
	put_note(b, "Xen", NOTE_FORMAT, &format, sizeof(format));
	return rc;
}

/* --- the file --------------------------------------------------------------------------------- */
static void pad(struct buf *b, uint64_t base, size_t align)
{
	while (!b->failed && (base + b->len) % align)
		buf_putc(b, 0);
}

static void put_section(struct buf *b, struct section *s, uint64_t base, const struct buf *data,
			unsigned int align, unsigned int entry)
{
	pad(b, base, align);
	*s = (struct section){ base + b->len, data->len, align, entry };
	buf_add(b, data->data ? data->data : "", data->len);
}

/* Whole pages from a page's boundary on: what follows the headers is written first. */
int core_write_elf(struct core *core)
{
	bool is64 = core->is64;
	size_t base = is64 ? 64 + 64 * SECTIONS : 52 + 40 * SECTIONS;
	size_t context = core_context_size(is64);
	struct section s[SECTIONS] = { { 0 } };
	struct buf xen = { 0 }, vcpus = { 0 }, body = { 0 };
	uint64_t pages_size = (uint64_t)core->nr_pages * CORE_PAGE, after;
	struct buf strings = { .data = (char *)strtab, .len = sizeof(strtab) };
	struct buf contexts = { .data = core->contexts, .len = core->nr_vcpus * context };
	struct buf shared = { .data = core->shared_info, .len = CORE_PAGE };
	struct buf p2m = { .data = (char *)core->pages,
			   .len = core->nr_pages * sizeof(*core->pages) };
	struct section note;
	unsigned int i;
	int rc = put_xen_notes(&xen, core);

	for (i = 0; i < core->nr_vcpus; i++)
		put_vcpu(&vcpus, core, i);
	put_section(&body, &s[SEC_STRTAB], base, &strings, 1, 0);
	put_section(&body, &s[SEC_NOTE], base, &xen, 4, 0);
	put_section(&body, &s[SEC_PRSTATUS], base, &contexts, 8, context);
	put_section(&body, &s[SEC_SHARED], base, &shared, 8, CORE_PAGE);
	put_section(&body, &s[SEC_P2M], base, &p2m, 8, sizeof(*core->pages));
	put_section(&body, &note, base, &vcpus, 4, 0);
	pad(&body, base, CORE_PAGE);
	s[SEC_PAGES] = (struct section){ base + body.len, pages_size, CORE_PAGE, CORE_PAGE };
	after = base + body.len + pages_size;

	put_ehdr(&core->head, is64, after, 1 + core->nr_loads);
	for (i = 0; i < SECTIONS; i++)
		put_shdr(&core->head, is64, i, &s[i]);
	buf_add(&core->head, body.data, body.len);
	put_phdr(&core->tail, is64, PT_NOTE, note.at, 0, note.size);
	for (i = core->nr_loads; i--;)
		put_phdr(&core->tail, is64, PT_LOAD,
			 s[SEC_PAGES].at + (uint64_t)core->loads[i].first * CORE_PAGE,
			 core->loads[i].va, (uint64_t)core->loads[i].count * CORE_PAGE);
	if (core->head.failed || core->tail.failed || body.failed || xen.failed || vcpus.failed)
		rc = rc ? rc : -ENOMEM;
	buf_free(&xen);
	buf_free(&vcpus);
	buf_free(&body);
	return rc;
}
