// SPDX-License-Identifier: MIT
// Makes threads until there can be no more, in `thread_bomb N` processes at once (3), each of which then ends with all
// its threads.
// Expected: status 0.
#include "lib/check.h"
#include "lib/memory.h"
#include "lib/number.h"
#include "lib/thread.h"

namespace {

using user::check;
using user::minus;

constexpr std::uint64_t kPage = 4096;
constexpr int kStatus = 7;

void wait_for_ever(void*)
{
    const std::uint32_t word = 0;
    for (;;) {
        user::system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&word), uapi::futex::kWait, word,
                          std::uint64_t{0});
    }
}

/// A thread is an object with its stack in it.
user::Thread* new_thread()
{
    constexpr std::uint64_t kSize = (sizeof(user::Thread) + kPage - 1) / kPage * kPage;
    const std::int64_t area =
        user::mmap(0, kSize, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous);
    return area > 0 ? reinterpret_cast<user::Thread*>(area) : nullptr;
}

[[noreturn]] void explode()
{
    constexpr unsigned kRefusals = 20;
    for (unsigned refusals = 0; refusals < kRefusals;) {
        user::Thread* const thread = new_thread();
        const std::int64_t number =
            thread != nullptr ? thread->start(wait_for_ever, nullptr) : minus(uapi::Error::Enomem);
        check(number > 0 || number == minus(uapi::Error::Eagain) || number == minus(uapi::Error::Enomem),
              "the refusal is EAGAIN or ENOMEM\n");
        if (number < 0) {
            ++refusals;
            user::sleep_milliseconds(1);
        }
    }
    user::exit_group(kStatus);
}

} // namespace

int main()
{
    const std::uint64_t processes = user::number_argument(1, 3);
    for (std::uint64_t i = 0; i < processes; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            explode();
        }
        check(child > 0, "a process can be made\n");
    }
    for (std::uint64_t i = 0; i < processes; ++i) {
        std::uint32_t status = 0;
        check(user::wait4(-1, &status) > 0 && status == kStatus << 8, "it ends with all its threads\n");
    }
    user::print("no further thread could be made\n");
    return 0;
}
