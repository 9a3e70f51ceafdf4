// SPDX-License-Identifier: MIT
// The families of scenarios, in the order of the log.
#pragma once

namespace conformance {

void run_exceptions();

} // namespace conformance
