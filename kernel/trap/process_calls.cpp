// SPDX-License-Identifier: MIT
#include "trap/process_calls.h"

#include "process/harbor.h"

namespace kernel {

void exit(std::uint64_t status)
{
    harbor.end_current(wait_status_of_exit(status));
}

} // namespace kernel
