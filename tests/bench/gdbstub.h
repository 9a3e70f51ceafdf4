// SPDX-License-Identifier: MIT
// The usual alternative to stepping in ringcheck: QEMU, stepped by its GDB stub.
#pragma once

#include <optional>

namespace bench {

struct SteppingRate {
    double steps_per_second;                ///< vCont;s alone
    double steps_with_registers_per_second; ///< and all registers read after each
};

/// Steps through the kernel's boot.  nullopt: QEMU is not installed, or its stub does not answer.
std::optional<SteppingRate> step_in_qemu(const char* kernel);

} // namespace bench
