// SPDX-License-Identifier: MIT
#include "trap/arch_calls.h"

#include "cpu/user_copy.h"
#include "cpu/user_state.h"
#include "layout/address_map.h"
#include "uapi/arch_prctl.h"

namespace kernel {
namespace {

/// WRMSR takes any canonical base, the kernel's addresses too, and faults on others: only user space is a user's.
base::Result<std::uint64_t> set_base(void (*set)(arch::VirtAddr), arch::VirtAddr base)
{
    if (base >= layout::kUserEnd) {
        return base::fail(uapi::Error::Eperm);
    }
    set(base);
    return 0;
}

base::Result<std::uint64_t> get_base(arch::VirtAddr base, arch::VirtAddr to)
{
    TRY(write_user(to, base.value));
    return 0;
}

} // namespace

base::Result<std::uint64_t> arch_prctl(std::uint64_t code, arch::VirtAddr argument)
{
    switch (static_cast<std::uint32_t>(code)) {
    case uapi::kArchSetGs: return set_base(set_user_gs_base, argument);
    case uapi::kArchSetFs: return set_base(set_user_fs_base, argument);
    case uapi::kArchGetFs: return get_base(user_fs_base(), argument);
    case uapi::kArchGetGs: return get_base(user_gs_base(), argument);
    default: return base::fail(uapi::Error::Einval);
    }
}

} // namespace kernel
