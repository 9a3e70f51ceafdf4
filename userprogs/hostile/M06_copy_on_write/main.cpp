// SPDX-License-Identifier: MIT
// Hostile (catalogue M06): pages that parent and child share until one of them writes, the kernel in its name too.
// expect writes: exited with status 0
// expect kernel_writes: exited with status 0
// expect thread: exited with status 0
#include "lib/cases.h"
#include "lib/files.h"
#include "lib/thread.h"

namespace {

constexpr unsigned kWordsOfAPage = 512;
constexpr std::uint64_t kOld = 0x1111, kByParent = 0x2222, kByChild = 0x3333;

/// Who writes to which page.
enum Page : std::uint8_t { kNobodys, kChilds, kParents, kBoths, kPages };

struct alignas(4096) Memory {
    volatile std::uint64_t words[kPages][kWordsOfAPage];

    void fill(unsigned page, std::uint64_t value)
    {
        words[page][0] = value;
        words[page][kWordsOfAPage - 1] = value;
    }
    bool is(unsigned page, std::uint64_t value) const
    {
        return words[page][0] == value && words[page][kWordsOfAPage - 1] == value;
    }
};

Memory memory;

/// Forks; parent and child each write to their pages and then look at all of them.  The child goes first when
/// `child_first`, and has a child of its own that writes to everything.
bool matrix(bool child_first)
{
    for (unsigned page = 0; page < kPages; ++page) {
        memory.fill(page, kOld);
    }
    const std::int64_t child = user::fork();
    if (child == 0) {
        if (!child_first) {
            user::yield();
        }
        memory.fill(kChilds, kByChild);
        memory.fill(kBoths, kByChild);
        const std::int64_t grandchild = user::fork();
        if (grandchild == 0) {
            for (unsigned page = 0; page < kPages; ++page) {
                memory.fill(page, 0);
            }
            user::exit(0);
        }
        std::uint32_t status = 0;
        user::wait4(grandchild, &status);
        const bool well = memory.is(kNobodys, kOld) && memory.is(kChilds, kByChild) && memory.is(kParents, kOld) &&
                          memory.is(kBoths, kByChild);
        user::exit(well ? 0 : 1);
    }
    if (child_first) {
        user::yield();
    }
    memory.fill(kParents, kByParent);
    memory.fill(kBoths, kByParent);
    std::uint32_t status = 1;
    return user::wait4(child, &status) == child && status == 0 && memory.is(kNobodys, kOld) &&
           memory.is(kChilds, kOld) && memory.is(kParents, kByParent) && memory.is(kBoths, kByParent);
}

int writes()
{
    return matrix(false) && matrix(true) ? user::kSurvived : user::broke("a write was seen on the other side\n");
}

/// clock_gettime into the begin of a page, and read(2) into its end.
bool kernel_writes_to(Page page)
{
    const std::int64_t file = user::open("etc/motd");
    auto* const last = const_cast<std::uint64_t*>(&memory.words[page][kWordsOfAPage - 1]);
    const bool read = user::read(file, last, sizeof *last) == sizeof *last && *last != kOld;
    user::close(file);
    return read && user::system_call(uapi::Syscall::ClockGettime, static_cast<std::uint64_t>(uapi::Clock::Monotonic),
                                     reinterpret_cast<std::uint64_t>(&memory.words[page][0])) == 0;
}

/// Calls store into pages that are still shared.
int kernel_writes()
{
    for (unsigned page = 0; page < kPages; ++page) {
        memory.fill(page, kOld);
    }
    const std::int64_t child = user::fork();
    if (child == 0) {
        const bool written = kernel_writes_to(kChilds) && kernel_writes_to(kBoths);
        user::yield();
        user::exit(written && memory.is(kParents, kOld) && memory.is(kNobodys, kOld) ? 0 : 1);
    }
    const bool written = kernel_writes_to(kParents) && kernel_writes_to(kBoths);
    std::uint32_t status = 1;
    const bool child_is_well = user::wait4(child, &status) == child && status == 0;
    return written && child_is_well && memory.is(kChilds, kOld) && memory.is(kNobodys, kOld)
               ? user::kSurvived
               : user::broke("what the kernel wrote was seen on the other side\n");
}

user::Thread thread;
volatile bool forked_well = false;

/// A thread forks while the first one goes on writing: the child has the thread alone, and a memory that stands still.
void fork_in_thread(void*)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        const std::uint64_t seen = memory.words[kParents][0];
        for (unsigned i = 0; i < 3; ++i) {
            user::yield();
        }
        user::exit(memory.words[kParents][0] == seen ? 0 : 1);
    }
    std::uint32_t status = 1;
    forked_well = user::wait4(child, &status) == child && status == 0;
    user::exit(0);
}

int fork_beside_a_writer()
{
    if (thread.start(fork_in_thread, nullptr) < 0) {
        return user::broke("a thread does not start\n");
    }
    for (std::uint64_t i = 0; i < 10; ++i) {
        memory.words[kParents][0] = i;
        user::yield();
    }
    thread.join();
    return forked_well ? user::kSurvived : user::broke("the child's memory was not its own\n");
}

constexpr user::Case kCases[] = {
    {"writes", writes}, {"kernel_writes", kernel_writes}, {"thread", fork_beside_a_writer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
