// SPDX-License-Identifier: MIT
// What all threads execute in ring 3.
#pragma once

extern "C" void program();
