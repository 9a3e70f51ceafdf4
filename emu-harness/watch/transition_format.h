// SPDX-License-Identifier: GPL-2.0-or-later
// Prints log rows: an aligned table for people, one JSON object a line for machines.
#pragma once

#include "watch/symbols.h"
#include "watch/transition_log.h"

#include <span>
#include <string>

namespace ringcheck {

/// The value of "schema" in each JSON line; it changes when a field changes its meaning or goes away.
inline constexpr const char* kJsonSchema = "ringcheck/1";

/// A header line and one line a row, columns as wide as their widest cell:
///   count     instructions retired before it            kind   the manual's word, or "exit"
///   ring      CPL before and after                      rip    symbol before and after
///   stack     RSP before and after                      cr3    before and after
///   gs        "user" or "kernel", and the GS base       event  vector, error code, CR2; exit status
/// A cell whose two sides are equal shows one.  Up to four rows that come again and again but for their counts are
/// shown once, with the number of repetitions.
std::string format_table(std::span<const LogRow> rows, const Symbols& symbols);

/// {"schema":"ringcheck/1","type":"transition","count":...} or {"schema":1,"type":"exit",...}, without a line end.
/// Addresses are strings, since JSON's numbers do not hold 64 bits.
std::string format_json(const LogRow& row, const Symbols& symbols);

/// "#PF error 0x5 cr2 KERNEL_BASE", "vector 32", "" when the row is not an event.
std::string describe_event(const LogRow& row, const Symbols& symbols);

/// "status 0" or "killed by SIGSEGV".  @param wait_status  as wait(2) encodes it
std::string describe_exit(std::uint64_t wait_status, const GuestDescription& guest);

} // namespace ringcheck
