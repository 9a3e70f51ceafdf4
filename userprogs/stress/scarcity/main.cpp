// SPDX-License-Identifier: MIT
// Asks the kernel for memory in each way that there is, and takes a refusal for an answer, as long as it is the right
// one: ENOMEM, EFAULT where the kernel copies to a page that it has no frame for, SIGKILL for who touches such a page.
// Expected: status 0 when nothing was refused, 12 (ENOMEM) when something was, SIGKILL when the first process itself
// touched what there was no frame for.  Status 1: a refusal was the wrong one, or did something all the same.
#include "lib/check.h"
#include "lib/memory.h"
#include "lib/thread.h"

namespace {

using user::check;
using user::minus;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kReadWrite = uapi::kProtRead | uapi::kProtWrite;
constexpr std::uint64_t kPrivate = uapi::kMapPrivate | uapi::kMapAnonymous;
constexpr int kRefused = static_cast<int>(uapi::Error::Enomem);

bool refused = false;

/// Whether a call that may be refused for want of memory was not.
bool granted(std::int64_t result)
{
    refused = refused || result < 0;
    check(result >= 0 || result == minus(uapi::Error::Enomem), "the refusal is ENOMEM\n");
    return result >= 0;
}

/// The same of a call that copies to or from the caller's memory.
bool granted_with_copy(std::int64_t result)
{
    refused = refused || result == minus(uapi::Error::Efault);
    return result == minus(uapi::Error::Efault) ? false : granted(result);
}

volatile std::uint8_t& byte(std::int64_t address)
{
    return *reinterpret_cast<volatile std::uint8_t*>(address);
}

void touch(std::int64_t begin, std::uint64_t length)
{
    for (std::uint64_t offset = 0; offset < length; offset += kPage) {
        byte(begin + static_cast<std::int64_t>(offset)) = 1;
    }
}

/// Runs `step` in a child, because it may be killed.
template <typename Step> void in_a_child(Step step)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        refused = false;
        step();
        user::exit_group(refused ? kRefused : 0);
    }
    if (!granted(child)) {
        return;
    }
    std::uint32_t status = 0;
    if (!granted_with_copy(user::wait4(child, &status))) {
        return;
    }
    refused = refused || status != 0;
    check(status == 0 || status == kRefused << 8 || status == static_cast<std::uint32_t>(uapi::Signal::Sigkill),
          "the child ended as it should\n");
}

void use_the_heap()
{
    constexpr std::uint64_t kPages = 6;
    const std::uint64_t begin = user::brk(0);
    if (user::brk(begin + kPages * kPage) != begin + kPages * kPage) {
        check(user::brk(0) == begin, "a heap that could not grow is as it was\n");
        refused = true;
        return;
    }
    touch(static_cast<std::int64_t>(begin), kPages * kPage);
    user::brk(begin + kPage);
}

void use_mappings()
{
    constexpr std::uint64_t kPages = 8;
    const std::int64_t area = user::mmap(0, kPages * kPage, kReadWrite, kPrivate);
    if (!granted(area)) {
        return;
    }
    touch(area, kPages * kPage);
    granted(user::mprotect(static_cast<std::uint64_t>(area) + 2 * kPage, kPage, uapi::kProtRead));
    granted(user::munmap(static_cast<std::uint64_t>(area) + 4 * kPage, kPage));
    const std::int64_t moved =
        user::mremap(static_cast<std::uint64_t>(area) + 5 * kPage, 3 * kPage, 700 * kPage, uapi::kMremapMayMove, 0);
    if (granted(moved)) {
        check(byte(moved) == 1, "what has moved is what it was\n");
        touch(moved + 600 * std::int64_t{kPage}, kPage);
        granted(user::madvise(static_cast<std::uint64_t>(moved), kPage, uapi::Advice::DontNeed));
    } else {
        check(byte(area + 5 * std::int64_t{kPage}) == 1, "what could not move is where it was\n");
    }
}

