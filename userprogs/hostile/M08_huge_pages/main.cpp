// SPDX-License-Identifier: MIT
// Hostile (catalogue M08): asks for huge pages, for devices, for more than there is, and touches what it is given: no
// entry of a page table may come out malformed, which the kernel takes for its own bug.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

namespace {

using namespace linux_abi;

constexpr std::uint64_t kPage = 4096, kHuge2M = 21ull << 26, kHuge1G = 30ull << 26, kReadWrite = kProtRead | kProtWrite;

struct Request {
    std::uint64_t address, length, flags, file, offset;
};
constexpr std::uint64_t kNoFile = ~std::uint64_t{0}, kAnywhere = kPrivate | kAnonymous;
constexpr Request kRequests[] = {
    {0, 1ull << 21, kAnywhere | kHugeTlb, kNoFile, 0},
    {0, 1ull << 21, kAnywhere | kHugeTlb | kHuge2M, kNoFile, 0},
    {0, 1ull << 30, kAnywhere | kHugeTlb | kHuge1G, kNoFile, 0},
    {0x4000'0000, 1ull << 21, kAnywhere | kFixed, kNoFile, 0},
    {0, 1ull << 30, kAnywhere, kNoFile, 0},
    {0, 1ull << 39, kAnywhere, kNoFile, 0},
    {0, 1ull << 46, kAnywhere, kNoFile, 0},
    {0, kPage, kPrivate, 1, 0},          // the console
    {0, kPage, kShared, 1, 0xfee0'0000}, // the local APIC's registers, were it /dev/mem
    {0, kPage, kShared, kNoFile, 1ull << 51},
};

} // namespace

int main()
{
    for (const Request& request : kRequests) {
        const std::int64_t at = user::raw_call(kMmap, request.address, request.length, kReadWrite, request.flags,
                                               request.file, request.offset);
        if (is_error(at)) {
            continue;
        }
        auto* const bytes = reinterpret_cast<volatile std::uint8_t*>(at);
        bytes[0] = 1;
        bytes[request.length / 2] = 2;
        bytes[request.length - 1] = 3;
        if (bytes[0] != 1 || bytes[request.length / 2] != 2 || bytes[request.length - 1] != 3) {
            return user::broke("what was written is not there\n");
        }
        if (user::raw_call(kMunmap, static_cast<std::uint64_t>(at), request.length) != 0) {
            return user::broke("it cannot be given back\n");
        }
    }
    return user::kSurvived;
}
