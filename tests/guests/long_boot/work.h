// SPDX-License-Identifier: MIT
// What a kernel spends its boot on.  Each returns a number that depends on all that it did.
#pragma once

#include <cstdint>

inline constexpr std::uint64_t kArena = 0x80'0000, kArenaEnd = 0x400'0000; ///< RAM that nothing else uses

std::uint64_t clear_memory();
/// Maps the arena in 4 KiB pages, goes through all of them, and gives the tables back.
std::uint64_t build_page_tables();
std::uint64_t checksum_memory(std::uint64_t seed);
std::uint64_t sort_words(std::uint64_t seed);
std::uint64_t call_functions(unsigned depth);
