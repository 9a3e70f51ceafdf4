// SPDX-License-Identifier: MIT
// Limits of a process (setrlimit): children have them, a new program keeps them, and what goes beyond ends as it
// should.  Everything is checked; what is written is the same every time.
#include "lib/arguments.h"
#include "lib/check.h"
#include "lib/files.h"
#include "uapi/system.h"

namespace {

using namespace user;
using uapi::Resource;

constexpr std::uint64_t kDescriptors = 7, kStack = 64 * 1024;

std::int64_t set_limit(Resource resource, std::uint64_t soft)
{
    uapi::ResourceLimit limit{};
    const auto number = static_cast<std::uint64_t>(resource);
    system_call(uapi::Syscall::Getrlimit, number, reinterpret_cast<std::uint64_t>(&limit));
    limit.soft = soft;
    return system_call(uapi::Syscall::Setrlimit, number, reinterpret_cast<std::uint64_t>(&limit));
}

std::uint64_t soft_limit(Resource resource)
{
    uapi::ResourceLimit limit{};
    system_call(uapi::Syscall::Getrlimit, static_cast<std::uint64_t>(resource),
                reinterpret_cast<std::uint64_t>(&limit));
    return limit.soft;
}

/// How a child ends that does `what`.
std::uint32_t status_of(void (*what)())
{
    const std::int64_t child = fork();
    if (child == 0) {
        what();
        exit_group(1);
    }
    std::uint32_t status = 0;
    check(wait4(child, &status) == child, "a child ends\n");
    return status;
}

void execute_itself()
{
    check(soft_limit(Resource::Files) == kDescriptors, "a child has its parent's limits\n");
    const char* const words[] = {"limits", "after", nullptr};
    system_call(uapi::Syscall::Execve, reinterpret_cast<std::uint64_t>("/limits"),
                reinterpret_cast<std::uint64_t>(words), reinterpret_cast<std::uint64_t>(words + 2));
}

void write_too_much()
{
    const std::int64_t file = open("/file", uapi::open_flag::kWriteOnly | uapi::open_flag::kCreate);
    check(set_limit(Resource::FileSize, 4) == 0 && write(static_cast<std::uint64_t>(file), "12345678", 8) == 4,
          "a file grows to its limit\n");
    write(static_cast<std::uint64_t>(file), "5", 1);
}

/// @return the sum of what each of its frames holds; not a loop, because each frame is looked at behind the call
[[gnu::noinline]] std::uint64_t fill_stack(std::uint64_t depth)
{
    volatile std::uint8_t frame[1024];
    const std::uint64_t place = depth % sizeof frame; // not known when this is compiled: all of it is needed
    frame[place] = static_cast<std::uint8_t>(depth);
    return depth == 0 ? 0 : fill_stack(depth - 1) + frame[place];
}

void run_off_the_stack()
{
    check(fill_stack(2 * kStack / 1024) > 0, "a stack is larger than that at first\n");
    exit_group(0);
}

void run_off_a_small_stack()
{
    set_limit(Resource::Stack, kStack);
    run_off_the_stack();
}

void take_too_much()
{
    const auto end = static_cast<std::uint64_t>(system_call(uapi::Syscall::Brk, 0));
    set_limit(Resource::AddressSpace, 4096); // less than there is
    check(system_call(uapi::Syscall::Brk, end + 4096) == static_cast<std::int64_t>(end), "the heap does not grow\n");
    exit_group(0);
}

void have_a_child()
{
    set_limit(Resource::Processes, 1);
    check(fork() == minus(uapi::Error::Eagain), "no more processes\n");
    exit_group(0);
}

constexpr std::uint32_t killed_by(uapi::Signal signal)
{
    return static_cast<std::uint32_t>(signal);
}

} // namespace

int main()
{
    if (equal(arguments[1], "after")) {
        check(soft_limit(Resource::Files) == kDescriptors, "a new program has the old one's limits\n");
        return 5;
    }
    check(set_limit(Resource::Files, kDescriptors) == 0, "a limit can be set\n");
    check(status_of(execute_itself) == 5 << 8, "the new program was content\n");
    check(status_of(write_too_much) == killed_by(uapi::Signal::Sigxfsz), "beyond the largest file is SIGXFSZ\n");
    check(status_of(run_off_the_stack) == 0, "that much stack there is\n");
    check(status_of(run_off_a_small_stack) == killed_by(uapi::Signal::Sigsegv), "beyond the stack is SIGSEGV\n");
    check(status_of(take_too_much) == 0, "a child was content\n");
    check(status_of(have_a_child) == 0, "another child was content\n");
    print("every limit was kept\n");
    return 0;
}
