// SPDX-License-Identifier: MIT
// Hostile (catalogue U02): sizes with which an address wraps or leaves user space by one byte.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

namespace {

struct Range {
    std::uint64_t address, size;
};

/// Memory of the program's own, more of it than a trace shows.
char own_memory[1024] = "readable";

const Range kRanges[] = {
    {hostile::kNonCanonical - 1, 2},
    {hostile::kLastUserPage - 1, 2},
    {reinterpret_cast<std::uint64_t>(own_memory), ~std::uint64_t{0}},
    {reinterpret_cast<std::uint64_t>(own_memory), std::uint64_t{1} << 63},
    {reinterpret_cast<std::uint64_t>(own_memory), hostile::kNonCanonical},
    {hostile::kLastByte, 1},
    {hostile::kLastByte, 2},
    {hostile::kLastByte, ~std::uint64_t{0}},
    {hostile::kPhysicalMap - 8, 16},
    {0, ~std::uint64_t{0}},
};

} // namespace

int main()
{
    for (const auto& [address, size] : kRanges) {
        const std::int64_t result = user::write(1, reinterpret_cast<const void*>(address), size);
        if (result != linux_abi::kBadAddress && result != linux_abi::error(uapi::Error::Einval)) {
            return user::broke("a range that leaves user space was taken\n");
        }
    }
    return user::kSurvived;
}
