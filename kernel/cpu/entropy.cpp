// SPDX-License-Identifier: MIT
#include "cpu/entropy.h"

#include "cpu/registers.h"

namespace kernel {
namespace {

/// RDRAND and RDSEED may have nothing ready; ten attempts are enough for a sound RDRAND.  [SDM 1 "RDRAND"]
constexpr unsigned kAttempts = 10;

std::optional<std::uint64_t> rdrand()
{
    for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
        std::uint64_t value = 0;
        bool ready = false;
        asm volatile("rdrand %0" : "=r"(value), "=@ccc"(ready));
        if (ready) {
            return value;
        }
    }
    return {};
}

std::optional<std::uint64_t> rdseed()
{
    for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
        std::uint64_t value = 0;
        bool ready = false;
        asm volatile("rdseed %0" : "=r"(value), "=@ccc"(ready));
        if (ready) {
            return value;
        }
        asm volatile("pause");
    }
    return {};
}

/// The low bits of how long the same work takes, again and again.
std::uint64_t jitter()
{
    constexpr unsigned kRounds = 256;
    std::uint64_t pool = read_time_stamp();
    for (unsigned round = 0; round < kRounds; ++round) {
        const std::uint64_t begin = read_time_stamp();
        // CPUID waits for everything before it, and leaves to a hypervisor.
        asm volatile("cpuid" : : "a"(0), "c"(0) : "ebx", "edx", "memory");
        pool = (pool << 7 | pool >> 57) ^ (read_time_stamp() - begin);
    }
    return pool;
}

} // namespace

EntropySource seed_random(const CpuFeatures& features, std::optional<std::uint64_t> seed)
{
    std::uint64_t words[base::Random::kKeyWords / 2] = {};
    EntropySource source = EntropySource::TimeStamp;
    if (seed) {
        words[0] = *seed;
        source = EntropySource::Seed;
    } else {
        for (std::uint64_t& word : words) {
            if (const auto seeded = features.rdseed ? rdseed() : std::nullopt) {
                word = *seeded;
                source = EntropySource::Rdseed;
            } else if (const auto drawn = features.rdrand ? rdrand() : std::nullopt) {
                word = *drawn;
                source = source == EntropySource::Rdseed ? source : EntropySource::Rdrand;
            } else {
                word = jitter();
            }
            word ^= read_time_stamp();
        }
    }
    std::uint32_t key[base::Random::kKeyWords];
    __builtin_memcpy(key, words, sizeof key);
    base::random.seed(key);
    return source;
}

} // namespace kernel
