/*
 * platform_test.c - the options of the platform are printed, read and refused by one table.
 */
#include "exec/platform.h"
#include "kapi/stub.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static struct sim_strength number(unsigned n)
{
	return (struct sim_strength){
		.unlock = n % 3, .granularity = n / 3 % 3, .weak = n / 9 % 2, .races = n / 18 % 2};
}

static void put(const struct sim_strength *s, char *ret, size_t cap)
{
	struct text t = text_init(ret, cap);

	platform_put(&t, s);
	assert_false(t.full);
}

static void what_is_printed_is_read_back(void **unused)
{
	char text[128];

	(void)unused;
	for (unsigned n = 0; n < 36; n++) {
		struct sim_strength s = number(n), got;

		put(&s, text, sizeof(text));
		if (!platform_read(text, &got) || got.unlock != s.unlock || got.weak != s.weak ||
		    got.races != s.races || got.granularity != s.granularity)
			fail_msg("number %u: '%s' is not read back", n, text);
	}
}

static void defaults_are_not_printed(void **unused)
{
	struct sim_strength none = {0}, races = {.races = true, .granularity = SIM_RACY};
	char text[128];

	(void)unused;
	put(&none, text, sizeof(text));
	assert_string_equal(text, "");
	put(&races, text, sizeof(text));
	assert_string_equal(text, " --races");
}

static void nothing_else_is_read(void **unused)
{
	static const char *const texts[] = {" ",
					    " --",
					    "--races",
					    " --races ",
					    " --memory",
					    " --memory ",
					    " --memory loud",
					    " --memory weakly",
					    " --memory weak; rm",
					    " --unlock strong",
					    " --races racy",
					    " --race",
					    " --defect x",
					    " --stub=a",
					    " --stub=a=",
					    " --stub=a=-",
					    " --stub=a;rm=1",
					    " --stub=a=1;rm",
					    " --stub a=1"};
	struct sim_strength s;

	(void)unused;
	assert_true(platform_read(" --memory weak --races", &s));
	assert_true(platform_read(" --memory weak --stub=dma_map=-12 --stub=a_1=0 --races", &s));
	assert_true(s.weak && s.races);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (platform_read(texts[i], &s))
			fail_msg("'%s' was taken", texts[i]);
}

/* As world tree has a table: kapi/stub.h. */
struct kapi_stub kapi_stubs[] = {{.name = "dma_map"}, {0}};
const unsigned kapi_stubs_nr = 1;

static void a_stub_s_value_is_in_the_line(void **unused)
{
	struct sim_strength s = {.weak = true}, got;
	char text[PLATFORM_TEXT];
	struct text t = text_init(text, sizeof(text));

	(void)unused;
	assert_false(sim_stub_answer("dma_unmap", 1));
	assert_true(sim_stub_answer("dma_map", -12));
	platform_put(&t, &s);
	kapi_stubs[0] = (struct kapi_stub){.name = "dma_map"};
	assert_string_equal(text, " --memory weak --stub=dma_map=-12");
	assert_true(platform_read(text, &got));
	assert_true(got.weak);
}

/* As many words as the field has values: the last one is the enum's last. */
static void the_words_are_the_enums(void **unused)
{
	struct sim_strength s = {0};

	(void)unused;
	assert_true(platform_set(&s, platform_find("unlock"), "atomic"));
	assert_int_equal(s.unlock, SIM_UNLOCK_ATOMIC);
	assert_true(platform_set(&s, platform_find("granularity"), "access"));
	assert_int_equal(s.granularity, SIM_ACCESSES);
	assert_true(platform_set(&s, platform_find("memory"), "weak"));
	assert_true(s.weak);
	assert_false(platform_set(&s, platform_find("memory"), ""));
	assert_null(platform_find("memor"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_read_back),
		cmocka_unit_test(defaults_are_not_printed),
		cmocka_unit_test(nothing_else_is_read),
		cmocka_unit_test(a_stub_s_value_is_in_the_line),
		cmocka_unit_test(the_words_are_the_enums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
