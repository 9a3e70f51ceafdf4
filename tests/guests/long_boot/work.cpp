// SPDX-License-Identifier: MIT
#include "guests/long_boot/work.h"

#include "guests/common/instructions.h"
#include "guests/common/page_entry.h"

extern "C" {
extern PageTable boot_pml4, boot_directory;
}

namespace {

constexpr std::uint64_t kLargePage = 0x20'0000;
constexpr unsigned kFirstLargePage = kArena / kLargePage, kLargePages = kArenaEnd / kLargePage;
constexpr unsigned kTables = kLargePages - kFirstLargePage;

PageTable pml4, pdpt, directory, tables[kTables];
std::uint64_t words[1024];

std::uint64_t address_of(const void* object)
{
    return reinterpret_cast<std::uint64_t>(object);
}

std::uint64_t next_random(std::uint64_t value)
{
    value ^= value << 13;
    value ^= value >> 7;
    return value ^ value << 17;
}

} // namespace

std::uint64_t clear_memory()
{
    constexpr std::uint64_t kBytes = 8 << 20;
    void* at = reinterpret_cast<void*>(kArena);
    std::uint64_t left = kBytes / 8;
    asm volatile("rep stosq" : "+D"(at), "+c"(left) : "a"(0) : "memory");
    return reinterpret_cast<std::uint64_t>(at);
}

std::uint64_t build_page_tables()
{
    constexpr std::uint64_t kTable = kPresent | kWritable | kUser;
    pml4.entries[0] = address_of(&pdpt) | kTable;
    pdpt.entries[0] = address_of(&directory) | kTable;
    for (unsigned i = 0; i < kFirstLargePage; ++i) {
        directory.entries[i] = boot_directory.entries[i];
    }
    std::uint64_t page = kArena;
    for (unsigned i = 0; i < kTables; ++i) {
        directory.entries[kFirstLargePage + i] = address_of(&tables[i]) | kPresent | kWritable;
        for (std::uint64_t& entry : tables[i].entries) {
            entry = page | kPresent | kWritable | kNoExecute;
            page += kPageSize;
        }
    }
    write_cr3(address_of(&pml4));
    std::uint64_t sum = 0;
    for (page = kArena; page != kArenaEnd; page += kPageSize) {
        auto* const word = reinterpret_cast<volatile std::uint64_t*>(page);
        *word = page;
        sum += *word;
    }
    write_cr3(address_of(&boot_pml4));
    return sum;
}

/// [FNV "The FNV-1a hash"]
std::uint64_t checksum_memory(std::uint64_t seed)
{
    constexpr std::uint64_t kBytes = 2 << 20, kPrime = 0x100'0000'01b3;
    const auto* const bytes = reinterpret_cast<const volatile std::uint8_t*>(kArena);
    for (std::uint64_t i = 0; i < kBytes; ++i) {
        seed = (seed ^ bytes[i]) * kPrime;
    }
    return seed;
}

std::uint64_t sort_words(std::uint64_t seed)
{
    constexpr unsigned kWords = sizeof words / sizeof *words;
    for (std::uint64_t& word : words) {
        word = seed = next_random(seed);
    }
    for (unsigned i = 1; i < kWords; ++i) {
        const std::uint64_t word = words[i];
        unsigned place = i;
        for (; place > 0 && words[place - 1] > word; --place) {
            words[place] = words[place - 1];
        }
        words[place] = word;
    }
    return words[kWords / 2];
}

// NOLINTNEXTLINE(misc-no-recursion): the calls are the work.
[[gnu::noinline]] std::uint64_t call_functions(unsigned depth)
{
    return depth < 2 ? depth : call_functions(depth - 1) + call_functions(depth - 2);
}
