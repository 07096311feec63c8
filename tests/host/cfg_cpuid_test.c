/* SPDX-License-Identifier: GPL-2.0-only */
/* cpuid= of xl.cfg(5) in both its forms: the bits it stands for, where it is wrong, and its JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tools/cfg/cfg_cpuid.h"

#define GOOD "name='a'\nkernel='/k'\n"
#define X8 "xxxxxxxx"
#define X32 X8 X8 X8 X8
#define NONE CPUID_NO_SUBLEAF

static char reported[4096];
static struct domain_config config;

static void put(struct cfg_report *report, bool error, const char *text)
{
	(void)report;
	(void)error;
	strncat(reported, text, sizeof(reported) - strlen(reported) - 2);
	strcat(reported, "\n");
}

static int read_cpuid(const char *value)
{
	struct cfg_report report = { put };
	struct cfg cfg = { 0 };
	char text[8000];
	int rc;

	reported[0] = '\0';
	snprintf(text, sizeof(text), GOOD "cpuid=%s", value);
	rc = cfg_parse(&cfg, "f.cfg", text, strlen(text), &report);
	if (!rc)
		rc = domain_config_from_cfg(&config, &cfg, &report);
	cfg_free(&cfg);
	return rc;
}

static void check_rule(unsigned int i, uint32_t leaf, uint32_t subleaf, enum cpuid_reg reg, uint32_t mask,
		       uint32_t value)
{
	const struct cpuid_rule *rule = &config.cpuid[i];

	ck_assert_uint_lt(i, config.nr_cpuid);
	ck_assert_uint_eq(rule->leaf, leaf);
	ck_assert_uint_eq(rule->subleaf, subleaf);
	ck_assert_uint_eq(rule->mask[reg], mask);
	ck_assert_uint_eq(rule->value[reg], value);
}

#define understood(value) ck_assert_msg(!read_cpuid(value), "%s: %s", value, reported)

START_TEST(test_names)
{
	understood("[]");
	ck_assert_uint_eq(config.nr_cpuid, 0);
	understood("'host'");
	ck_assert_uint_eq(config.nr_cpuid, 0);
	understood("'host,avx=0, sse3=1,tsc-deadline=0x0,rdseed=0,,xsaveopt=0,sse4a=k,'");
	ck_assert_uint_eq(config.nr_cpuid, 4);
	check_rule(0, 1, NONE, CPUID_ECX, 1u << 28 | 1u << 24 | 1, 1);
	check_rule(0, 1, NONE, CPUID_EAX, 0, 0);
	check_rule(1, 7, 0, CPUID_EBX, 1u << 18, 0);
	check_rule(2, 0xd, 1, CPUID_EAX, 1, 0);
	check_rule(3, 0x80000001, NONE, CPUID_ECX, 0, 0);
	/* The last word counts, and can take back what was said. */
	understood("'host,avx=1,fma=1,pae=1,avx=0,fma=x,pae=s'");
	check_rule(0, 1, NONE, CPUID_ECX, 1u << 28, 0);
	check_rule(0, 1, NONE, CPUID_EDX, 0, 0);
}
END_TEST

