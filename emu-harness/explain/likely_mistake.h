// SPDX-License-Identifier: GPL-2.0-or-later
// From a reason and its circumstances to the mistake that most often makes it, in one sentence.
#pragma once

#include "explain/circumstances.h"

#include <string>
#include <string_view>

namespace ringcheck {

/// "" when nothing sensible can be said.  What it says of the machine is true; that it is the cause is a guess.
std::string likely_mistake(const Circumstances& circumstances);

/// The parts of it, by what was refused.
std::string page_fault_mistake(const Circumstances& circumstances);
std::string iret_mistake(const Circumstances& circumstances, std::string_view reason_id);
std::string delivery_mistake(const Circumstances& circumstances, std::string_view reason_id);
/// A return to ring 3 whose first instruction cannot be fetched.
std::string entry_mistake(const Circumstances& circumstances);
/// An access relative to GS, or "".
std::string gs_mistake(const Circumstances& circumstances);
/// The fault is one of the first instruction after a return to ring 3.
bool just_returned(const Circumstances& circumstances);
/// "the guard page of kernel stack 2", or "".
std::string stack_region(const Circumstances& circumstances, std::uint64_t address);

} // namespace ringcheck
