// SPDX-License-Identifier: MIT
// Hostile (catalogue U04): buffers that end where memory ends. What can be read is written, then the call stops.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

extern "C" char program_data_end[];

namespace {

/// What fills the page that the program's data ends in; nothing is mapped behind it.
constexpr std::uint64_t kPage = 4096;

} // namespace

int main()
{
    char* const end = program_data_end + (kPage - reinterpret_cast<std::uint64_t>(program_data_end) % kPage);
    const char text[] = "up to the end\n";
    constexpr std::uint64_t kLength = sizeof text - 1;
    __builtin_memcpy(end - kLength, text, kLength);
    if (user::write(1, end - kLength, kLength + 1) != kLength) {
        return user::broke("it was not cut off at the end of memory\n");
    }
    if (user::write(1, end, 1) != linux_abi::kBadAddress) {
        return user::broke("memory goes on behind its end\n");
    }
    return user::write(1, end - kLength, 0) == 0 && user::write(1, end, 0) == 0
               ? user::kSurvived
               : user::broke("nothing was too much to write\n");
}
