# class: test-failure
# tool: catch2
# ecosystem: c-cpp
# step: Test
# needs: apt:catch2 apt:g++
# proof: CHECK( trim(" a b ") == "a b" )
cat >trim_test.cpp <<'END'
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <string>

static std::string trim(std::string text)
{
    text.erase(0, text.find_first_not_of(' '));
    return text;
}

TEST_CASE("leading blanks go") { CHECK(trim("  a") == "a"); }
TEST_CASE("trailing blanks go") { CHECK(trim(" a b ") == "a b"); }
END
g++ -std=c++14 -o trim_test trim_test.cpp
#%% step
./trim_test
