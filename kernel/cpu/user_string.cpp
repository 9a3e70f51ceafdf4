// SPDX-License-Identifier: MIT
#include "cpu/user_string.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "layout/address_map.h"

namespace kernel {
namespace {

/// Bytes are copied up to the next multiple of this: then nothing behind the string's last page is asked for.
constexpr std::uint64_t kStep = 64;

/// The place of the first NUL among `count` characters; `count` when there is none.
std::size_t find_nul(const char* characters, std::size_t count)
{
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101, kHighs = 0x8080'8080'8080'8080;
    std::size_t i = 0;
    for (; i + sizeof(std::uint64_t) <= count; i += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        __builtin_memcpy(&word, characters + i, sizeof word);
        if (const std::uint64_t zeros = (word - kOnes) & ~word & kHighs; zeros != 0) { // the lowest is exact
            return i + static_cast<unsigned>(__builtin_ctzll(zeros)) / 8;
        }
    }
    while (i < count && characters[i] != '\0') {
        ++i;
    }
    return i;
}

} // namespace

base::Result<base::StringView> read_user_string(base::Span<char> buffer, arch::VirtAddr from)
{
    if (!in_user_space(from, 1)) {
        return base::fail(uapi::Error::Efault);
    }
    std::size_t length = 0;
    while (length < buffer.size()) {
        // It may end right below the end of user space: no byte beyond is asked for.
        const arch::VirtAddr at = from + length;
        const std::uint64_t step = base::min<std::uint64_t>(
            base::min<std::uint64_t>(buffer.size() - length, kStep - at.value % kStep), layout::kUserEnd - at);
        const std::uint64_t copied =
            copy_from_user({reinterpret_cast<std::uint8_t*>(buffer.data() + length), step}, at);
        const std::size_t end = find_nul(buffer.data() + length, copied);
        length += end;
        if (end < copied) {
            return base::StringView(buffer.data(), length);
        }
        if (copied < step || copied == 0) {
            return base::fail(uapi::Error::Efault);
        }
    }
    return base::fail(uapi::Error::Enametoolong);
}

} // namespace kernel
