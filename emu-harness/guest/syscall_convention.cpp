// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/syscall_convention.h"

#include <algorithm>

namespace ringcheck {

const SyscallDescription* SyscallConvention::find(std::uint64_t wanted) const
{
    const auto found = std::ranges::find(calls, wanted, &SyscallDescription::number);
    return found == calls.end() ? nullptr : &*found;
}

const SyscallDescription* SyscallConvention::find(const std::string& name) const
{
    const auto found = std::ranges::find(calls, name, &SyscallDescription::name);
    return found == calls.end() ? nullptr : &*found;
}

bool SyscallConvention::may_change(model::Gpr reg) const
{
    return reg == result || std::ranges::find(changes, reg) != changes.end();
}

} // namespace ringcheck