/* The first and the last of each register, and those next to gaps and synonyms. */
START_TEST(test_places)
{
	static const struct {
		const char *name;
		uint32_t leaf, subleaf;
		enum cpuid_reg reg;
		int bit;
	} places[] = {
		{ "sse3", 1, NONE, CPUID_ECX, 0 },
		{ "fma", 1, NONE, CPUID_ECX, 12 },
		{ "cx16", 1, NONE, CPUID_ECX, 13 },
		{ "pcid", 1, NONE, CPUID_ECX, 17 },
		{ "sse4.1", 1, NONE, CPUID_ECX, 19 },
		{ "sse4_2", 1, NONE, CPUID_ECX, 20 },
		{ "hypervisor", 1, NONE, CPUID_ECX, 31 },
		{ "fpu", 1, NONE, CPUID_EDX, 0 },
		{ "cmpxchg8", 1, NONE, CPUID_EDX, 8 },
		{ "sep", 1, NONE, CPUID_EDX, 11 },
		{ "pbe", 1, NONE, CPUID_EDX, 31 },
		{ "arat", 6, NONE, CPUID_EAX, 2 },
		{ "fsgsbase", 7, 0, CPUID_EBX, 0 },
		{ "smap", 7, 0, CPUID_EBX, 20 },
		{ "avx512vl", 7, 0, CPUID_EBX, 31 },
		{ "prefetchwt1", 7, 0, CPUID_ECX, 0 },
		{ "pks", 7, 0, CPUID_ECX, 31 },
		{ "avx512-4vnniw", 7, 0, CPUID_EDX, 2 },
		{ "ssbd", 7, 0, CPUID_EDX, 31 },
		{ "fsrcs", 7, 1, CPUID_EAX, 12 },
		{ "cet-sss", 7, 1, CPUID_EDX, 18 },
		{ "mcdt-no", 7, 2, CPUID_EDX, 5 },
		{ "xsaves", 0xd, 1, CPUID_EAX, 3 },
		{ "lahfsahf", 0x80000001, NONE, CPUID_ECX, 0 },
		{ "monitorx", 0x80000001, NONE, CPUID_ECX, 29 },
		{ "syscall", 0x80000001, NONE, CPUID_EDX, 11 },
		{ "3dnow", 0x80000001, NONE, CPUID_EDX, 31 },
		{ "invtsc", 0x80000007, NONE, CPUID_EDX, 8 },
		{ "ibpb-ret", 0x80000008, NONE, CPUID_EBX, 30 },
		{ "svm_pausefilt", 0x8000000a, NONE, CPUID_EDX, 10 },
		{ "lfence+", 0x80000021, NONE, CPUID_EAX, 2 },
		{ "srso-msr-fix", 0x80000021, NONE, CPUID_EAX, 31 },
		{ "tsa-l1-no", 0x80000021, NONE, CPUID_ECX, 2 },
	};
	static const char *const none[] = {
		"", "@2", "@12 fma", "a", "ss/", "sse4_1/sse4.1", "host", "sse4_",
	};
	struct cpuid_place place;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		ck_assert_msg(cpuid_find_name(places[i].name, strlen(places[i].name), &place), "%s",
			      places[i].name);
		ck_assert_uint_eq(place.leaf, places[i].leaf);
		ck_assert_uint_eq(place.subleaf, places[i].subleaf);
		ck_assert_int_eq(place.reg, places[i].reg);
		ck_assert_msg(place.mask == 1u << places[i].bit, "%s: %x", places[i].name, place.mask);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!cpuid_find_name(none[i], strlen(none[i]), &place), "%s", none[i]);
}
END_TEST

START_TEST(test_numbers)
{
	understood("'host,family=6,model=0x9e,stepping=10,clflush=8,proccount=4,localapicid=2,brandid=0'");
	check_rule(0, 1, NONE, CPUID_EAX, 0x0fff0fff, 0x9060a | 0xe0);
	check_rule(0, 1, NONE, CPUID_EBX, ~0u, 0x02040800);
	understood("'host,family=0x17,maxleaf=0xd,nc=3,apicidsize=2,procpkg=7'");
	check_rule(0, 1, NONE, CPUID_EAX, 0x0ff00f00, 0x00800f00);
	check_rule(1, 0, NONE, CPUID_EAX, ~0u, 0xd);
	check_rule(2, 0x80000008, NONE, CPUID_ECX, 0xf0ff, 0x2003);
	check_rule(3, 4, 0, CPUID_EAX, 0xfc000000, 7u << 26);
	understood("'host,family=15'");
	check_rule(0, 1, NONE, CPUID_EAX, 0x0ff00f00, 0xf00);
	understood("'host,family=270,family=x'");
	check_rule(0, 1, NONE, CPUID_EAX, 0, 0);
	understood("'host,maxleaf=4294967295,family=270'");
	check_rule(1, 1, NONE, CPUID_EAX, 0x0ff00f00, 0x0ff00f00);
}
END_TEST

START_TEST(test_bits)
{
	understood("['1:ecx=" X8 "0110xsk1" X8 X8 ",eax=" X32 ", edx=" X8 X8 X8 "00000001',\n"
		   "'0x80000008:ebx=11111111" X8 X8 X8 "', '7,0:ebx=" X8 X8 X8 X8 "', '0xd,0x1:eax=" X8 X8 X8
		   "xxxxxxx0']");
	ck_assert_uint_eq(config.nr_cpuid, 4);
	check_rule(0, 1, NONE, CPUID_ECX, 0x00f10000, 0x00610000);
	check_rule(0, 1, NONE, CPUID_EDX, 0xff, 1);
	check_rule(0, 1, NONE, CPUID_EAX, 0, 0);
	check_rule(1, 0x80000008, NONE, CPUID_EBX, 0xff000000, 0xff000000);
	check_rule(2, 7, 0, CPUID_EBX, 0, 0);
	check_rule(3, 0xd, 1, CPUID_EAX, 1, 0);
	/* A register that comes again is as it was said last. */
	understood("['1:edx=" X8 X8 X8 "xxxxxx11', '1:edx=" X8 X8 X8 "xxxxxx0x']");
	check_rule(0, 1, NONE, CPUID_EDX, 2, 0);
}
END_TEST

