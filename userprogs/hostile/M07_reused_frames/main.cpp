// SPDX-License-Identifier: MIT
// Hostile (catalogue M07): frames and page tables that go from one address space to the next at once.  What a CPU still
// remembers of the old one must not show the new owner's memory, nor let the old one's marks through.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/memory.h"
#include "lib/process.h"

namespace {

constexpr unsigned kRounds = 5;
constexpr std::uint64_t kPages = 12, kPage = 4096, kMark = 0x5ec2'e75e'c2e7'5ec2;
constexpr std::uint64_t kReadWrite = uapi::kProtRead | uapi::kProtWrite;
constexpr std::uint64_t kPrivate = uapi::kMapPrivate | uapi::kMapAnonymous;

/// @return nullptr: there is no memory
volatile std::uint64_t* map()
{
    const std::int64_t at = user::mmap(0, kPages * kPage, kReadWrite, kPrivate);
    return at < 0 ? nullptr : reinterpret_cast<volatile std::uint64_t*>(at);
}

void fill(volatile std::uint64_t* memory, std::uint64_t value)
{
    for (std::uint64_t page = 0; page < kPages; ++page) {
        memory[page * (kPage / 8)] = value + page;
    }
}

bool holds(const volatile std::uint64_t* memory, std::uint64_t value, std::uint64_t step)
{
    for (std::uint64_t page = 0; page < kPages; ++page) {
        if (memory[page * (kPage / 8)] != value + page * step) {
            return false;
        }
    }
    return true;
}

/// Fills pages and ends, so that its frames are the next to be taken.
void leave_marks()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        volatile std::uint64_t* const own = map();
        if (own != nullptr) {
            fill(own, kMark);
        }
        user::exit(0);
    }
    std::uint32_t status = 0;
    user::wait4(child, &status);
}

} // namespace

int main()
{
    for (std::uint64_t round = 0; round < kRounds; ++round) {
        leave_marks();
        volatile std::uint64_t* const memory = map();
        if (memory == nullptr || !holds(memory, 0, 0)) {
            return user::broke("new pages are not empty\n");
        }
        fill(memory, round);
        leave_marks();
        if (!holds(memory, round, 1)) {
            return user::broke("another process wrote to these pages\n");
        }
        const auto address = reinterpret_cast<std::uint64_t>(memory);
        if (user::munmap(address, kPages * kPage) != 0 ||
            user::mmap(address, kPages * kPage, kReadWrite, kPrivate | uapi::kMapFixed) < 0 || !holds(memory, 0, 0)) {
            return user::broke("pages that were given back are not empty\n");
        }
        user::munmap(address, kPages * kPage);
    }
    return user::kSurvived;
}
