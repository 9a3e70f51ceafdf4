// SPDX-License-Identifier: MIT
// The word that the compiler puts between a function's arrays and its return address (-fstack-protector-strong), and
// compares before the function returns.
#pragma once

namespace kernel {

/// A new value from base::random, its lowest byte 0 so that no string operation reaches beyond it.  No function that
/// has stored the old value may return afterwards.
void choose_stack_canary();

} // namespace kernel
