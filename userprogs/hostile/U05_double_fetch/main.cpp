// SPDX-License-Identifier: MIT
// Hostile (catalogue U05): a second thread keeps changing what a pointer of a call points to.  What the kernel has
// checked must be what it uses: either answer is right, nothing between them is.
// expect few: exited with status 0
// expect timer: exited with status 0
// expect vector: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/thread.h"

namespace {

constexpr std::int64_t kTooMany = 1'000'000'000; ///< nanoseconds

user::Thread thread;
volatile bool over = false;
uapi::TimeSpec span{0, 0};

void flip(void*)
{
    volatile std::int64_t& nanoseconds = span.nanoseconds;
    while (!over) {
        nanoseconds = kTooMany;
        nanoseconds = 0;
    }
    user::exit(0);
}

/// The length of what is written: nothing, or more than there can be.
uapi::IoVector piece{reinterpret_cast<std::uint64_t>("."), 0};

void flip_length(void*)
{
    volatile std::uint64_t& length = piece.length;
    while (!over) {
        length = ~std::uint64_t{0};
        length = 0;
    }
    user::exit(0);
}

bool is_answer(std::int64_t result)
{
    return result == 0 || result == linux_abi::error(uapi::Error::Einval);
}

int call(unsigned times)
{
    if (thread.start(flip, nullptr) < 0) {
        return user::broke("a thread does not start\n");
    }
    const auto address = reinterpret_cast<std::uint64_t>(&span);
    for (unsigned i = 0; i < times; ++i) {
        // A deadline that is long past, or none at all.
        if (!is_answer(user::system_call(uapi::Syscall::ClockNanosleep,
                                         static_cast<std::uint64_t>(uapi::Clock::Monotonic), uapi::kAbsoluteTime,
                                         address, std::uint64_t{0}))) {
            return user::broke("an answer between the two\n");
        }
    }
    over = true;
    thread.join();
    return user::kSurvived;
}

int vector()
{
    if (thread.start(flip_length, nullptr) < 0) {
        return user::broke("a thread does not start\n");
    }
    for (unsigned i = 0; i < 15'000; ++i) {
        if (!is_answer(user::system_call(uapi::Syscall::Writev, uapi::kStandardOutput,
                                         reinterpret_cast<std::uint64_t>(&piece), 1))) {
            return user::broke("an answer between the two\n");
        }
    }
    over = true;
    thread.join();
    return user::kSurvived;
}

int few()
{
    return call(20);
}

int timer()
{
    return call(15'000);
}

constexpr user::Case kCases[] = {{"few", few}, {"timer", timer}, {"vector", vector}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
