// SPDX-License-Identifier: MIT
// Makes and ends processes, then threads: `cycles N` as many of each (500).
// Expected: status 0.
#include "lib/check.h"
#include "lib/number.h"
#include "lib/thread.h"

namespace {

using user::check;

void make_process(std::uint64_t cycle)
{
    const bool waits = cycle % 4 == 3;
    const auto status = static_cast<std::uint32_t>(cycle & 0xff);
    const std::int64_t child = user::system_call(waits ? uapi::Syscall::Vfork : uapi::Syscall::Fork);
    if (child == 0) {
        user::exit(static_cast<int>(status));
    }
    std::uint32_t ended = 0;
    check(child > 0, "a process can be made\n");
    check(user::wait4(child, &ended) == child && ended == status << 8, "it ends with its status\n");
}

user::Thread thread;
volatile std::uint64_t work = 0;

void count(void*)
{
    work = work + 1;
    user::exit(0);
}

} // namespace

int main()
{
    const std::uint64_t cycles = user::number_argument(1, 500);
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
        make_process(cycle);
    }
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
        check(thread.start(count, nullptr) > 0, "a thread can be made\n");
        thread.join();
        check(work == cycle + 1, "it has run\n");
    }
    user::print_number(cycles);
    user::print(" processes and as many threads came and went\n");
    return 0;
}
