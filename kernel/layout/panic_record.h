// SPDX-License-Identifier: MIT
// The kernel's last word, at the symbol `panic_record`, for whoever looks at a stopped machine from outside.
#pragma once

#include <cstddef>
#include <cstdint>

namespace layout {

struct PanicRecord {
    static constexpr std::uint64_t kMagic = 0x4349'4e41'5045'4854; ///< "THEPANIC", little endian

    std::uint64_t magic;  ///< kMagic once the record is filled, 0 before
    std::uint64_t vector; ///< exception vector, or kNoVector for a failed assertion
    std::uint64_t error_code, rip, rsp, rflags, cr2, cr3;
    char message[128]; ///< NUL-terminated

    static constexpr std::uint64_t kNoVector = ~std::uint64_t{0};
};
static_assert(offsetof(PanicRecord, message) == 64 && sizeof(PanicRecord) == 192);

/// What the kernel writes to the isa-debug-exit port, and the process exit status QEMU makes of it.
inline constexpr std::uint8_t kExitPowerOff = 0x10; ///< QEMU ends with 33
inline constexpr std::uint8_t kExitPanic = 0x11;    ///< QEMU ends with 35

} // namespace layout
