// SPDX-License-Identifier: GPL-2.0-or-later
// Many jobs in several processes.  Each is a copy of this one, so that whatever was prepared is there already, and
// what the jobs print comes out in their order, as if one process had done them one after the other.
#pragma once

#include "cli/diagnostic.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ringcheck::cli {

/// How many processes can run at the same time, at least 1.
unsigned processor_count();

/// Does job(0) to job(count - 1).  With one worker, or for one job, in this process: an end of it is then the end of
/// all.  No other thread may run.
/// @param job   prints by print_out() and print_error() alone
/// @param lost  is asked, in this process and in the order of the jobs, about each whose process came to an end before
///              the job did: "was killed by signal 11 (Segmentation fault)"
/// @return the status of each job
std::vector<Status> do_in_processes(unsigned workers, std::size_t count, const std::function<Status(std::size_t)>& job,
                                    const std::function<Status(std::size_t, const std::string& how)>& lost);

} // namespace ringcheck::cli
