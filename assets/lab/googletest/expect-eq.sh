# class: test-failure
# tool: googletest
# ecosystem: c-cpp
# step: Run unit tests
# needs: apt:libgtest-dev apt:g++
# proof: [  FAILED  ] Checksum.WrapsAround
cat >checksum_test.cpp <<'END'
#include <gtest/gtest.h>
#include <cstdint>
#include <vector>

static std::uint8_t checksum(const std::vector<int>& bytes)
{
    int sum = 0;
    for (int byte : bytes)
        sum += byte;
    return static_cast<std::uint8_t>(sum > 255 ? 255 : sum);
}

TEST(Checksum, OfNothingIsZero) { EXPECT_EQ(checksum({}), 0); }
TEST(Checksum, AddsUp) { EXPECT_EQ(checksum({1, 2, 3}), 6); }
TEST(Checksum, WrapsAround) { EXPECT_EQ(checksum({200, 100}), 44); }
END
g++ -std=c++17 -o checksum_test checksum_test.cpp -lgtest_main -lgtest -lpthread
#%% step
./checksum_test
