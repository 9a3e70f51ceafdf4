// SPDX-License-Identifier: GPL-2.0-or-later
// Which manual decides where the two differ.
#pragma once

#include <cstdint>

namespace ringcheck::model {

enum class Vendor : std::uint8_t { Intel, Amd };

} // namespace ringcheck::model
