// SPDX-License-Identifier: MIT
// What the two tasks execute in ring 3.
#pragma once

extern "C" {
void alpha();
void beta();
}
