// SPDX-License-Identifier: MIT
// Hostile (catalogue M05): ranges that wrap, leave user space or are longer than there is, for every call that takes
// one.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

namespace {

using namespace linux_abi;

struct Range {
    std::uint64_t address, size;
};
constexpr Range kRanges[] = {
    {0x10'0000, ~std::uint64_t{0}},       {0x10'0000, ~std::uint64_t{0} << 12},
    {hostile::kLastUserPage, 0x1000},     {hostile::kLastUserPage - 0x1000, 0x3000},
    {hostile::kNonCanonical, 0x1000},     {hostile::kNonCanonical - 0x1000, 0x2000},
    {hostile::kPhysicalMap, 0x1000},      {hostile::kKernelImage, 0x1000},
    {hostile::kLastByte - 0xfff, 0x1000}, {hostile::kLastByte - 0xfff, 0x2000},
    {0x7000'0000'0000, 0x1000'0000'0000}, {0x4000'0000'0000, 0xffff'c000'0000'0000},
};

constexpr std::uint64_t kNobody = ~std::uint64_t{0}, kBoth = kProtRead | kProtWrite;

} // namespace

int main()
{
    unsigned known = 0;
    for (const auto& [address, size] : kRanges) {
        const std::int64_t results[] = {
            user::raw_call(kMmap, address, size, kBoth, kPrivate | kAnonymous | kFixed, kNobody, 0),
            user::raw_call(kMunmap, address, size),
            user::raw_call(kMprotect, address, size, kProtRead),
            user::raw_call(kMremap, address, 0x1000, size, 1, 0),
            user::raw_call(kMadvise, address, size, 4),
        };
        for (const std::int64_t result : results) {
            known += result != kNoSuchCall;
            if (!is_error(result)) {
                return user::broke("an impossible range was taken\n");
            }
        }
    }
    // Too much at any address.
    for (const std::uint64_t size :
         {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 47, std::uint64_t{1} << 63}) {
        if (!is_error(user::raw_call(kMmap, 0, size, kBoth, kPrivate | kAnonymous, kNobody, 0))) {
            return user::broke("an impossible size was mapped\n");
        }
    }
    // brk answers with where the break is.
    const std::int64_t start = user::raw_call(kBrk, 0);
    for (const auto& [address, size] : kRanges) {
        if (user::raw_call(kBrk, address) != start && address >= hostile::kLastUserPage) {
            return user::broke("an impossible break was taken\n");
        }
    }
    return known != 0 ? user::kSurvived : user::not_here("needs mmap\n");
}
