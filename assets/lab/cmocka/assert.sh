# class: test-failure
# tool: cmocka
# ecosystem: c-cpp
# step: Test
# needs: apt:libcmocka-dev apt:gcc
# proof: [  FAILED  ] test_half_open
cat >test_door.c <<'END'
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static int steps(int percent) { return percent / 30; }

static void test_closed(void **state) { (void)state; assert_int_equal(steps(0), 0); }
static void test_half_open(void **state) { (void)state; assert_int_equal(steps(50), 2); }

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_closed), cmocka_unit_test(test_half_open) };
    return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
END
gcc -o test_door test_door.c -lcmocka
#%% step
./test_door