static void refused(const char *value, const char *words)
{
	ck_assert_msg(read_cpuid(value) == -EINVAL, "%s", value);
	ck_assert_msg(strstr(reported, words), "%s: %s", value, reported);
}

START_TEST(test_wrong_names)
{
	refused("5", "f.cfg:3:7: cpuid: expected a string or a list of strings");
	refused("''", "f.cfg:3:8: cpuid: the first word must be \"host\"");
	refused("'hosts,avx=0'", "f.cfg:3:8: cpuid: the first word must be \"host\"");
	refused("'avx=0'", "f.cfg:3:8: cpuid: the first word must be \"host\"");
	refused("'host,avx'", "f.cfg:3:13: cpuid: \"avx\" needs a value, as avx=0");
	refused("'host, avy=0'", "f.cfg:3:14: cpuid: unknown name \"avy\"");
	refused("'host,=0'", "f.cfg:3:13: cpuid: unknown name \"\"");
	refused("'host,avx=2'", "f.cfg:3:17: cpuid: avx: \"2\" is not one of 0, 1, x, k, s");
	refused("'host,avx=,pae=0'", "f.cfg:3:17: cpuid: avx: \"\" is not one of");
	refused("'host,avx=-1'", "avx: \"-1\" is not one of");
	refused("'host,avx=xx'", "avx: \"xx\" is not one of");
	refused("'host,avx=0=1'", "avx: \"0=1\" is not one of");
	refused("'host,family=271'",
		"f.cfg:3:20: cpuid: family: \"271\" is not a number that fits, x, k or s");
	refused("'host,model=256'", "model: \"256\" is not a number that fits");
	refused("'host,model=0x'", "model: \"0x\" is not a number that fits");
	refused("'host,maxleaf=4294967296'", "maxleaf: \"4294967296\" is not");
	refused("'host,maxleaf=99999999999999999999'", "maxleaf: \"99999999999999999999\" is not");
	refused("'host,maxhvleaf=2'", "f.cfg:3:13: cpuid: the hypervisor's own leaves stay as they are");
	refused("'host,avx=7,bvx=0'", "avx: \"7\"");
	ck_assert_ptr_nonnull(strstr(reported, "unknown name \"bvx\""));
}
END_TEST

START_TEST(test_wrong_bits)
{
	char text[4000];
	int i;

	refused("[1]", "f.cfg:3:8: cpuid: expected a string for each leaf");
	refused("['host,avx=0']", "f.cfg:3:9: cpuid: expected a leaf");
	refused("['']", "cpuid: expected a leaf");
	refused("['-1:eax=" X32 "']", "cpuid: expected a leaf");
	refused("['0x100000000:eax=" X32 "']", "cpuid: expected a leaf");
	refused("['7,:eax=" X32 "']", "f.cfg:3:11: cpuid: expected a subleaf");
	refused("['1,:eax=" X32 "']", "f.cfg:3:10: cpuid: expected ':': this leaf has no subleaves");
	refused("['0x80000008,0:eax=" X32 "']", "f.cfg:3:19: cpuid: expected ':': this leaf has no subleaves");
	for (i = 0; i < 4; i++) {
		sprintf(text, "['%#x:eax=" X32 "']", (int[]){ 0x4, 0x7, 0xb, 0xd }[i]);
		refused(text, "f.cfg:3:12: cpuid: expected a subleaf, which this leaf has, as \"0x7,0:ebx=...\"");
	}
	refused("['7,4294967295:eax=" X32 "']", "cpuid: expected a subleaf");
	refused("['1']", "f.cfg:3:10: cpuid: expected ':' before the registers");
	refused("['1eax=" X32 "']", "cpuid: expected ':'");
	refused("['1:']", "f.cfg:3:11: cpuid: expected eax=, ebx=, ecx= or edx=");
	refused("['1:eex=" X32 "']", "cpuid: expected eax=");
	refused("['1:eax']", "cpuid: expected eax=");
	refused("['1:eax," X32 "']", "cpuid: expected eax=");
	refused("['1:eax=" X32 ",']", "f.cfg:3:48: cpuid: expected eax=");
	refused("['1:eax=" X32 " ebx=" X32 "']", "f.cfg:3:48: cpuid: expected ',' before the next register");
	refused("['1:eax=" X32 "x']", "f.cfg:3:15: cpuid: eax: expected 32 characters, each 0, 1, x, k or s");
	refused("['1:ebx=xxx']", "ebx: expected 32 characters");
	refused("['1:ecx=" X8 X8 X8 "xxxxxxx2']", "ecx: expected 32 characters");
	refused("['0x40000000:eax=" X32 "']", "cpuid: the hypervisor's own leaves");
	strcpy(text, "[");
	for (i = 0; i < DOMAIN_MAX_CPUID; i++)
		sprintf(text + strlen(text), "'%u:eax=" X32 "',", 0x80000000 + i);
	strcat(text, "]");
	understood(text);
	ck_assert_uint_eq(config.nr_cpuid, DOMAIN_MAX_CPUID);
	strcpy(text + strlen(text) - 1, "\n'99:eax=" X32 "']");
	refused(text, "f.cfg:4:2: cpuid: more than 32 leaves");
}
END_TEST

