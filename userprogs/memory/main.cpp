// SPDX-License-Identifier: MIT
// Uses every memory call but brk as a program does, and looks at each page afterwards.
// Expected: the last line says so, and status 0; the number of the first wrong step otherwise.  The last step writes to
// a page that it may only read: killed by SIGSEGV.
#include "lib/memory.h"
#include "uapi/errno.h"

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kPlace = 0x1000'0000, kOther = 0x2000'0000;
constexpr std::uint64_t kRead = uapi::kProtRead, kReadWrite = uapi::kProtRead | uapi::kProtWrite;
constexpr std::uint64_t kFixed = uapi::kMapPrivate | uapi::kMapAnonymous | uapi::kMapFixed;

volatile char& byte(std::uint64_t address)
{
    return *reinterpret_cast<volatile char*>(address);
}

constexpr std::int64_t minus(uapi::Error error)
{
    return -static_cast<std::int64_t>(error);
}

bool pages_appear_and_keep_what_is_written()
{
    bool good = user::mmap(kPlace, 8 * kPage, kReadWrite, kFixed) == static_cast<std::int64_t>(kPlace);
    for (std::uint64_t i = 0; i < 8; ++i) {
        good = good && byte(kPlace + i * kPage + i) == 0;
        byte(kPlace + i * kPage + i) = static_cast<char>('a' + i);
    }
    for (std::uint64_t i = 0; i < 8; ++i) {
        good = good && byte(kPlace + i * kPage + i) == static_cast<char>('a' + i) && byte(kPlace + i * kPage + 9) == 0;
    }
    return good;
}

bool unmapped_pages_come_back_empty()
{
    const bool gone = user::munmap(kPlace + 2 * kPage, 2 * kPage) == 0;
    const bool refused = user::write(uapi::kStandardOutput, reinterpret_cast<const void*>(kPlace + 2 * kPage), 1) ==
                         minus(uapi::Error::Efault);
    const bool mapped = user::mmap(kPlace + 2 * kPage, 2 * kPage, kReadWrite, kFixed) > 0;
    return gone && refused && mapped && byte(kPlace + 2 * kPage + 2) == 0 && byte(kPlace + kPage + 1) == 'b';
}

bool the_kernel_reads_pages_that_nobody_has_touched()
{
    return user::write(uapi::kStandardError, reinterpret_cast<const void*>(kPlace + 3 * kPage), 0) == 0;
}

bool moved_pages_keep_their_contents()
{
    const std::uint64_t flags = uapi::kMremapMayMove | uapi::kMremapFixed;
    const bool moved =
        user::mremap(kPlace + 4 * kPage, 2 * kPage, 3 * kPage, flags, kOther) == static_cast<std::int64_t>(kOther);
    return moved && byte(kOther + 4) == 'e' && byte(kOther + kPage + 5) == 'f' && byte(kOther + 2 * kPage) == 0;
}

bool discarded_pages_are_fresh()
{
    return user::madvise(kOther, kPage, uapi::Advice::DontNeed) == 0 && byte(kOther + 4) == 0 &&
           byte(kOther + kPage + 5) == 'f';
}

bool what_is_wrong_is_refused()
{
    return user::mmap(0, kPage, kReadWrite, kFixed) == minus(uapi::Error::Eperm) &&
           user::mmap(kPlace + 1, kPage, kReadWrite, kFixed) == minus(uapi::Error::Einval) &&
           user::mmap(kPlace, kPage, kReadWrite | uapi::kProtExec, kFixed) == minus(uapi::Error::Eacces) &&
           user::mprotect(kPlace, kPage, kReadWrite | uapi::kProtExec) == minus(uapi::Error::Eacces) &&
           user::munmap(kPlace, 0) == minus(uapi::Error::Einval) &&
           user::munmap(0xffff'8000'0000'0000, kPage) == minus(uapi::Error::Einval) && byte(kPlace) == 'a';
}

[[gnu::noinline]] bool goes_down(unsigned depth)
{
    volatile char frame[kPage];
    frame[0] = static_cast<char>(depth);
    return (depth == 0 || goes_down(depth - 1)) && frame[0] == static_cast<char>(depth);
}

/// Far beyond the page that the stack begins with.
bool the_stack_grows()
{
    constexpr unsigned kDepth = 300;
    return goes_down(kDepth);
}

} // namespace

int main()
{
    using Step = bool (*)();
    constexpr Step kSteps[] = {pages_appear_and_keep_what_is_written,
                               unmapped_pages_come_back_empty,
                               the_kernel_reads_pages_that_nobody_has_touched,
                               moved_pages_keep_their_contents,
                               discarded_pages_are_fresh,
                               what_is_wrong_is_refused,
                               the_stack_grows};
    int number = 0;
    for (const Step step : kSteps) {
        ++number;
        if (!step()) {
            return number;
        }
    }
    user::mprotect(kPlace, kPage, kRead);
    user::print("every page was as it should be\n");
    byte(kPlace) = 'z';
    return 100;
}
