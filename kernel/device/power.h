// SPDX-License-Identifier: MIT
// The three ways in which the machine ends.
#pragma once

namespace kernel::power {

[[noreturn]] void off();
[[noreturn]] void reboot();
/// Ends the emulator, where one listens, with the status that means "panic"; otherwise halts.
[[noreturn]] void stop_after_panic();

} // namespace kernel::power
