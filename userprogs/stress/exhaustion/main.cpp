// SPDX-License-Identifier: MIT
// Takes all memory that there is, in each way, `exhaustion N` times (1): the taker is killed, or refused, and everybody
// else goes on.
// Expected: status 0.
#include "lib/check.h"
#include "lib/memory.h"
#include "lib/number.h"

namespace {

using user::check;
using user::minus;

constexpr std::uint64_t kPage = 4096, kReadWrite = uapi::kProtRead | uapi::kProtWrite;
constexpr auto kKilled = static_cast<std::uint32_t>(uapi::Signal::Sigkill);
constexpr int kRefused = static_cast<int>(uapi::Error::Enomem);

void touch(std::uint64_t begin, std::uint64_t pages)
{
    for (std::uint64_t page = 0; page < pages; ++page) {
        *reinterpret_cast<volatile std::uint8_t*>(begin + page * kPage) = 1;
    }
}

std::int64_t map(std::uint64_t pages, std::uint64_t type)
{
    return user::mmap(0, pages * kPage, kReadWrite, uapi::kMapAnonymous | type);
}

/// Only the first write takes a page, so the writer is killed.
[[noreturn]] void take_private_pages()
{
    constexpr std::uint64_t kAtOnce = 512;
    for (;;) {
        const std::int64_t area = map(kAtOnce, uapi::kMapPrivate);
        check(area > 0, "pages can be promised\n");
        touch(static_cast<std::uint64_t>(area), kAtOnce);
    }
}

[[noreturn]] void take_heap()
{
    constexpr std::uint64_t kAtOnce = 64;
    for (std::uint64_t end = user::brk(0);; end += kAtOnce * kPage) {
        check(user::brk(end + kAtOnce * kPage) == end + kAtOnce * kPage, "the heap can be promised\n");
        touch(end, kAtOnce);
    }
}

/// Shared pages are there from the beginning, so the call is refused; the last ones go one by one.
[[noreturn]] void take_shared_pages()
{
    constexpr std::uint64_t kMost = 256;
    for (std::uint64_t pages = kMost; pages != 0;) {
        const std::int64_t area = map(pages, uapi::kMapShared);
        check(area > 0 || area == minus(uapi::Error::Enomem), "the refusal is ENOMEM\n");
        pages = area > 0 ? pages : pages / 2;
    }
    user::exit(kRefused);
}

void run(void (*taker)(), std::uint32_t expected)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        taker();
    }
    std::uint32_t status = 0;
    check(child > 0 && user::wait4(child, &status) == child, "the taker ends\n");
    check(status == expected, "it ends as it should\n");
    constexpr std::uint64_t kSome = 100;
    const std::int64_t area = map(kSome, uapi::kMapPrivate);
    check(area > 0, "there are pages again\n");
    touch(static_cast<std::uint64_t>(area), kSome);
    check(user::munmap(static_cast<std::uint64_t>(area), kSome * kPage) == 0, "they can be given back\n");
}

} // namespace

int main()
{
    const std::uint64_t rounds = user::number_argument(1, 1);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        run(take_private_pages, kKilled);
        run(take_heap, kKilled);
        run(take_shared_pages, kRefused << 8);
    }
    user::print("memory was gone and came back\n");
    return 0;
}
