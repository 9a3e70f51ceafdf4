// SPDX-License-Identifier: MIT
// Hostile (catalogue L05): looks for what others left in the memory that it was given: behind its data, and all of its
// stack below and above what the kernel put there.
// expect: exited with status 0
#include "lib/cases.h"

#include <cstddef>

extern "C" const std::uint8_t program_data_end[];

namespace {

constexpr std::uint64_t kPage = 4096;
alignas(16) std::uint8_t bss[3 * kPage + 5];
std::uint64_t data = 1; ///< so that there is a page with both

bool all_zero(const std::uint8_t* begin, const std::uint8_t* end)
{
    for (; begin < end; ++begin) {
        if (*begin != 0) {
            return false;
        }
    }
    return true;
}

} // namespace

int main()
{
    if (!all_zero(bss, bss + sizeof bss)) {
        return user::broke(".bss is not zero\n");
    }
    // The tail of the last page belongs to nobody.
    const auto data_page = (reinterpret_cast<std::uint64_t>(&data) | (kPage - 1)) + 1;
    const auto bss_page = (reinterpret_cast<std::uint64_t>(bss + sizeof bss) | (kPage - 1)) + 1;
    const auto tail = bss_page > data_page ? bss_page : data_page;
    if (!all_zero(program_data_end, reinterpret_cast<const std::uint8_t*>(tail))) {
        return user::broke("the tail of the last page is not zero\n");
    }
    // Four pages of stack that nothing has touched yet: the frames of main and its callers are above.
    constexpr std::uint64_t kUsed = 1024;
    const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
    const auto* const untouched = reinterpret_cast<const std::uint8_t*>(here - kUsed);
    return all_zero(untouched - 4 * kPage, untouched) ? user::kSurvived : user::broke("the stack is not zero\n");
}
