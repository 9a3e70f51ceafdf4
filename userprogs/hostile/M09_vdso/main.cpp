// SPDX-License-Identifier: MIT
// Hostile (catalogue M09): does to the vDSO, and to the page that it reads, what is not to be done to the kernel's
// pages. expect write_time: killed by SIGSEGV: #PF write expect write_code: killed by SIGSEGV: #PF write expect
// run_time: killed by SIGSEGV: #PF execute expect run_hidden: killed by SIGSEGV: #PF execute expect run_unmapped:
// killed by SIGSEGV: #PF execute expect make_writable: exited with status 0 expect kernel_writes: exited with status 0
// expect replace: exited with status 0
// expect move: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/process.h"
#include "lib/vdso.h"
#include "uapi/time.h"

namespace {

using namespace linux_abi;

constexpr std::uint64_t kPage = 4096, kElsewhere = 0x2000'0000, kMayMove = 1, kMoveTo = 2, kDontNeed = 4;

using Gettime = int (*)(std::int32_t, uapi::TimeSpec*);

std::uint64_t code()
{
    return user::vdso::image();
}
std::uint64_t time_page()
{
    return code() - kPage;
}

/// Asks the vDSO, when it has been moved where it is by now.
bool tells_time(std::uint64_t function)
{
    uapi::TimeSpec said{}, told{};
    const std::int64_t made = user::raw_call(kClockGettime, 1, reinterpret_cast<std::uint64_t>(&said));
    return made == 0 && reinterpret_cast<Gettime>(function)(1, &told) == 0 && told.seconds - said.seconds <= 1 &&
           told.seconds >= said.seconds;
}

std::uint64_t gettime()
{
    return user::vdso::find("__vdso_clock_gettime", "LINUX_2.6");
}
bool tells_time()
{
    return tells_time(gettime());
}

int write(std::uint64_t address)
{
    asm volatile("lock orb $0, (%0)" : : "r"(address) : "memory");
    return user::broke("the kernel's page was written\n");
}

int execute(std::uint64_t address)
{
    reinterpret_cast<void (*)()>(address)();
    return user::broke("it was executed\n");
}

int run_hidden()
{
    const std::uint64_t function = user::vdso::find("__vdso_getcpu", "LINUX_2.6");
    if (user::raw_call(kMprotect, code(), kPage, kProtRead) != 0) {
        return user::broke("the vDSO cannot be made less\n");
    }
    return execute(function);
}

int run_unmapped()
{
    const std::uint64_t function = user::vdso::find("__vdso_getcpu", "LINUX_2.6");
    if (user::raw_call(kMunmap, time_page(), 2 * kPage) != 0) {
        return user::broke("the vDSO cannot be unmapped\n");
    }
    return execute(function);
}

/// The rights that the pages never have, before they have been touched and after that.
bool is_refused()
{
    constexpr std::int64_t kDenied = error(uapi::Error::Eacces);
    for (const std::uint64_t rights : {std::uint64_t{kProtWrite}, kProtRead | kProtWrite, kProtWrite | kProtExec}) {
        if (user::raw_call(kMprotect, time_page(), kPage, rights) != kDenied ||
            user::raw_call(kMprotect, code(), kPage, rights) != kDenied ||
            user::raw_call(kMprotect, time_page(), 2 * kPage, rights) != kDenied) {
            return false;
        }
    }
    return user::raw_call(kMprotect, time_page(), kPage, kProtRead | kProtExec) == kDenied &&
           user::raw_call(kMprotect, time_page(), 2 * kPage, kProtExec) == kDenied;
}

int make_writable()
{
    if (!is_refused() || !tells_time() || !is_refused()) {
        return user::broke("the kernel's page has got a right\n");
    }
    // Less is allowed, and what was there before.
    const bool hidden = user::raw_call(kMprotect, time_page(), 2 * kPage, kProtNone) == 0;
    if (!hidden || !is_refused() || user::raw_call(kMprotect, time_page(), kPage, kProtRead) != 0 ||
        user::raw_call(kMprotect, code(), kPage, kProtRead | kProtExec) != 0) {
        return user::broke("the rights cannot be given back\n");
    }
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::exit(is_refused() && tells_time() ? 0 : 1);
    }
    std::uint32_t status = 1;
    user::wait4(child, &status);
    return status == 0 && tells_time() ? user::kSurvived : user::broke("a child has other rights\n");
}

