// SPDX-License-Identifier: MIT
#include "eldarin/wards.h"

#include "arch/control_registers.h"
#include "arch/rflags.h"
#include "cpu/registers.h"

namespace kernel {

void print_wards(base::Writer& out, const CpuFeatures& features)
{
    using base::left;
    const auto row = [&out](base::StringView name, bool supported, bool on, base::StringView meaning) {
        base::print(out, left(name, 6), left(supported ? "yes" : "no", 10), left(on ? "on" : "off", 5), meaning, "\n");
    };
    const std::uint64_t cr0 = read_cr0();
    const std::uint64_t cr4 = read_cr4();
    const std::uint64_t efer = read_msr(arch::Msr::IA32_EFER);
    base::print(out, "WARD  SUPPORTED STATE\n");
    row("WP", true, (cr0 & arch::cr0::kWriteProtect) != 0, "the kernel cannot write read-only pages");
    row("NX", true, (efer & arch::efer::kNoExecuteEnable) != 0, "data pages cannot be executed");
    row("SMEP", features.smep, (cr4 & arch::cr4::kSmep) != 0, "the kernel cannot execute user pages");
    row("SMAP", features.smap, (cr4 & arch::cr4::kSmap) != 0, "the kernel cannot touch user pages by accident");
    row("UMIP", features.umip, (cr4 & arch::cr4::kUserModeInstructionPrevention) != 0,
        "ring 3 cannot read the tables' addresses");
}

} // namespace kernel
