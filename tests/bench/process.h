// SPDX-License-Identifier: MIT
// Programs as a person starts them.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bench {

/// Starts `arguments[0]`, looked up in PATH, with its output thrown away.  @return its process; nullopt: no such
/// program
std::optional<pid_t> start(const std::vector<std::string>& arguments);

/// Runs it to its end.  @return seconds of CPU time, its start included; nullopt when it cannot be started or does not
/// end with 0
std::optional<double> time_of(const std::vector<std::string>& arguments);

/// The fastest of `rounds` runs: what it costs when nobody disturbs it.
std::optional<double> best_time_of(const std::vector<std::string>& arguments, unsigned rounds);

} // namespace bench
