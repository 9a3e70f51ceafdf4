// SPDX-License-Identifier: MIT
#include "cpu/user_string.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "layout/address_map.h"

namespace kernel {

base::Result<base::StringView> read_user_string(base::Span<char> buffer, arch::VirtAddr from)
{
    if (!in_user_space(from, 1)) {
        return base::fail(uapi::Error::Efault);
    }
    // It may end right below the end of user space: no byte beyond is asked for.
    const std::uint64_t most = base::min<std::uint64_t>(buffer.size(), layout::kUserEnd - from);
    const std::uint64_t copied = copy_from_user({reinterpret_cast<std::uint8_t*>(buffer.data()), most}, from);
    const base::StringView bytes(buffer.data(), copied);
    const base::StringView text = bytes.before('\0');
    if (text.size() == bytes.size()) {
        return base::fail(copied == buffer.size() ? uapi::Error::Enametoolong : uapi::Error::Efault);
    }
    return text;
}

} // namespace kernel