/// Each page an area of its own: the kernel's table of areas grows.
void use_many_areas()
{
    constexpr std::uint64_t kPages = 240;
    const std::int64_t area = user::mmap(0, kPages * kPage, kReadWrite, kPrivate);
    if (!granted(area)) {
        return;
    }
    for (std::uint64_t page = 0; page < kPages; page += 2) {
        if (!granted(user::mprotect(static_cast<std::uint64_t>(area) + page * kPage, kPage, uapi::kProtRead))) {
            return;
        }
    }
}

/// Pages so far apart that each needs tables of its own.
void use_far_pages()
{
    constexpr std::uint64_t kFarApart[] = {0x1000'0000, 0x5000'0000, 0x80'0000'0000, 0x1000'0000'0000};
    for (const std::uint64_t address : kFarApart) {
        const std::int64_t page = user::mmap(address, kPage, kReadWrite, kPrivate | uapi::kMapFixed);
        if (granted(page)) {
            touch(page, kPage);
        }
    }
}

void share_pages()
{
    constexpr std::uint64_t kPages = 4;
    const std::int64_t area = user::mmap(0, kPages * kPage, kReadWrite, uapi::kMapShared | uapi::kMapAnonymous);
    if (!granted(area)) {
        return;
    }
    bool seen = true;
    in_a_child([area] { byte(area + std::int64_t{kPage}) = 7; });
    seen = byte(area + std::int64_t{kPage}) == 7;
    check(seen || refused, "the parent sees what its child has written\n");
}

std::uint8_t untouched[12][kPage];

/// The kernel is the first that touches a page.
void let_the_kernel_touch()
{
    granted_with_copy(
        user::system_call(uapi::Syscall::Getrandom, reinterpret_cast<std::uint64_t>(untouched[1]), 2 * kPage));
    granted_with_copy(user::system_call(uapi::Syscall::ClockGettime, 1, reinterpret_cast<std::uint64_t>(untouched[5])));
    granted_with_copy(user::write(uapi::kStandardOutput, untouched[7], 1));
}

/// Four frames of 4 KiB a level.
unsigned descend(unsigned levels)
{
    volatile std::uint8_t room[3 * kPage];
    room[0] = static_cast<std::uint8_t>(levels);
    return levels == 0 ? room[0] : descend(levels - 1) + room[0];
}

user::Thread threads[3];

void work(void* argument)
{
    touch(reinterpret_cast<std::int64_t>(argument), kPage);
    user::exit(0);
}

void start_threads()
{
    for (unsigned i = 0; i < 3; ++i) {
        if (granted(threads[i].start(work, untouched[8 + i])) && !threads[i].join_within(50)) {
            refused = true; // the kernel could not write the word that says that the thread has ended
        }
    }
}

[[noreturn]] void sleep_and_exit()
{
    user::sleep_milliseconds(3);
    user::exit(0);
}

void kill_a_child()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        sleep_and_exit();
    }
    if (granted(child)) {
        user::kill(child, uapi::Signal::Sigkill);
        granted_with_copy(user::wait4(child, nullptr));
    }
}

void leave_an_orphan()
{
    if (user::fork() == 0) {
        sleep_and_exit();
    }
}

void wait_in_vfork()
{
    const std::int64_t child = user::system_call(uapi::Syscall::Vfork);
    if (child == 0) {
        user::exit(0);
    }
    if (granted(child)) {
        user::wait4(child, nullptr);
    }
}

} // namespace

int main()
{
    in_a_child(use_the_heap);
    in_a_child(use_mappings);
    in_a_child(use_many_areas);
    in_a_child(use_far_pages);
    in_a_child(share_pages);
    in_a_child(let_the_kernel_touch);
    in_a_child([] { descend(8); });
    in_a_child(start_threads);
    in_a_child([] { in_a_child(leave_an_orphan); });
    kill_a_child();
    wait_in_vfork();
    return refused ? kRefused : 0;
}
