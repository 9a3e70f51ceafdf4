// SPDX-License-Identifier: MIT
#include "mm/user_memory.h"

#include "layout/address_map.h"

namespace kernel {

using arch::VirtAddr;

base::Result<UserMemory> UserMemory::create(FrameAllocator& frames, arch::PhysAddr kernel_root)
{
    return UserMemory(TRY(AddressSpace::create(frames, kernel_root)));
}

FaultResult UserMemory::handle_fault(VirtAddr address, Access access)
{
    if (address < layout::kUserBegin || address >= layout::kUserEnd) {
        return FaultResult::NotMapped;
    }
    access.user = true;
    const auto translation = space_.walk(address, access);
    if (translation) {
        return FaultResult::Handled; // the tables were changed since the CPU read them
    }
    return translation.error() == WalkError::NotPresent ? FaultResult::NotMapped : FaultResult::NotAllowed;
}

base::Result<UserMemory> UserMemory::fork()
{
    return UserMemory(TRY(space_.copy()));
}

} // namespace kernel
