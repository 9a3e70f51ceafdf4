// SPDX-License-Identifier: MIT
// Every process makes further ones as fast as it can; `fork_bomb PAGES REFUSALS` has each of them take so many pages
// too (0).  When so many attempts in a row (20) were refused the first one kills the whole group, itself included.
// Expected: killed by SIGKILL.
#include "lib/check.h"
#include "lib/memory.h"
#include "lib/number.h"

namespace {

using user::check;
using user::minus;

constexpr std::uint64_t kPage = 4096;

bool is_refusal(std::int64_t result)
{
    return result == minus(uapi::Error::Eagain) || result == minus(uapi::Error::Enomem);
}

void take(std::uint64_t pages)
{
    const std::int64_t area =
        user::mmap(0, pages * kPage, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous);
    for (std::uint64_t page = 0; area > 0 && page < pages; ++page) {
        *reinterpret_cast<volatile std::uint8_t*>(static_cast<std::uint64_t>(area) + page * kPage) = 1;
    }
}

[[noreturn]] void explode(std::uint64_t pages)
{
    for (;;) {
        const std::int64_t child = user::fork();
        check(child >= 0 || is_refusal(child), "the refusal is EAGAIN or ENOMEM\n");
        if (child == 0) {
            take(pages);
        } else if (child < 0) {
            user::sleep_milliseconds(1);
        }
    }
}

} // namespace

int main()
{
    const std::uint64_t pages = user::number_argument(1, 0);
    if (user::fork() == 0) {
        explode(pages);
    }
    const std::uint64_t enough = user::number_argument(2, 20);
    for (std::uint64_t refusals = 0; refusals < enough; ++refusals) {
        user::sleep_milliseconds(5);
        const std::int64_t child = user::fork();
        if (child == 0) {
            user::exit(0);
        }
        if (child > 0) {
            user::wait4(child, nullptr);
            refusals = 0;
        }
    }
    user::print("no further process can be made\n");
    user::kill(0, uapi::Signal::Sigkill);
    return 1;
}