int kernel_writes()
{
    for (const std::uint64_t address : {time_page(), time_page() + 8, code(), code() + kPage - 8}) {
        for (unsigned touched = 0; touched < 2; ++touched) {
            if (user::raw_call(kGetrandom, address, 8) != kBadAddress ||
                user::raw_call(kClockGettime, 1, address) != kBadAddress ||
                user::raw_call(kUname, address) != kBadAddress) {
                return user::broke("the kernel wrote to its page for a program\n");
            }
            static_cast<void>(*reinterpret_cast<const volatile std::uint8_t*>(address));
        }
    }
    return tells_time() ? user::kSurvived : user::broke("the time has stopped\n");
}

/// Pages of the program's own instead: others still see the kernel's, and so does a child made before.
int replace()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::sleep_milliseconds(20);
        user::exit(tells_time() ? 0 : 1);
    }
    const std::int64_t mapped = user::raw_call(kMmap, time_page(), 2 * kPage, kProtRead | kProtWrite,
                                               kPrivate | kAnonymous | kFixed, ~std::uint64_t{0}, 0);
    auto* const words = reinterpret_cast<volatile std::uint64_t*>(time_page());
    if (mapped != static_cast<std::int64_t>(time_page()) || words[0] != 0) {
        return user::broke("the pages cannot be replaced\n");
    }
    for (unsigned i = 0; i < 2 * kPage / 8; ++i) {
        words[i] = ~std::uint64_t{0};
    }
    std::uint32_t status = 1;
    user::wait4(child, &status);
    if (status != 0) {
        return user::broke("another program sees what was written\n");
    }
    return user::raw_call(kMunmap, time_page(), 2 * kPage) == 0 && user::raw_call(kMunmap, time_page(), 2 * kPage) == 0
               ? user::kSurvived
               : user::broke("the pages cannot be unmapped\n");
}

int move()
{
    constexpr std::uint64_t kFlags = kMayMove | kMoveTo;
    if (!is_error(user::raw_call(kMremap, code(), kPage, 2 * kPage, kMayMove)) ||
        !is_error(user::raw_call(kMremap, time_page(), kPage, 64 * kPage, kFlags, kElsewhere)) ||
        !is_error(user::raw_call(kMremap, time_page(), 0, kPage, kFlags, kElsewhere))) {
        return user::broke("a page of the kernel's has grown\n");
    }
    const std::uint64_t distance = kElsewhere - time_page(), function = gettime() + distance;
    for (const std::uint64_t page : {time_page(), code()}) {
        if (user::raw_call(kMremap, page, kPage, kPage, kFlags, page + distance) !=
            static_cast<std::int64_t>(page + distance)) {
            return user::broke("a page cannot be moved\n");
        }
    }
    user::raw_call(kMadvise, kElsewhere, 2 * kPage, kDontNeed);
    if (!tells_time(function) || user::raw_call(kMprotect, kElsewhere, kPage, kProtRead | kProtWrite) >= 0) {
        return user::broke("it is another page at its new place\n");
    }
    return user::kSurvived;
}

constexpr user::Case kCases[] = {{"make_writable", make_writable},
                                 {"write_time", [] { return write(time_page()); }},
                                 {"write_code", [] { return write(code()); }},
                                 {"run_time", [] { return execute(time_page()); }},
                                 {"run_hidden", run_hidden},
                                 {"run_unmapped", run_unmapped},
                                 {"kernel_writes", kernel_writes},
                                 {"replace", replace},
                                 {"move", move}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