static int from_json(const char *text, struct domain_config *out)
{
	const char *what = NULL;
	struct json json;
	int rc;

	ck_assert_int_eq(json_parse(&json, text, strlen(text)), 0);
	rc = domain_config_from_json(out, &json, JSON_ROOT, &what);
	json_free(&json);
	if (rc)
		ck_assert_str_eq(what, "cpuid");
	return rc;
}

START_TEST(test_json_round_trip)
{
	static struct domain_config back;
	struct buf text = { 0 };
	struct json_writer w;

	understood("'host,avx=0,family=6,rdseed=0,maxleaf=13,invtsc=1,pae=1,sse4a=x'");
	json_writer_init(&w, &text);
	domain_config_to_json(&config, &w, NULL);
	buf_putc(&text, '\0');
	ck_assert_ptr_nonnull(strstr(text.data, "\"cpuid\":[{\"leaf\":1,\"eax\":\"xxxx00000000" X8
				     "0110" X8 "\",\"ecx\":\"xxx0xxxx" X8 X8 X8 "\",\"edx\":"));
	ck_assert_ptr_nonnull(strstr(text.data, "{\"leaf\":7,\"subleaf\":0,\"ebx\":"));
	ck_assert_int_eq(from_json(text.data, &back), 0);
	ck_assert_mem_eq(&back, &config, sizeof(config));
	buf_free(&text);
	understood("'host'");
	json_writer_init(&w, &text);
	domain_config_to_json(&config, &w, NULL);
	buf_putc(&text, '\0');
	ck_assert_ptr_null(strstr(text.data, "cpuid"));
	buf_free(&text);
}
END_TEST

START_TEST(test_json_is_checked)
{
	static const char *const bad[] = {
		"{}", "5", "[5]", "[{}]", "[{\"leaf\":4294967296}]", "[{\"leaf\":\"1\"}]",
		"[{\"leaf\":1,\"subleaf\":4294967296}]", "[{\"leaf\":1,\"subleaf\":\"0\"}]",
		"[{\"leaf\":1,\"eax\":5}]", "[{\"leaf\":1,\"eax\":\"x\"}]",
		"[{\"leaf\":1,\"edx\":\"" X32 "x\"}]",
		"[{\"leaf\":1,\"edx\":\"" X8 X8 X8 "xxxxxxx2\"}]",
	};
	static struct domain_config c;
	char text[4000];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"b_info\":{\"cpuid\":%s}}", bad[i]);
		ck_assert_msg(from_json(text, &c) == -EINVAL, "%s", text);
	}
	strcpy(text, "{\"b_info\":{\"cpuid\":[{\"leaf\":0}");
	for (i = 1; i <= DOMAIN_MAX_CPUID; i++)
		sprintf(text + strlen(text), ",{\"leaf\":%zu}", i);
	strcat(text, "]}}");
	ck_assert_int_eq(from_json(text, &c), -EINVAL);
}
END_TEST

START_TEST(test_survives_rubbish)
{
	static const char *const words[] = {
		"host", ",", "=", "avx", "family", "0", "1", "x", "7", ":", "eax", X32, " ", "0x",
		"9999999999",
	};
	unsigned int seed = 7, round, n;
	char text[600];

	for (round = 0; round < 50000; round++) {
		strcpy(text, round % 2 ? "['" : "'");
		for (n = rand_r(&seed) % 14; n; n--)
			strcat(text, words[rand_r(&seed) % (sizeof(words) / sizeof(words[0]))]);
		strcat(text, round % 2 ? "']" : "'");
		read_cpuid(text);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("cfg_cpuid");
	TCase *t = tcase_create("cfg_cpuid");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_places);
	tcase_add_test(t, test_numbers);
	tcase_add_test(t, test_bits);
	tcase_add_test(t, test_wrong_names);
	tcase_add_test(t, test_wrong_bits);
	tcase_add_test(t, test_json_round_trip);
	tcase_add_test(t, test_json_is_checked);
	tcase_add_test(t, test_survives_rubbish);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
